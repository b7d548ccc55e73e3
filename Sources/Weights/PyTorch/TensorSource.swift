import Foundation

/// Turns the tensors of a pickle into stored tensors: windows onto the file where they are contiguous, gathered copies where strided.
struct TensorSource {
    let file: FileBytes
    let graph: PickleGraph
    /// Whether the file holds its numbers big-endian.
    let isBigEndian: Bool
    /// Where the bytes of a storage lie.
    let locate: (_ key: String) throws -> Range<Int>
    private var ranges: [Int: Range<Int>] = [:]
    private var copiedByteCount = 0

    init(file: FileBytes, graph: PickleGraph, isBigEndian: Bool, locate: @escaping (_ key: String) throws -> Range<Int>) {
        (self.file, self.graph, self.isBigEndian, self.locate) = (file, graph, isBigEndian, locate)
    }

    /// The bytes that copies may take: a file cannot make much more of itself than it is.
    private var copyLimit: Int { 4 * file.count + 64 << 20 }

    /// The tensor at `index` of the graph.
    /// - Throws: `WeightError` when it reaches outside its storage, or the storage outside the file.
    mutating func tensor(_ index: Int, name: String) throws(WeightError) -> StoredTensor {
        let view = graph.tensors[index]
        let storage = graph.storages[view.storage]
        let range = try self.range(of: view.storage, name: name)
        let width = view.type.byteCount
        let capacity = storage.type == nil ? storage.elementCount / width : storage.elementCount
        guard let count = StoredTensor.elementCount(of: view.shape), let last = Self.lastElement(of: view) else {
            throw .malformed("PyTorch", "“\(name)”", "the size of shape \(view.shape) with strides \(view.strides) overflows")
        }
        guard count == 0 || last < capacity else {
            throw .malformed("PyTorch", "“\(name)”", "it reaches element \(last) of a storage of \(capacity)")
        }
        if count == 0 { return StoredTensor(unchecked: view.type, shape: view.shape, bytes: Data()) }
        if Self.isContiguous(view), !isBigEndian || width == 1 {
            let start = range.lowerBound + view.offset * width
            return StoredTensor(unchecked: view.type, shape: view.shape, bytes: file.data(start..<start + count * width))
        }
        let (bytes, overflow) = count.multipliedReportingOverflow(by: width)
        guard !overflow, bytes <= copyLimit - copiedByteCount else {
            throw WeightError(.limitExceeded(what: "the size of strided tensors, in bytes, up to “\(name)”", found: bytes, limit: copyLimit))
        }
        copiedByteCount += bytes
        return StoredTensor(unchecked: view.type, shape: view.shape, bytes: gathered(view, from: file.data(range), count: count))
    }

    /// Where a storage lies, after checking that it is as long as the pickle says.
    private mutating func range(of index: Int, name: String) throws(WeightError) -> Range<Int> {
        if let known = ranges[index] { return known }
        let storage = graph.storages[index]
        let range: Range<Int>
        do { range = try locate(storage.key) } catch {
            throw error as? WeightError ?? .malformed("PyTorch", "“\(name)”", "\(error)")
        }
        let (needed, overflow) = storage.elementCount.multipliedReportingOverflow(by: storage.type?.byteCount ?? 1)
        guard !overflow, needed <= range.count else {
            throw .malformed(
                "PyTorch", "“\(name)”",
                "its storage “\(storage.key)” has \(range.count) bytes, \(storage.elementCount) elements of \(storage.type?.rawValue ?? "bytes") were promised"
            )
        }
        ranges[index] = range
        return range
    }

    /// The storage index of the last element of a view, or `nil` when it overflows; the offset for an empty one.
    private static func lastElement(of view: PickleGraph.Tensor) -> Int? {
        var last = view.offset
        for (extent, stride) in zip(view.shape, view.strides) where extent > 1 {
            let (reach, first) = (extent - 1).multipliedReportingOverflow(by: stride)
            let (sum, second) = last.addingReportingOverflow(reach)
            if first || second { return nil }
            last = sum
        }
        return last
    }

    private static func isContiguous(_ view: PickleGraph.Tensor) -> Bool {
        var expected = 1
        for (extent, stride) in zip(view.shape, view.strides).reversed() where extent != 1 {
            if stride != expected { return false }
            expected *= extent  // the element count has been found to be representable
        }
        return true
    }

    /// A C-contiguous, little-endian copy of a non-empty view that lies inside `storage`.
    private func gathered(_ view: PickleGraph.Tensor, from storage: Data, count: Int) -> Data {
        let width = view.type.byteCount
        var result = Data(count: count * width)
        result.withUnsafeMutableBytes { (target: UnsafeMutableRawBufferPointer) in
            storage.withUnsafeBytes { (source: UnsafeRawBufferPointer) in
                var index = [Int](repeating: 0, count: view.shape.count)
                var element = view.offset
                for position in 0..<count {
                    for byte in 0..<width {
                        target[position * width + byte] = source[element * width + (isBigEndian ? width - 1 - byte : byte)]
                    }
                    var axis = view.shape.count - 1
                    while axis >= 0 {
                        index[axis] += 1
                        element += view.strides[axis]
                        if index[axis] < view.shape[axis] { break }
                        element -= view.strides[axis] * view.shape[axis]
                        index[axis] = 0
                        axis -= 1
                    }
                }
            }
        }
        return result
    }
}
