import Foundation

/// A TorchScript file seen from outside: the texts beside its program. Nothing in the file is executed.
public struct TorchScriptFile: Sendable {
    /// The names of the extra files (`_extra_files` of `torch.jit.save`), sorted.
    public let extraFiles: [String]
    /// The source files of the program, such as `__torch__.py`, sorted.
    public let sources: [String]
    private let archive: ZipArchive
    private let root: String
    private var path: String?
    private static let largestText = 16 << 20

    /// Opens the file at `url`.
    /// - Throws: `WeightError` naming the file when it is no TorchScript program.
    public init(_ url: URL) throws(WeightError) {
        let path = url.path(percentEncoded: false)
        do { try self.init(FileBytes(url)) } catch { throw error.inFile(path) }
        self.path = path
    }

    package init(_ file: FileBytes) throws(WeightError) {
        guard try WeightFile.kind(of: file) == .torchScript else {
            throw WeightError(
                .unsupported(
                    what: "running a file of weights alone as a TorchScript program",
                    advice: "save the program with torch.jit.save, or name the weights as they are"))
        }
        let archive = try ZipArchive(file)
        let root = archive.entries.first { $0.name.hasSuffix("/data.pkl") }.map { String($0.name.prefix { $0 != "/" }) + "/" } ?? ""
        func names(in folder: String) -> [String] {
            archive.entries.map(\.name).filter { $0.hasPrefix(root + folder) }.map { String($0.dropFirst(root.count + folder.count)) }.sorted()
        }
        extraFiles = names(in: "extra/")
        sources = names(in: "code/").filter { $0.hasSuffix(".py") }
        (self.archive, self.root) = (archive, root)
    }

    /// Checks the checksum of every stored entry, tensors included; LibTorch does not. Compressed entries, the source code, are left to it.
    /// - Throws: `WeightError` naming the file and the first damaged entry.
    public func verify() throws(WeightError) {
        for entry in archive.entries where entry.method == 0 {
            do { _ = try archive.range(entry) } catch { throw path.map(error.inFile) ?? error }
        }
    }

    /// The text of an extra file, or `nil` when there is none of this name.
    /// - Throws: `WeightError` when it is damaged, larger than 16 MiB or not UTF-8.
    public func text(of name: String) throws(WeightError) -> String? {
        guard let entry = archive.entry("\(root)extra/\(name)") else { return nil }
        do { return try text(entry, name) } catch { throw path.map(error.inFile) ?? error }
    }

    private func text(_ entry: ZipArchive.Entry, _ name: String) throws(WeightError) -> String {
        guard entry.size <= Self.largestText else {
            throw WeightError(.limitExceeded(what: "the size of the extra file “\(name)”", found: entry.size, limit: Self.largestText))
        }
        guard let text = String(validating: try archive.data(entry), as: UTF8.self) else {
            throw .malformed("TorchScript", "the extra file “\(name)”", "it is not UTF-8 text")
        }
        return text
    }
}
