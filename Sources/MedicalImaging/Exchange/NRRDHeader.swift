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
                if !isList { names = try Self.files(named: value) }
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

    /// The files that a `data file` field stands for: one name, or a pattern with its first and last number and the step.
    private static func files(named value: String) throws(Fault) -> [String] {
        guard value.contains("%") else { return [value] }
        let words = value.split(separator: " ").map(String.init)
        let numbers = words.dropFirst().map { Int($0) }
        guard (3...4).contains(numbers.count), let first = numbers[0], let last = numbers[1], let step = numbers[2], step != 0,
            (last >= first) == (step > 0) || first == last, let count = Self.count(from: first, to: last, by: step), count <= 100_000
        else {
            throw Fault(
                reason: "it names its voxels' files by \"\(value.prefix(100))\", expected a pattern, then the first number, the last and the step")
        }
        let parts = words[0].split(separator: "%", omittingEmptySubsequences: false)
        let digits = parts.count == 2 ? parts[1].prefix { $0.isASCII && $0.isNumber } : ""
        guard parts.count == 2, parts[1].dropFirst(digits.count).first == "d", digits.count <= 2 else {
            throw Fault(reason: "it names its voxels' files by the pattern \(words[0].prefix(100)), expected one number in it, such as %03d")
        }
        let ending = parts[1].dropFirst(digits.count + 1)
        return stride(from: first, through: last, by: step).map { number in
            "\(parts[0])\(String(format: "%\(digits)ld", number))\(ending)"
        }
    }

    private static func count(from first: Int, to last: Int, by step: Int) -> Int? {
        let limit = 1 << 40
        guard max(first.magnitude, last.magnitude, step.magnitude) < limit else { return nil }
        return abs((last - first) / step) + 1
    }
}
