/// e to the power of four numbers that are not positive, to a relative error of 3 · 10⁻⁷; zero below −87.
///
/// Splits x into n · ln 2 + r with |r| ≤ ln 2 / 2, sums the Taylor series of eʳ, and puts n into the exponent.
@inline(__always) package func exponentials(_ x: SIMD4<Float>) -> SIMD4<Float> {
    let isTiny = x .< -87
    let bounded = x.replacing(with: -87, where: isTiny)
    // Adding 1.5 · 2²³ rounds to a whole number, which then stands in the last bits.
    let magic: Float = 12_582_912
    let inverseOfLn2: Float = 1.442_695_04
    let shifted = bounded * inverseOfLn2 + magic
    let n = shifted - magic
    // ln 2 in two parts, the first short enough for n times it to be exact.
    let (ln2, rest): (Float, Float) = (0.693_359_375, -2.121_944_4e-4)
    let r = bounded - n * ln2 - n * rest
    var series = r * Float(1.0 / 720) + Float(1.0 / 120)
    series = series * r + Float(1.0 / 24)
    series = series * r + Float(1.0 / 6)
    series = series * r + Float(0.5)
    series = series * r + Float(1)
    series = series * r + Float(1)
    let exponent = (unsafeBitCast(shifted, to: SIMD4<Int32>.self) &- (Int32(bitPattern: magic.bitPattern) - 127)) &<< 23
    return (series * unsafeBitCast(exponent, to: SIMD4<Float>.self)).replacing(with: 0, where: isTiny)
}
