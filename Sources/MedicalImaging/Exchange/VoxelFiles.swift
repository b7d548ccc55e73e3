import Foundation

/// The files of voxels that a text header names, looked at before teem or MetaIO opens them: both hand patterns to printf and wait for pipes.
enum VoxelFiles {
    typealias Fault = MetaImageHeader.Fault

    /// The files that a field stands for: one name, or a pattern with its first and last number and the step.
    /// - Parameter mayOmitNumbers: whether the pattern may stand alone, as in MetaImage files; no files are named then.
    static func names(_ value: String, mayOmitNumbers: Bool = false) throws(Fault) -> [String] {
        guard value.contains("%") else { return [value] }
        let words = value.split(separator: " ").map(String.init)
        let numbers = words.dropFirst().map { Int($0) }
        try checkPattern(words.first ?? "")
        if mayOmitNumbers, numbers.count < 3, !numbers.contains(nil) { return [] }
        guard (3...4).contains(numbers.count), let first = numbers[0], let last = numbers[1], let step = numbers[2], step != 0,
            (last >= first) == (step > 0) || first == last, let count = Self.count(from: first, to: last, by: step), count <= 100_000
        else {
            throw Fault(
                reason: "it names its voxels' files by \"\(value.prefix(100))\", expected a pattern, then the first number, the last and the step")
        }
        let parts = words[0].split(separator: "%", omittingEmptySubsequences: false)
        let digits = parts[1].prefix { $0.isASCII && $0.isNumber }
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

    /// Refuses what printf would take for more than one number, or for a very wide one.
    private static func checkPattern(_ pattern: String) throws(Fault) {
        let parts = pattern.split(separator: "%", omittingEmptySubsequences: false)
        let digits = parts.count == 2 ? parts[1].prefix { $0.isASCII && $0.isNumber } : ""
        guard parts.count == 2, parts[1].dropFirst(digits.count).first == "d", digits.count <= 2 else {
            throw Fault(reason: "it names its voxels' files by the pattern \(pattern.prefix(100)), expected one number in it, such as %03d")
        }
    }

    static func file(_ name: String, beside url: URL) -> URL { URL(filePath: name, relativeTo: url.deletingLastPathComponent()) }

    /// The size of a file of voxels.
    static func size(of name: String, beside url: URL) throws(Fault) -> Int {
        let file = file(name, beside: url)
        let path = file.path(percentEncoded: false)
        // teem and MetaIO build the path in buffers of about a thousand bytes.
        guard path.utf8.count < 900 else { throw Fault(reason: "the name of its voxels' file is too long: \(name.prefix(60))…") }
        guard let found = try? FileManager.default.attributesOfItem(atPath: file.resolvingSymlinksInPath().path(percentEncoded: false)) else {
            throw Fault(reason: "its voxels lie in \(name), which is not there; copy that file as well")
        }
        guard found[.type] as? FileAttributeType == .typeRegular, let size = found[.size] as? Int else {
            throw Fault(reason: "its voxels lie in \(name), which is no file")
        }
        return size
    }
}
