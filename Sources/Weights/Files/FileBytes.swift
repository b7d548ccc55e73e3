import Foundation

/// The bytes of a file, memory-mapped and read where they lie, or a copy of bytes already in memory.
///
/// Windows handed out by `data(_:)` keep the mapping alive. The mapping is private: a program that writes into such a window changes
/// neither the file nor anybody else's view.
package final class FileBytes: @unchecked Sendable {
    /// The number of bytes.
    package let count: Int
    private let base: UnsafeMutableRawPointer
    private let isMapped: Bool

    /// Maps the regular file at `url`.
    /// - Throws: `WeightError` when it cannot be opened or is a folder, a device or a pipe.
    package init(_ url: URL) throws(WeightError) {
        let path = url.path(percentEncoded: false)
        let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.systemError("cannot open the file", path) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw Self.systemError("cannot examine the file", path) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            let found = status.st_mode & S_IFMT == S_IFDIR ? "a folder" : "a device or pipe"
            throw WeightError(.notWeights(found: found), path: path)
        }
        count = Int(status.st_size)
        if count == 0 {
            base = .allocate(byteCount: 1, alignment: 16)
            isMapped = false
            return
        }
        let address = mmap(nil, count, PROT_READ | PROT_WRITE, MAP_PRIVATE, descriptor, 0)
        guard let address, address != MAP_FAILED else { throw Self.systemError("cannot map the file into memory", path) }
        base = address
        isMapped = true
    }

    /// A copy of `bytes`.
    package init(copying bytes: Data) {
        count = bytes.count
        base = .allocate(byteCount: max(count, 1), alignment: 16)
        isMapped = false
        bytes.withUnsafeBytes { if let source = $0.baseAddress { base.copyMemory(from: source, byteCount: $0.count) } }
    }

    deinit {
        if isMapped { munmap(base, count) } else { base.deallocate() }
    }

    /// A window onto the bytes in `range`, without a copy, indexed from 0.
    /// - Precondition: the range lies inside the file.
    package func data(_ range: Range<Int>) -> Data {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "bytes \(range) lie outside a file of \(count)")
        if range.isEmpty { return Data() }
        return Data(bytesNoCopy: base + range.lowerBound, count: range.count, deallocator: .custom { _, _ in withExtendedLifetime(self) {} })
    }

    /// Whether `count` bytes from `offset` on lie inside the file; never overflows.
    package func holds(_ count: Int, at offset: Int) -> Bool {
        offset >= 0 && count >= 0 && offset <= self.count && count <= self.count - offset
    }

    /// The little-endian integer at `offset`, or `nil` when it would pass the end.
    package func integer<Value: FixedWidthInteger & BitwiseCopyable>(_: Value.Type = Value.self, at offset: Int) -> Value? {
        guard holds(MemoryLayout<Value>.size, at: offset) else { return nil }
        return Value(littleEndian: UnsafeRawPointer(base).loadUnaligned(fromByteOffset: offset, as: Value.self))
    }

    /// The byte at `offset`.
    /// - Precondition: it lies inside the file.
    package subscript(offset: Int) -> UInt8 {
        precondition(offset >= 0 && offset < count, "byte \(offset) lies outside a file of \(count)")
        return base.load(fromByteOffset: offset, as: UInt8.self)
    }

    private static func systemError(_ action: String, _ path: String) -> WeightError {
        WeightError(.inaccessible(reason: "\(action): \(String(cString: strerror(errno)))"), path: path)
    }
}
