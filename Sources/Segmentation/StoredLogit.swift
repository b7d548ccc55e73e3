/// A number format for the blended logits and probabilities in work.
package protocol StoredLogit {
    static var zero: Self { get }
    /// Four consecutive values.
    static func load(_ pointer: UnsafePointer<Self>) -> SIMD4<Float>
    /// Stores four consecutive values.
    static func store(_ values: SIMD4<Float>, to pointer: UnsafeMutablePointer<Self>)
}

extension Float: StoredLogit {
    @inline(__always) package static func load(_ pointer: UnsafePointer<Float>) -> SIMD4<Float> {
        UnsafeRawPointer(pointer).loadUnaligned(as: SIMD4<Float>.self)
    }

    @inline(__always) package static func store(_ values: SIMD4<Float>, to pointer: UnsafeMutablePointer<Float>) {
        UnsafeMutableRawPointer(pointer).storeBytes(of: values, as: SIMD4<Float>.self)
    }
}

/// An IEEE half-precision number as its bits: half the memory of a `Float`, rounded to nearest even, saturated at ±65504.
///
/// The conversions are plain integer and float vector operations, fast on processors without half-precision instructions too. They do not
/// know infinities and NaN: logits are checked to be finite before they are stored.
package struct HalfLogit: StoredLogit, Equatable {
    package var bits: UInt16

    package static var zero: HalfLogit { HalfLogit(bits: 0) }

    @inline(__always) package static func load(_ pointer: UnsafePointer<HalfLogit>) -> SIMD4<Float> {
        let bits = SIMD4<UInt32>(truncatingIfNeeded: UnsafeRawPointer(pointer).loadUnaligned(as: SIMD4<UInt16>.self))
        let magnitude = float((bits & 0x7fff) &<< 13) * 0x1p112
        return float(self.bits(magnitude) | ((bits & 0x8000) &<< 16))
    }

    @inline(__always) package static func store(_ values: SIMD4<Float>, to pointer: UnsafeMutablePointer<HalfLogit>) {
        let sign = (bits(values) &>> 16) & 0x8000
        let magnitude = float(bits(values) & 0x7fff_ffff)
        let scaled = bits(magnitude.replacing(with: 65504, where: magnitude .> 65504) * 0x1p-112)
        let rounded = (scaled &+ 0xfff &+ ((scaled &>> 13) & 1)) &>> 13
        UnsafeMutableRawPointer(pointer).storeBytes(of: SIMD4<UInt16>(truncatingIfNeeded: rounded | sign), as: SIMD4<UInt16>.self)
    }

    @inline(__always) private static func bits(_ values: SIMD4<Float>) -> SIMD4<UInt32> { unsafeBitCast(values, to: SIMD4<UInt32>.self) }

    @inline(__always) private static func float(_ bits: SIMD4<UInt32>) -> SIMD4<Float> { unsafeBitCast(bits, to: SIMD4<Float>.self) }
}
