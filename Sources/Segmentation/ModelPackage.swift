import Foundation
import MedicalImaging
import Models
import Preprocessing
import Torch
import TorchNN
import Weights

/// A segmentation network with all that its use needs: the names of its classes, the preprocessing it was trained with, where it comes from
/// and under which licence. Viscera's own files hold the whole of it; files of MONAI hold the weights, and the rest is assumed and said.
public struct ModelPackage {
    public var network: UNETR
    /// What is done to a CT before the network sees it.
    public var recipe: PreprocessingRecipe
    /// The names of the channels; the first is the background.
    public var classNames: [String]
    /// How the weights came about.
    public var provenance: Provenance?
    /// The licence of the weights.
    public var license: String?
    /// What is done to the network's label maps, as chosen for these weights; see `Postprocessing.applied(to:labelNames:)`.
    public var postprocessing: Postprocessing?
    /// Whether the recipe is the file's (or the maker's) own rather than assumed.
    public private(set) var statesRecipe = true
    /// What the file did not say and was assumed, in sentences.
    public var assumptions: [String] = []
    /// What became of the tensor names of a file.
    public var mapping: NameMappingReport?
    /// Which tensors of a file went where.
    public var report: LoadReport?

    /// Background and the thirteen organs.
    public static let organClassNames = ["background"] + Organ.allCases.map(\.name)

    public init(
        network: UNETR, recipe: PreprocessingRecipe, classNames: [String] = ModelPackage.organClassNames, provenance: Provenance? = nil,
        license: String? = nil
    ) {
        self.network = network
        self.recipe = recipe
        self.classNames = classNames
        self.provenance = provenance
        self.license = license
    }

    /// The names of the labels, background left out.
    public var labelNames: [UInt8: String] {
        Dictionary(uniqueKeysWithValues: classNames.enumerated().dropFirst().prefix(255).map { (UInt8($0.offset), $0.element) })
    }

    /// Reads a Viscera model or a UNETR of any MONAI generation; weights of any precision are loaded as fp32.
    /// - Throws: `WeightError` for a file that cannot be read, is of another network or contradicts itself, `StateError` when the tensors do
    ///   not fit the architecture.
    public static func read(_ url: URL) throws -> ModelPackage {
        do { return try ModelPackage(ModelFile.read(url)) } catch let error as WeightError {
            throw WeightError(error.problem, path: error.path ?? url.path)
        }
    }

    /// A package from what a file holds.
    public init(_ file: ModelFile) throws {
        guard file.architecture.kind == .unetr else {
            throw WeightError(
                .unsupported(
                    what: "segmenting with a network of kind \(file.architecture.kind.rawValue)",
                    advice: "give a UNETR that was trained to segment ('viscera train --pretrained' starts one from this file)"
                ))
        }
        // The two types share their JSON keys.
        let configuration = try JSONDecoder().decode(UNETRConfiguration.self, from: JSONEncoder().encode(file.architecture))
        self.init(
            network: try UNETR(configuration), recipe: .abdominalCT, classNames: ModelPackage.classNames(channels: configuration.outChannels),
            provenance: file.metadata?.provenance, license: file.metadata?.license)
        postprocessing = file.metadata?.postprocessing
        (assumptions, mapping) = (file.assumptions, file.mapping)
        if let recipe = try file.metadata?.recipe(as: PreprocessingRecipe.self) {
            self.recipe = recipe
        } else {
            statesRecipe = false
            assumptions.append("The file names no preprocessing; that of the published model is assumed (RAS, 1.5 × 1.5 × 2 mm, −175…250 HU).")
        }
        if let names = file.metadata?.classes, !names.isEmpty {
            classNames = names
        } else {
            assumptions.append("The file names no classes; \(configuration.outChannels == 14 ? "the thirteen organs are" : "numbers are") assumed.")
        }
        report = try network.loadState(file.state)
    }

    /// The thirteen organs where the number of channels fits, else numbered classes.
    public static func classNames(channels: Int) -> [String] {
        channels == Organ.channelCount ? organClassNames : ["background"] + (1..<max(2, channels)).prefix(channels - 1).map { "class \($0)" }
    }

    /// Writes the package in Viscera's own format, atomically.
    /// - Parameter type: the number format of the stored weights.
    public func write(to url: URL, storing type: ScalarType = .float32) throws {
        let architecture = try JSONDecoder().decode(Architecture.self, from: JSONEncoder().encode(network.configuration))
        var metadata = ModelMetadata(architecture: architecture, classes: classNames)
        try metadata.setRecipe(recipe)
        metadata.roi = network.configuration.imageShape
        metadata.provenance = provenance
        metadata.license = license
        metadata.postprocessing = postprocessing
        try ModelFile.write(network.stateDictionary(), metadata: metadata, to: url, storing: type)
    }
}
