/// A number format for the blended logits in work.
package protocol StoredLogit {
    static var zero: Self { get }
    init(_ value: Float)
    var value: Float { get }
    /// Four consecutive values.
    static func load(_ pointer: UnsafePointer<Self>) -> SIMD4<Float>
    /// Stores four consecutive values.
    static func store(_ values: SIMD4<Float>, to pointer: UnsafeMutablePointer<Self>)
}

extension Float: StoredLogit {
    @inline(__always) package var value: Float { self }

    @inline(__always) package static func load(_ pointer: UnsafePointer<Float>) -> SIMD4<Float> {
        UnsafeRawPointer(pointer).loadUnaligned(as: SIMD4<Float>.self)
    }

    @inline(__always) package static func store(_ values: SIMD4<Float>, to pointer: UnsafeMutablePointer<Float>) {
        UnsafeMutableRawPointer(pointer).storeBytes(of: values, as: SIMD4<Float>.self)
    }
}

extension StoredLogit {
    /// Eight consecutive values.
    @inline(__always) static func load8(_ pointer: UnsafePointer<Self>) -> SIMD8<Float> {
        SIMD8(lowHalf: load(pointer), highHalf: load(pointer + 4))
    }

    /// Adds `count` weighted logits, `step` apart, to consecutive sums, or starts the sums with them.
    /// - Returns: zero when all logits were finite.
    @inline(__always) static func add(
        _ logits: UnsafePointer<Float>, step: Int, weights: UnsafePointer<Float>, count: Int, to sums: UnsafeMutablePointer<Self>, isFirst: Bool
    ) -> Float {
        var poison = SIMD4<Float>.zero
        var index = 0
        while index &+ 4 <= count {
            let source = logits + index &* step
            let logit = step == 1 ? Float.load(source) : SIMD4(source[0], source[step], source[2 &* step], source[3 &* step])
            let addend = logit * Float.load(weights + index)
            poison += addend * 0
            store(isFirst ? addend : load(sums + index) + addend, to: sums + index)
            index &+= 4
        }
        while index < count {
            let addend = logits[index &* step] * weights[index]
            poison[0] += addend * 0
            sums[index] = Self(isFirst ? addend : sums[index].value + addend)
            index &+= 1
        }
        return poison.sum()
    }

    /// Adds `count` weights to their sums, or starts the sums with them.
    @inline(__always) static func add(_ weights: UnsafePointer<Float>, count: Int, to sums: UnsafeMutablePointer<Self>, isFirst: Bool) {
        for index in 0..<count { sums[index] = Self(isFirst ? weights[index] : sums[index].value + weights[index]) }
    }
}

/// An IEEE half-precision number as its bits: half the memory of a `Float`, rounded to nearest even, saturated at ±65504.
///
/// The conversions are plain integer and float vector operations, fast on processors without half-precision instructions too. They do not
/// know infinities and NaN: logits are checked to be finite before they are used.
package struct HalfLogit: StoredLogit, Equatable {
    package var bits: UInt16

    package static var zero: HalfLogit { HalfLogit(bits: 0) }

    private init(bits: UInt16) { self.bits = bits }

    @inline(__always) package init(_ value: Float) { bits = Self.encoded(SIMD4(repeating: value))[0] }

    @inline(__always) package var value: Float { Self.decoded(SIMD4(repeating: bits))[0] }

    @inline(__always) package static func load(_ pointer: UnsafePointer<HalfLogit>) -> SIMD4<Float> {
        decoded(UnsafeRawPointer(pointer).loadUnaligned(as: SIMD4<UInt16>.self))
    }

    @inline(__always) package static func store(_ values: SIMD4<Float>, to pointer: UnsafeMutablePointer<HalfLogit>) {
        UnsafeMutableRawPointer(pointer).storeBytes(of: encoded(values), as: SIMD4<UInt16>.self)
    }

    @inline(__always) private static func decoded(_ halves: SIMD4<UInt16>) -> SIMD4<Float> {
        let bits = SIMD4<UInt32>(truncatingIfNeeded: halves)
        let magnitude = float((bits & 0x7fff) &<< 13) * 0x1p112
        return float(self.bits(magnitude) | ((bits & 0x8000) &<< 16))
    }

    @inline(__always) private static func encoded(_ values: SIMD4<Float>) -> SIMD4<UInt16> {
        let sign = (bits(values) &>> 16) & 0x8000
        let magnitude = float(bits(values) & 0x7fff_ffff)
        let scaled = bits(magnitude.replacing(with: 65504, where: magnitude .> 65504) * 0x1p-112)
        let rounded = (scaled &+ 0xfff &+ ((scaled &>> 13) & 1)) &>> 13
        return SIMD4<UInt16>(truncatingIfNeeded: rounded | sign)
    }

    @inline(__always) private static func bits(_ values: SIMD4<Float>) -> SIMD4<UInt32> { unsafeBitCast(values, to: SIMD4<UInt32>.self) }

    @inline(__always) private static func float(_ bits: SIMD4<UInt32>) -> SIMD4<Float> { unsafeBitCast(bits, to: SIMD4<Float>.self) }
}
