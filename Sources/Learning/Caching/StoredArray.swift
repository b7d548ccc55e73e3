import Foundation

/// Numbers that lie in memory of this process or in a file mapped into it; a mapped array takes no memory that the system could not take back.
public struct StoredArray<Element: BitwiseCopyable & Sendable>: Sendable, RandomAccessCollection {
    private enum Place: Sendable {
        case owned([Element])
        case mapped(MappedFile, offset: Int)
    }

    private let place: Place
    public let count: Int

    public init(_ elements: [Element]) {
        place = .owned(elements)
        count = elements.count
    }

    /// The numbers at a place of a file, in the byte order of this machine.
    /// - Precondition: they lie within the file, aligned to their size.
    init(_ file: MappedFile, offset: Int, count: Int) {
        precondition(offset >= 0 && count >= 0 && offset + count * MemoryLayout<Element>.stride <= file.bytes.count, "numbers beyond the file's end")
        precondition(offset % MemoryLayout<Element>.alignment == 0, "numbers at the odd place \(offset)")
        place = .mapped(file, offset: offset)
        self.count = count
    }

    public var startIndex: Int { 0 }
    public var endIndex: Int { count }

    public subscript(position: Int) -> Element {
        precondition(position >= 0 && position < count, "no number \(position) of \(count)")
        return switch place {
        case .owned(let elements): elements[position]
        case .mapped(let file, let offset): file.bytes.load(fromByteOffset: offset + position * MemoryLayout<Element>.stride, as: Element.self)
        }
    }

    /// Calls `body` with the numbers in one piece.
    public func withUnsafeBufferPointer<Result>(_ body: (UnsafeBufferPointer<Element>) throws -> Result) rethrows -> Result {
        switch place {
        case .owned(let elements): return try elements.withUnsafeBufferPointer(body)
        case .mapped(let file, let offset):
            let bytes = UnsafeRawBufferPointer(rebasing: file.bytes[offset..<offset + byteCount])
            return try withExtendedLifetime(file) { try body(bytes.assumingMemoryBound(to: Element.self)) }
        }
    }

    public func withContiguousStorageIfAvailable<Result>(_ body: (UnsafeBufferPointer<Element>) throws -> Result) rethrows -> Result? {
        try withUnsafeBufferPointer(body)
    }

    /// Bytes of the numbers.
    var byteCount: Int { count * MemoryLayout<Element>.stride }

    /// Bytes of this process's own memory.
    var heldBytes: Int { if case .owned = place { byteCount } else { 0 } }
}

/// Bytes to be written to a file.
protocol StorableBytes: Sendable {
    var byteCount: Int { get }
    func withBytes(_ body: (UnsafeRawBufferPointer) throws -> Void) rethrows
}

extension StoredArray: StorableBytes {
    func withBytes(_ body: (UnsafeRawBufferPointer) throws -> Void) rethrows {
        try withUnsafeBufferPointer { try body(UnsafeRawBufferPointer($0)) }
    }
}

/// A file mapped into memory for reading, as long as this value lives. It must not be changed meanwhile; replacing or removing it is harmless.
final class MappedFile: @unchecked Sendable {
    let bytes: UnsafeRawBufferPointer

    /// - Throws: `CacheFileProblem` with what the system said.
    init(_ path: String) throws(CacheFileProblem) {
        let descriptor = open(path, O_RDONLY)
        guard descriptor >= 0 else { throw CacheFileProblem("cannot be opened: \(String(cString: strerror(errno)))") }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_size > 0 else { throw CacheFileProblem("is empty") }
        let size = Int(status.st_size)
        guard let start = mmap(nil, size, PROT_READ, MAP_SHARED, descriptor, 0), start != MAP_FAILED else {
            throw CacheFileProblem("cannot be mapped into memory: \(String(cString: strerror(errno)))")
        }
        bytes = UnsafeRawBufferPointer(start: start, count: size)
    }

    deinit { munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count) }
}

/// Why a file of a cache cannot be used.
struct CacheFileProblem: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
