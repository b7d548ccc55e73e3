import Foundation
import Preprocessing
import Torch
import Weights

/// A TorchScript program with what its use needs: as its extra file `viscera.json` states, the rest assumed and said.
public struct ScriptPackage {
    public let script: ScriptModule
    /// What the file states.
    public let metadata: ScriptMetadata
    /// What the file did not say and was assumed, in sentences.
    public private(set) var assumptions: [String] = []

    /// Loads the program onto `device`; this executes code of the file, limited to TorchScript's operations.
    /// - Throws: `WeightError` for a file that is no TorchScript program or is damaged or
    ///   misstates its use, `TorchError` when LibTorch refuses it.
    public static func read(_ url: URL, device: Device = .cpu) throws -> ScriptPackage {
        try TorchScriptFile(url).verify()
        let metadata = try statedMetadata(of: url)
        return ScriptPackage(script: try ScriptModule(contentsOf: url.path(percentEncoded: false), device: device), metadata: metadata)
    }

    /// A program and what is stated about it.
    public init(script: ScriptModule, metadata: ScriptMetadata = ScriptMetadata()) {
        self.script = script
        self.metadata = metadata
    }

    /// What a TorchScript file states about its use; nothing in it is executed.
    /// - Throws: `WeightError` naming the file.
    public static func statedMetadata(of url: URL) throws(WeightError) -> ScriptMetadata {
        guard let text = try TorchScriptFile(url).text(of: ScriptMetadata.fileName) else { return ScriptMetadata() }
        do { return try ScriptMetadata(json: text) } catch { throw WeightError(error.problem, path: url.path(percentEncoded: false)) }
    }

    /// The preprocessing stated, or that of the published model.
    public mutating func recipe() -> PreprocessingRecipe {
        if let recipe = metadata.recipe { return recipe }
        assumptions.append(
            "The program names no preprocessing; that of the published model is assumed (RAS, 1.5 × 1.5 × 2 mm, −175…250 HU); "
                + "--spacing and --intensity-window change it.")
        return .abdominalCT
    }

    /// The window given, else the one stated, else 96³.
    public mutating func windowShape(_ given: SIMD3<Int>?) -> SIMD3<Int> {
        if let given { return given }
        if let roi = metadata.roi { return SIMD3(roi[0], roi[1], roi[2]) }
        assumptions.append("The program names no window; 96 × 96 × 96 voxels are assumed; --roi changes it.")
        return SIMD3(96, 96, 96)
    }

    /// The names of the channels stated; the thirteen organs where their number fits; numbers.
    /// - Throws: `WeightError` when the names stated are not as many as the channels.
    public mutating func classNames(channels: Int) throws(WeightError) -> [String] {
        if let names = metadata.classes {
            guard names.count == channels else {
                throw WeightError(
                    .metadata(key: ScriptMetadata.fileName, reason: "“classes” has \(names.count) names, the program returns \(channels) channels"))
            }
            return names
        }
        let names = ModelPackage.classNames(channels: channels)
        let assumed = names == ModelPackage.organClassNames ? "the thirteen organs are" : "numbers are"
        assumptions.append("The program names no classes; \(assumed) assumed.")
        return names
    }
}
