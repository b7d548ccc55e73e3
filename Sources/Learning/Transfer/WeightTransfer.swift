import Foundation
import Models
import Torch
import Weights

/// The weights of a file, to start another network from: of Viscera's pre-training, of a segmentation model, or of a checkpoint of
/// any MONAI generation under any of the usual prefixes (specification §2).
public struct WeightTransfer {
    /// The file's name, for messages.
    public let file: String
    private let state: StateDictionary
    /// The sizes that the file states.
    private let stated: Architecture?

    /// - Throws: `WeightError` when it is no weight file.
    public init(contentsOf url: URL) throws {
        let loaded = try WeightFile.read(url)
        try self.init(loaded.state, file: url.path)
    }

    /// Tensors in memory.
    public init(_ state: StateDictionary, file: String) throws {
        self.file = file
        self.state = state
        stated = ModelMetadata.isPresent(in: state.metadata) ? try ModelMetadata(state.metadata).architecture : nil
    }

    /// Copies what fits into `encoder` and says what became of every tensor. Position embeddings of another token grid are interpolated
    /// trilinearly; the patch projection is brought into the encoder's form.
    /// - Throws: `LearningError.transfer` when not one tensor fits; the encoder is unchanged then. `TorchError` from LibTorch.
    public func apply(to encoder: VisionTransformer) throws -> TransferReport {
        try apply(to: encoder, encoder.namedParameters())
    }

    /// The same for the convolutions as well: all but the last, which makes the classes and keeps its starting values.
    public func apply(to network: UNETR) throws -> TransferReport {
        let convolutions = network.namedParameters().filter { !$0.name.hasPrefix("vit.") && !$0.name.hasPrefix("out.") }
        return try apply(to: network.transformer, network.transformer.namedParameters() + convolutions)
    }

    /// What a network of the file is good for, unless the user says otherwise: all of a UNETR that was pre-trained, of other networks the encoder.
    public var usualPart: TransferredPart { stated?.kind == .restoringUNETR ? .network : .encoder }

    /// - Parameter own: the parameters to set; those of the encoder under its own names.
    private func apply(to encoder: VisionTransformer, _ own: [(name: String, tensor: Tensor)]) throws -> TransferReport {
        if let heads = stated?.headCount, heads != encoder.configuration.headCount {
            throw LearningError.transfer(
                file: file, reason: "its encoder has \(heads) attention heads, expected \(encoder.configuration.headCount); build the network alike")
        }
        let form: NameMapping.PerceptronHandling = encoder.configuration.patchProjection == .convolution ? .convertToConvolution : .keep
        let (canonical, mapping) = try NameMapping.canonical(state, perceptron: form)
        let tensors = canonical.entries.map { (name: $0.name.hasPrefix("vit.") ? String($0.name.dropFirst(4)) : $0.name, tensor: $0.tensor) }
        var report = TransferReport(mapping)
        if stated == nil { report.assumptions = ["\(encoder.configuration.headCount) attention heads, which the file does not state"] }
        let copies = try matches(tensors, own, encoder, &report)
        guard !copies.isEmpty else {
            throw LearningError.transfer(file: file, reason: WeightTransfer.emptyReason(tensors.map(\.name), report))
        }
        try withoutGradients { () throws(TorchError) in for (parameter, source) in copies { try parameter.assign(source) } }
        return report
    }

    /// The parameters that tensors of the file are for, with those tensors in the parameters' form; the others go into the report.
    private func matches(
        _ tensors: [(name: String, tensor: StoredTensor)], _ own: [(name: String, tensor: Tensor)], _ encoder: VisionTransformer,
        _ report: inout TransferReport
    ) throws -> [(parameter: Tensor, source: Tensor)] {
        var parameters = Dictionary(uniqueKeysWithValues: own.map { ($0.name, $0.tensor) })
        var copies: [(parameter: Tensor, source: Tensor)] = []
        for (name, stored) in tensors {
            let (target, source) = try adapted(name, Tensor(stored).to(.float32), for: encoder, &report)
            guard let parameter = parameters[target] else {
                report.skipped.append(.init(name: name, reason: WeightTransfer.reason(for: name)))
                continue
            }
            guard parameter.shape == source.shape else {
                report.skipped.append(.init(name: name, reason: "has shape \(source.shape), expected \(parameter.shape)"))
                continue
            }
            parameters[target] = nil
            copies.append((parameter, source))
            report.copied.append(target)
        }
        report.missing = own.map(\.name).filter { parameters[$0] != nil }
        return copies
    }

    /// The name and form in which a tensor of the file belongs into `encoder`.
    private func adapted(
        _ name: String, _ tensor: Tensor, for encoder: VisionTransformer, _ report: inout TransferReport
    ) throws -> (String, Tensor) {
        let sizes = encoder.configuration
        switch name {
        case "patch_embedding.position_embeddings":
            guard tensor.rank == 3, tensor.shape[1] != sizes.tokenCount, tensor.shape[2] == sizes.hiddenSize,
                let grid = grid(tokens: tensor.shape[1])
            else { return (name, tensor) }
            report.adapted.append(.init(name: name, reason: "interpolated from \(grid) to \(sizes.gridShape) tokens"))
            return (name, try PositionInterpolation.resampled(tensor, from: grid, to: sizes.gridShape))
        case "patch_embedding.patch_embeddings.weight" where sizes.patchProjection == .perceptron && tensor.rank == 5:
            report.adapted.append(.init(name: name, reason: "convolution rearranged into a linear patch projection"))
            return ("patch_embedding.patch_embeddings.1.weight", try tensor.permuted([0, 2, 3, 4, 1]).reshaped(to: [tensor.shape[0], -1]))
        case "patch_embedding.patch_embeddings.bias" where sizes.patchProjection == .perceptron:
            return ("patch_embedding.patch_embeddings.1.bias", tensor)
        default: return (name, tensor)
        }
    }

    /// The token grid of the file: as stated, otherwise a cube.
    private func grid(tokens: Int) -> [Int]? {
        if let stated {
            let grid = zip(stated.imageShape, stated.patchShape).map { $0 / max(1, $1) }
            if grid.reduce(1, *) == tokens { return grid }
        }
        let side = Int(Double(tokens).squareRoot() > 1e6 ? 0 : cbrt(Double(tokens)).rounded())
        return side * side * side == tokens ? [side, side, side] : nil
    }

    private static func reason(for name: String) -> String {
        if name.hasPrefix("conv3d_transpose") { return "belongs to the auto-encoder's decoder" }
        if name.hasPrefix("out.") { return "is the last layer of a UNETR, of which every task has its own" }
        if ["encoder", "decoder"].contains(where: name.hasPrefix) {
            return "belongs to the convolutional part of a UNETR"
        }
        return "has no place here"
    }

    private static func emptyReason(_ names: [String], _ report: TransferReport) -> String {
        let found = names.prefix(3).joined(separator: ", ")
        return "not one tensor fits (expected names such as blocks.0.norm1.weight, found \(names.count) tensors: \(found)…; "
            + "\(report.skipped.first.map { "\($0.name) \($0.reason)" } ?? "nothing to skip")); give an encoder of the same sizes"
    }
}
