import CDeflate
import Foundation

/// Gzip files (RFC 1952), of one member or several, by libdeflate.
package enum Gzip {
    /// What can be wrong with a gzip file.
    package enum Failure: Error, Equatable {
        /// The data are cut short, altered, or fail their checksum, after `produced` sound bytes of earlier members.
        case badData(produced: Int)
        /// The content is longer than the limit.
        case tooLong(limit: Int)
        case outOfMemory
    }

    /// DEFLATE cannot shrink data by more than this factor.
    package static let greatestRatio = 1032

    /// Whether `data` starts as a gzip file does.
    package static func isGzip(_ data: Data) -> Bool { data.count >= 2 && data[data.startIndex] == 0x1F && data[data.startIndex + 1] == 0x8B }

    /// The first bytes of the content: all of it when it is shorter than `length`; at least `length` minus 66 kB otherwise (DEFLATE writes
    /// blocks and matches whole), then zeros. `isDamaged` tells that the data break before that.
    package static func prefix(of file: Data, length: Int) throws(Failure) -> (content: Data, isDamaged: Bool) {
        var buffer = Data(count: length)
        let (written, status) = inflate(file, into: &buffer)
        switch status {
        case .complete: return (buffer.prefix(written), false)
        case .outOfSpace, .badData: return (buffer, status == .badData)
        case .outOfMemory: throw .outOfMemory
        }
    }

    /// The whole content.
    /// - Parameters:
    ///   - expectedLength: how long the content should be; memory for it is taken at once.
    ///   - limit: content longer than this is refused.
    package static func decompress(_ file: Data, expectedLength: Int, limit: Int = .max) throws(Failure) -> Data {
        let greatest = min(limit, file.count.multipliedReportingOverflow(by: greatestRatio).partialValue + 4096)
        var length = max(4096, min(expectedLength, greatest))
        while true {
            guard let memory = malloc(length) else { throw .outOfMemory }
            var buffer = Data(bytesNoCopy: memory, count: length, deallocator: .free)
            let (written, status) = inflate(file, into: &buffer)
            switch status {
            case .complete: return buffer.prefix(written)
            case .badData: throw .badData(produced: written)
            case .outOfMemory: throw .outOfMemory
            case .outOfSpace:
                guard length < greatest else { throw .tooLong(limit: greatest) }
                length = min(greatest, length.multipliedReportingOverflow(by: 2).partialValue)
            }
        }
    }

    /// `content` as a gzip file of one member.
    package static func compress(_ content: Data, level: Int32 = 6) throws(Failure) -> Data {
        try compress(content, level: level, bound: libdeflate_gzip_compress_bound, with: libdeflate_gzip_compress)
    }

    /// `content` as a zlib stream (RFC 1950), which MetaImage files hold.
    package static func compressZlib(_ content: Data, level: Int32 = 6) throws(Failure) -> Data {
        try compress(content, level: level, bound: libdeflate_zlib_compress_bound, with: libdeflate_zlib_compress)
    }

    private static func compress(
        _ content: Data, level: Int32, bound: (OpaquePointer?, Int) -> Int,
        with function: (OpaquePointer?, UnsafeRawPointer?, Int, UnsafeMutableRawPointer?, Int) -> Int
    ) throws(Failure) -> Data {
        guard let compressor = libdeflate_alloc_compressor(level) else { throw .outOfMemory }
        defer { libdeflate_free_compressor(compressor) }
        let bound = bound(compressor, content.count)
        guard let memory = malloc(bound) else { throw .outOfMemory }
        let length = content.withUnsafeBytes { function(compressor, $0.baseAddress, $0.count, memory, bound) }
        guard length > 0 else {
            free(memory)
            throw .outOfMemory
        }
        return Data(bytesNoCopy: memory, count: length, deallocator: .free)
    }

    private enum Status { case complete, outOfSpace, badData, outOfMemory }

    /// Inflates member after member; zeros or other bytes after the last member are ignored, as gzip does.
    private static func inflate(_ file: Data, into buffer: inout Data) -> (written: Int, status: Status) {
        guard let decompressor = libdeflate_alloc_decompressor() else { return (0, .outOfMemory) }
        defer { libdeflate_free_decompressor(decompressor) }
        var position = 0
        var written = 0
        return buffer.withUnsafeMutableBytes { output in
            file.withUnsafeBytes { input in
                guard let source = input.baseAddress, let target = output.baseAddress else { return (0, .badData) }
                while position + 1 < input.count, input[position] == 0x1F, input[position + 1] == 0x8B {
                    var consumed = 0
                    var produced = 0
                    let result = libdeflate_gzip_decompress_ex(
                        decompressor, source + position, input.count - position, target + written, output.count - written, &consumed, &produced)
                    if result == LIBDEFLATE_INSUFFICIENT_SPACE { return (written, .outOfSpace) }
                    guard result == LIBDEFLATE_SUCCESS else { return (written, .badData) }
                    position += consumed
                    written += produced
                }
                return (written, position == 0 ? .badData : .complete)
            }
        }
    }
}
