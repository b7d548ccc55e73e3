import Foundation

/// The header of a NRRD file, checked before teem sees it: that takes names of files for formats, overruns its buffers on long ones, waits for pipes,
/// and takes memory for whatever a header announces.
struct NRRDHeader {
    /// What is wrong, in words that follow "is damaged:".
    typealias Fault = MetaImageHeader.Fault

    /// The fields by their names in small letters without spaces; of two of one name the first.
    private(set) var fields: [String: String] = [:]
    /// The files of the voxels as the header names them; empty where the voxels follow the header.
    private(set) var names: [String] = []
    /// The bytes before the voxels of a file that holds both.
    private(set) var length = 0

    /// - Parameter file: the whole file.
    init(_ file: Data) throws(Fault) {
        var isList = false
        var rest = file[...]
        while let line = Self.nextLine(&rest) {
            if line.isEmpty, !isList { break }
            guard !isList else {
                if !line.isEmpty { names.append(line) }
                continue
            }
            guard !line.hasPrefix("#"), let colon = line.firstIndex(of: ":"), line[colon...].dropFirst().first != "=" else { continue }
            let key = line[..<colon].lowercased().filter { $0 != " " }
            let value = line[colon...].dropFirst().trimmingCharacters(in: .whitespaces)
            if fields[key] == nil { fields[key] = value }
            if key == "datafile" {
                isList = value.hasPrefix("LIST")
                if !isList { names = try VoxelFiles.names(value) }
            }
        }
        length = rest.startIndex - file.startIndex
        guard !isList || !names.isEmpty else { throw Fault(reason: "its header announces a list of files and names none") }
    }

    /// The words of a field.
    func words(_ key: String) -> [String] { (fields[key] ?? "").split(whereSeparator: \.isWhitespace).map(String.init) }

    /// How the voxels are packed; teem's short names are spelled out.
    var encoding: String {
        let name = fields["encoding"]?.lowercased() ?? ""
        return ["gz": "gzip", "bz2": "bzip2", "txt": "ascii", "text": "ascii"][name] ?? name
    }

    /// The next line without its end, or `nil` after the last.
    private static func nextLine(_ rest: inout Data.SubSequence) -> String? {
        guard !rest.isEmpty else { return nil }
        let end = rest.firstIndex(of: UInt8(ascii: "\n")) ?? rest.endIndex
        var line = rest[rest.startIndex..<end]
        if line.last == UInt8(ascii: "\r") { line = line.dropLast() }
        rest = rest[min(end + 1, rest.endIndex)...]
        return String(decoding: line, as: UTF8.self)
    }
}
