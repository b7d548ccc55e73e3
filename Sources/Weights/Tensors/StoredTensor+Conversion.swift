import Foundation

extension StoredTensor {
    /// The elements as Float: exact from the half-precision formats, rounded to nearest from float64 and wide integers; true is 1.
    public func floats() -> [Float] {
        switch type {
        case .float32: loaded(Float.self) { $0 }
        case .float16: loaded(UInt16.self, FloatConversion.float(fromFloat16:))
        case .bfloat16: loaded(UInt16.self, FloatConversion.float(fromBFloat16:))
        case .float64: loaded(Double.self) { Float($0) }
        case .int64: loaded(Int64.self) { Float($0) }
        case .int32: loaded(Int32.self) { Float($0) }
        case .int16: loaded(Int16.self) { Float($0) }
        case .int8: loaded(Int8.self) { Float($0) }
        case .uint8: loaded(UInt8.self) { Float($0) }
        case .bool: loaded(UInt8.self) { $0 == 0 ? 0 : 1 }
        }
    }

    /// The elements in another floating-point type: exact when widening, rounded to nearest even (once) when narrowing.
    ///
    /// Integers and truth values convert to floating point as `floats()` does.
    /// - Throws: `WeightError` when `target` is an integer type other than the tensor's own.
    public func converted(to target: ScalarType) throws(WeightError) -> StoredTensor {
        if target == type { return self }
        let converted: Data
        switch target {
        case .float32: converted = Self.data(floats())
        case .float16:
            converted =
                type == .float64
                ? Self.data(loaded(Double.self) { FloatConversion.float16(FloatConversion.roundedToOdd($0)) })
                : Self.data(floats().map(FloatConversion.float16))
        case .bfloat16:
            converted =
                type == .float64
                ? Self.data(loaded(Double.self) { FloatConversion.bfloat16(FloatConversion.roundedToOdd($0)) })
                : Self.data(floats().map(FloatConversion.bfloat16))
        case .float64:
            converted = type == .int64 ? Self.data(loaded(Int64.self) { Double($0) }) : Self.data(wideFloats())
        default:
            throw WeightError(.unsupported(what: "a conversion from \(type) to \(target)", advice: "convert to a floating-point type"))
        }
        return StoredTensor(unchecked: target, shape: shape, bytes: converted)
    }

    /// The elements as Double, all types but int64 exactly.
    private func wideFloats() -> [Double] {
        type == .int32 ? loaded(Int32.self) { Double($0) } : floats().map(Double.init)
    }

    /// The elements, read as `Element` wherever they lie, each passed through `transform`.
    @inline(__always)
    private func loaded<Element: BitwiseCopyable, Result>(_: Element.Type, _ transform: (Element) -> Result) -> [Result] {
        let count = elementCount
        return bytes.withUnsafeBytes { source in
            [Result](unsafeUninitializedCapacity: count) { target, initialized in
                for index in 0..<count {
                    let element = source.loadUnaligned(fromByteOffset: index * MemoryLayout<Element>.size, as: Element.self)
                    (target.baseAddress! + index).initialize(to: transform(element))
                }
                initialized = count
            }
        }
    }

    private static func data<Element: BitwiseCopyable>(_ elements: [Element]) -> Data { elements.withUnsafeBytes { Data($0) } }
}
