import CommandSupport
import Foundation

/// One case with the places where its results go.
struct SegmentationJob: Sendable {
    var input: InputCase
    /// The label map to write.
    var output: URL
    /// The page to write.
    var report: URL?
    /// The label map to compare with.
    var reference: URL?

    /// The jobs of a command line; every conflict is found before anything runs.
    /// - Throws: `ToolFailure` for outputs that would overwrite an input or each other, and for missing references.
    static func plan(_ cases: [InputCase], output: String, reporting: ReportingOptions) throws -> [SegmentationJob] {
        let destination = URL(filePath: output)
        let isFolder = try writesIntoFolder(destination, path: output, count: cases.count)
        if isFolder { try AtomicOutput.makeFolder(destination) }
        if let folder = reporting.report { try AtomicOutput.makeFolder(URL(filePath: folder)) }
        var jobs: [SegmentationJob] = []
        var taken: [String: InputCase] = [:]
        for one in cases {
            let file = isFolder ? destination.appending(path: one.name + ending(of: one)) : destination
            if file.resolvingSymlinksInPath().standardizedFileURL == one.url.resolvingSymlinksInPath().standardizedFileURL {
                throw ToolFailure(.usage, "the output '\(file.path)' is the input itself; choose another file or folder")
            }
            if let other = taken[file.path] {
                throw ToolFailure(.usage, "'\(other.url.path)' and '\(one.url.path)' would both be written to '\(file.path)'; rename one of them")
            }
            taken[file.path] = one
            let page = reporting.report.map { URL(filePath: $0).appending(path: "\(one.name).html") }
            jobs.append(
                SegmentationJob(
                    input: one, output: file, report: page, reference: try reference(for: one, in: reporting.reference, count: cases.count)))
        }
        return jobs
    }

    /// That of the input, where it is one that is written.
    private static func ending(of input: InputCase) -> String {
        guard let ending = input.ending, VolumeFormat.allCases.contains(where: { $0.isWritten && $0.endings.contains(ending) }) else {
            return VolumeFormat.nifti.endings[0]
        }
        return ending
    }

    private static func writesIntoFolder(_ destination: URL, path: String, count: Int) throws -> Bool {
        var isFolder: ObjCBool = false
        let exists = FileManager.default.fileExists(atPath: destination.path, isDirectory: &isFolder)
        let isVolume = VolumeFormat.parse(destination.lastPathComponent)?.format.isWritten ?? false
        if count > 1 || path.hasSuffix("/") || (exists && isFolder.boolValue) {
            if exists, !isFolder.boolValue { throw ToolFailure(.usage, "\(count) inputs need a folder to write to, but '\(path)' is a file") }
            if !exists, isVolume, count > 1 { throw ToolFailure(.usage, "\(count) inputs need a folder to write to, but '\(path)' names a file") }
            return true
        }
        guard isVolume else {
            throw ToolFailure(
                .usage,
                "'\(path)' has no ending of a volume format that is written; expected one of \(VolumeFormat.writtenListed), or a folder (ending in '/')"
            )
        }
        return false
    }

    private static func reference(for one: InputCase, in path: String?, count: Int) throws -> URL? {
        guard let path else { return nil }
        let url = URL(filePath: path)
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) else {
            throw ToolFailure(.noInput, "the reference '\(path)' does not exist")
        }
        guard isFolder.boolValue else {
            guard count == 1 else { throw ToolFailure(.usage, "\(count) inputs need a folder of references, but '\(path)' is a file") }
            return url
        }
        let names = try FileManager.default.contentsOfDirectory(atPath: url.path).sorted()
        return names.first { VolumeFormat.parse($0)?.stem == one.name }.map { url.appending(path: $0) }
    }
}
