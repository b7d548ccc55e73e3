import CTorch
import Foundation

extension Tensor {
    /// All elements `value`.
    public static func full(_ value: Double, _ shape: [Int], dtype: DType = .float32, device: Device = .cpu) throws(TorchError) -> Tensor {
        try made("full", ctorch_full(shape, shape.count, value, dtype.rawValue, device.raw))
    }

    public static func zeros(_ shape: [Int], dtype: DType = .float32, device: Device = .cpu) throws(TorchError) -> Tensor {
        try full(0, shape, dtype: dtype, device: device)
    }

    public static func ones(_ shape: [Int], dtype: DType = .float32, device: Device = .cpu) throws(TorchError) -> Tensor {
        try full(1, shape, dtype: dtype, device: device)
    }

    /// A tensor of no axes.
    public static func scalar(_ value: Double, dtype: DType = .float32, device: Device = .cpu) throws(TorchError) -> Tensor {
        try full(value, [], dtype: dtype, device: device)
    }

    /// `start`, `start + step`, … below `end`.
    public static func arange(
        _ start: Double = 0, to end: Double, by step: Double = 1, dtype: DType = .float32, device: Device = .cpu
    ) throws(TorchError) -> Tensor {
        try made("arange", ctorch_arange(start, end, step, dtype.rawValue, device.raw))
    }

    /// Normal deviates of mean 0 and deviation 1, or as given.
    public static func randn(
        _ shape: [Int], mean: Double = 0, deviation: Double = 1, dtype: DType = .float32, generator: Generator? = nil
    ) throws(TorchError) -> Tensor {
        try made("randn", ctorch_random(false, mean, deviation, shape, shape.count, dtype.rawValue, generator?.handle))
    }

    /// Uniform deviates of [low, high).
    public static func rand(
        _ shape: [Int], in range: Range<Double> = 0..<1, dtype: DType = .float32, generator: Generator? = nil
    ) throws(TorchError) -> Tensor {
        try made("rand", ctorch_random(true, range.lowerBound, range.upperBound, shape, shape.count, dtype.rawValue, generator?.handle))
    }

    /// Uniform integers of [low, high).
    public static func randomIntegers(_ shape: [Int], in range: Range<Int>, generator: Generator? = nil) throws(TorchError) -> Tensor {
        try made("randomIntegers", ctorch_random_integers(range.lowerBound, range.upperBound, shape, shape.count, generator?.handle))
    }

    /// The given numbers in C order (last axis fastest); one axis where no shape is given.
    public convenience init<Element: TensorElement>(_ values: [Element], shape: [Int]? = nil) throws(TorchError) {
        let shape = shape ?? [values.count]
        let expected = shape.reduce(1, *)
        guard expected == values.count else { throw .elementCount(expected: expected, shape: shape, found: values.count) }
        let made = values.withUnsafeBytes { ctorch_from_bytes($0.baseAddress, $0.count, shape, shape.count, Element.dtype.rawValue) }
        guard let made else { throw .latest("tensor from [\(Element.self)]") }
        self.init(owning: made)
    }

    /// The given bytes as little-endian elements of `dtype` in C order.
    public convenience init(_ bytes: Data, dtype: DType, shape: [Int]) throws(TorchError) {
        let expected = shape.reduce(1, *)
        guard expected * dtype.size == bytes.count else {
            throw .elementCount(expected: expected, shape: shape, found: bytes.count / dtype.size)
        }
        let made = bytes.withUnsafeBytes { ctorch_from_bytes($0.baseAddress, $0.count, shape, shape.count, dtype.rawValue) }
        guard let made else { throw .latest("tensor from data") }
        self.init(owning: made)
    }
}
