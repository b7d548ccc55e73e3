import MedicalImaging

/// The proportions of one procedural patient, drawn once; positions are RAS mm with the first lumbar vertebra at the origin.
struct BodyPlan {
    static let lower = SIMD3<Double>(-165, -110, -300)
    static let upper = SIMD3<Double>(165, 150, 235)

    /// The inside of the trunk: an elliptic cylinder.
    var cavityCentre: SIMD2<Float>
    var cavityRadii: SIMD2<Float>
    /// Height of the right and left dome of the diaphragm.
    var domes: (right: Float, left: Float)
    /// Relative sizes.
    var liver: Float
    var spleen: Float
    var kidney: Float
    var stomach: Float
    var gallbladder: Float
    var pancreas: Float
    /// Random stream for the details.
    var random: RandomStream
    /// Scale of all random differences; 0 gives the average patient.
    let variation: Double

    init(variation: Double, random: RandomStream) {
        var random = random
        func draw(_ mean: Double, _ spread: Double) -> Float { Float(mean + variation * random.normal(0, spread)) }
        cavityCentre = SIMD2(0, draw(24, 4))
        cavityRadii = SIMD2(draw(137, 6), draw(88, 7))
        domes = (draw(104, 9), draw(92, 9))
        liver = draw(1, 0.09)
        spleen = draw(1, 0.14)
        kidney = draw(1, 0.09)
        stomach = draw(0.95, 0.2)
        gallbladder = draw(1, 0.2)
        pancreas = draw(1, 0.13)
        self.random = random
        self.variation = variation
    }

    /// A position moved at random, `spread` mm along each axis.
    mutating func around(_ x: Float, _ y: Float, _ z: Float, _ spread: Double = 4) -> SIMD3<Float> {
        let s = spread * variation
        return SIMD3(x + Float(random.normal(0, s)), y + Float(random.normal(0, s)), z + Float(random.normal(0, s)))
    }

    /// A tube knot moved at random.
    mutating func knot(_ x: Float, _ y: Float, _ z: Float, _ radius: Float, spread: Double = 3) -> SIMD4<Float> {
        SIMD4(around(x, y, z, spread), max(2.2, radius * (1 + Float(random.normal(0, 0.07 * variation)))))
    }

    /// How far `x` lies from the body axis, 1 on the wall of the cavity.
    @inline(__always)
    func wall(_ x: SIMD3<Float>) -> Float {
        let d = (SIMD2(x.x, x.y) - cavityCentre) / cavityRadii
        return (d * d).sum()
    }

    /// The height of the diaphragm above (x, y).
    @inline(__always)
    func diaphragm(_ x: SIMD3<Float>) -> Float {
        let isRight = x.x > 0
        let top = isRight ? domes.right : domes.left
        let dx = (x.x - (isRight ? 62 : -64)) / 78
        let dy = (x.y - 28) / 92
        let r = dx * dx + dy * dy
        return top - 62 * r * (0.45 + 0.55 * r) + 0.22 * (x.y - 28) * min(1, r)
    }

    /// The front of the spine at height z: lordosis below, kyphosis above.
    func spineY(_ z: Float) -> Float {
        if z > 0 { return -z * z * 0.0009 }
        if z > -120 { return 14 * (1 - ((z + 90) / 90) * ((z + 90) / 90)) }
        return 12.4 - (z + 120) * (z + 120) * 0.004
    }
}
