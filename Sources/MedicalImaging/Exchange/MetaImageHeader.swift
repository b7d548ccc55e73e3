import Foundation

/// The header of a MetaImage file, checked before MetaIO sees it: that takes headers on trust, ends the process on lines that are too long for it and on
/// voxels taken for lines, and fills up from memory what a file lacks.
struct MetaImageHeader {
    /// What is wrong, in words that follow "is damaged:".
    struct Fault: Error, Equatable {
        var reason: String
    }

    private var values: [String: String] = [:]
    /// The bytes before the voxels of a file that holds both.
    private var length = 0
    /// The files of a list, one for every slice.
    private var listed: [String] = []

    /// - Parameter file: the file, or its beginning.
    init(_ file: Data) throws(Fault) {
        for line in file.prefix(1 << 16).split(separator: UInt8(ascii: "\n"), maxSplits: 1000, omittingEmptySubsequences: true) {
            guard line.count < 1000, line.allSatisfy({ $0 >= 32 && $0 < 127 || $0 == 9 || $0 == 13 }) else {
                throw Fault(reason: "its header ends without ElementDataFile, or has a line that is no text")
            }
            let parts = line.split(separator: UInt8(ascii: "="), maxSplits: 1).map {
                String(decoding: $0, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
            }
            guard parts.count == 2, parts[0].count < 200 else {
                throw Fault(reason: "a line of its header is no \"key = value\": \(parts.first ?? "")")
            }
            if parts[0] == "NDims", !(1...10).contains(Int(parts[1]) ?? 0) {
                throw Fault(reason: "its header claims \(parts[1]) axes, expected 3")
            }
            values[parts[0]] = parts[1]
            guard parts[0] != "ElementDataFile" else {
                length = line.endIndex + 1 - file.startIndex
                if parts[1].hasPrefix("LIST") { listed = Self.lines(after: length, of: file) }
                return
            }
        }
        throw Fault(reason: "its header ends without ElementDataFile")
    }

    /// Checks that the file of the voxels is there and, where its size is announced, whole: the file itself, or one that it names.
    func checkVoxels(of url: URL) throws(Fault) {
        guard let name = values["ElementDataFile"] else { return }
        let isLocal = name.uppercased() == "LOCAL"
        guard !name.hasPrefix("LIST"), !name.contains("%") else {
            for file in name.contains("%") ? try VoxelFiles.names(name, mayOmitNumbers: true) : listed {
                _ = try VoxelFiles.size(of: file, beside: url)
            }
            return
        }
        let found = try VoxelFiles.size(of: isLocal ? url.lastPathComponent : name, beside: url)
        guard values["CompressedData"]?.lowercased() == "true", let announced = values["CompressedDataSize"].flatMap({ Int($0) }) else { return }
        let held = max(0, found - (isLocal ? length : 0))
        guard held >= announced else {
            throw Fault(
                reason:
                    "\(isLocal ? "it" : name) holds \(held) of the \(announced) bytes of compressed voxels that its header announces; copy it again")
        }
    }

    private static func lines(after length: Int, of file: Data) -> [String] {
        file.dropFirst(length).split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self).trimmingCharacters(in: .whitespaces) }
            .map { $0.trimmingCharacters(in: .newlines) }.filter { !$0.isEmpty }
    }
}
