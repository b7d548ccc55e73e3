import Datasets
import Foundation

/// A case of the lists of a run.
public struct SampleItem: Sendable {
    /// What messages call it.
    public var name: String
    /// How often it is drawn relative to the others.
    public var weight = 1.0
    /// Its place in a list; `nil` where the sample is at hand already.
    var source: (list: Datalist, item: DatalistItem)?

    public init(name: String, weight: Double = 1) { (self.name, self.weight) = (name, weight) }

    init(_ item: DatalistItem, of list: Datalist) {
        self.init(name: item.image, weight: item.weight ?? 1)
        source = (list, item)
    }

    /// The items of lists, one list after the other.
    public static func items(of lists: [Datalist]) -> [SampleItem] { lists.flatMap { list in list.items.map { SampleItem($0, of: list) } } }

    /// The files that it is read from: the image and, where they matter, the labels.
    func files(withLabels: Bool) -> [URL] {
        guard let source else { return [] }
        return [source.item.image, withLabels ? source.item.label : nil].compactMap { $0 }.map(source.list.url)
    }
}

/// A volume as a run draws from it.
public protocol CachedSample: Sendable {
    /// Bytes of this process's own memory that it takes.
    var heldBytes: Int { get }
    /// What a cache on disk stores of it; `nil`: it is never stored.
    var contents: SampleContents? { get }
    /// Whether any of its voxels is labelled; true where labels do not matter.
    var isLabelled: Bool { get }
}

extension CachedSample {
    public var isLabelled: Bool { true }
    public var contents: SampleContents? { nil }
}

/// How samples are read from files.
public struct SampleReader<Sample: CachedSample>: Sendable {
    /// How a cache on disk stores the samples; `nil`: it does not.
    var storage: Storage?
    /// Reads the files.
    var read: @Sendable (SampleItem) throws -> Sample

    struct Storage: Sendable {
        /// Whether the samples come of the label maps, too.
        var usesLabels: Bool
        /// Names the form of the sample and everything that its content follows from besides its files, as text.
        var recipe: @Sendable (SampleItem) throws -> String
        /// Takes the sample out of a file.
        var restore: @Sendable (SampleItem, SampleFile) throws -> Sample
    }
}
