/// Conversions between the floating-point formats that weights are stored in, on bit patterns, so that they are the same on every
/// machine. Widening is exact; narrowing rounds to nearest, ties to even (IEEE 754), overflows to infinity and keeps NaN a NaN.
package enum FloatConversion {
    /// The value of an IEEE 754 binary16 bit pattern.
    @inline(__always) package static func float(fromFloat16 half: UInt16) -> Float {
        let sign = UInt32(half & 0x8000) << 16
        let magnitude = UInt32(half & 0x7FFF)
        if magnitude >= 0x7C00 { return Float(bitPattern: sign | 0x7F80_0000 | (magnitude & 0x3FF) << 13) }
        // Exponents differ by 112: one exact multiplication serves normal and subnormal numbers alike.
        let scaled = Float(bitPattern: magnitude << 13) * 0x1p112
        return Float(bitPattern: sign | scaled.bitPattern)
    }

    /// The binary16 bit pattern nearest to `value`.
    @inline(__always) package static func float16(_ value: Float) -> UInt16 {
        let sign = UInt16(truncatingIfNeeded: value.bitPattern >> 16) & 0x8000
        let magnitude = value.bitPattern & 0x7FFF_FFFF
        if magnitude > 0x7F80_0000 { return sign | 0x7E00 | UInt16(truncatingIfNeeded: magnitude >> 13) & 0x3FF }
        if magnitude >= 0x477F_F000 { return sign | 0x7C00 }  // from 65520 on
        if magnitude >= 0x3880_0000 {  // normal: at least 2⁻¹⁴
            let rebiased = magnitude - 0x3800_0000
            return sign | UInt16(truncatingIfNeeded: (rebiased + 0xFFF + (rebiased >> 13 & 1)) >> 13)
        }
        // Subnormal: adding ½ makes the hardware round at 2⁻²⁴, the smallest step.
        let rounded = (Float(bitPattern: magnitude) + 0.5).bitPattern - (0.5 as Float).bitPattern
        return sign | UInt16(truncatingIfNeeded: rounded)
    }

    /// The value of a bfloat16 bit pattern.
    @inline(__always) package static func float(fromBFloat16 bits: UInt16) -> Float { Float(bitPattern: UInt32(bits) << 16) }

    /// The bfloat16 bit pattern nearest to `value`.
    @inline(__always) package static func bfloat16(_ value: Float) -> UInt16 {
        let bits = value.bitPattern
        if bits & 0x7FFF_FFFF > 0x7F80_0000 { return UInt16(truncatingIfNeeded: bits >> 16) | 0x40 }
        return UInt16(truncatingIfNeeded: (bits &+ 0x7FFF &+ (bits >> 16 & 1)) >> 16)
    }

    /// `value` rounded to odd: a second rounding to a shorter format then equals one rounding (Boldo and Melquiond, 2008).
    @inline(__always) package static func roundedToOdd(_ value: Double) -> Float {
        let nearest = Float(value)
        if Double(nearest) == value || value.isNaN { return nearest }
        let truncated = Double(nearest).magnitude > value.magnitude ? Float(bitPattern: nearest.bitPattern - 1) : nearest
        return Float(bitPattern: truncated.bitPattern | 1)
    }
}
