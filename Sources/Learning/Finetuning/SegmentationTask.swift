import Evaluation
import Foundation
import Models
import Segmentation
import Torch
import TorchNN
import Weights

/// Supervised training of a UNETR on labelled volumes, as a task of `TrainingLoop`.
public final class SegmentationTask: LearningTask {
    public let source: SegmentationSource
    public let parameters: [(name: String, tensor: Tensor)]
    public let device: Device
    private let configuration: TrainingConfiguration
    private let network: UNETR
    private let criterion: DiceCrossEntropy
    private let provenance: Provenance
    private let license: String
    private let validation: SampleStore<ValidationCase>

    /// Builds the network with starting values drawn from the configuration's seed.
    /// - Parameters:
    ///   - validation: the cases that the network is measured on.
    ///   - provenance: how the run was made (command, data, software); configuration, seed and steps are added.
    /// - Throws: `LearningError` for an unusable configuration, `TorchError` from LibTorch.
    public init(
        configuration: TrainingConfiguration, source: SegmentationSource, validation: SampleStore<ValidationCase>, device: Device = .cpu,
        provenance: Provenance = Provenance(), license: String = "Apache-2.0"
    ) throws {
        try configuration.validate()
        self.configuration = configuration
        self.device = device
        (self.provenance, self.license) = (provenance, license)
        (self.source, self.validation) = (source, validation)
        network = try UNETR(configuration.network, generator: Generator(seed: configuration.loop.seed))
        if device != .cpu { try network.move(to: device) }
        parameters = network.namedParameters()
        criterion = DiceCrossEntropy(configuration.loss)
    }

    /// The same with validation cases in memory.
    public convenience init(
        configuration: TrainingConfiguration, source: SegmentationSource, validation: [ValidationCase] = [], device: Device = .cpu
    ) throws {
        try self.init(
            configuration: configuration, source: source, validation: SampleStore(validation.map { (SampleItem(name: $0.name), $0) }),
            device: device)
    }

    /// Starts the whole network from a model instead, to go on learning from there; called before the loop is made.
    /// - Throws: `LearningError.transfer` when the networks are not of the same sizes and classes.
    public func start(from model: ModelPackage, file: String) throws {
        guard model.network.configuration == configuration.network else {
            throw LearningError.transfer(
                file: file,
                reason: "its network is \(model.network.configuration), expected \(configuration.network); leave the network's sizes out of the "
                    + "configuration, or take the encoder alone (--pretrained)")
        }
        try network.loadState(Dictionary(uniqueKeysWithValues: model.network.namedParameters().map { ($0.name, $0.tensor) }))
    }

    /// Starts a part of the network from a file instead; called before the loop is made.
    /// - Throws: `LearningError.transfer` when not one tensor fits.
    public func start(_ part: TransferredPart, from transfer: WeightTransfer) throws -> TransferReport {
        switch part {
        case .encoder: try transfer.apply(to: network.transformer)
        case .network: try transfer.apply(to: network)
        }
    }

    /// Micro-batches, where the loss of the batch is the mean of theirs; other losses see the whole batch at once.
    public func parts(of batch: [Patch]) -> [(batch: [Patch], share: Double)] {
        let isMean = configuration.loss.isMeanOfSamples && PatchTensors.areComplete(batch, channels: configuration.network.outChannels)
        guard let size = configuration.memory.microBatch, size < batch.count, isMean else { return [(batch, 1)] }
        return stride(from: 0, to: batch.count, by: size).map { start in
            let part = Array(batch[start..<min(start + size, batch.count)])
            return (part, Double(part.count) / Double(batch.count))
        }
    }

    public func loss(of batch: [Patch]) throws -> LossValue {
        let tensors = try PatchTensors(batch, shape: configuration.patch.shape, channels: configuration.network.outChannels, device: device)
        let forward = SparingForward(configuration.memory, batch: batch.count)
        let network = network
        let logits = try forward(tensors.image) { (image, tape) throws(TorchError) in try network(image, tape: tape) }.to(.float32)
        let value = try criterion(logits, labels: tensors.labels, drawn: tensors.drawn)
        return LossValue(
            total: value.total,
            figures: [NamedFigure("dice", try value.dice.item()), NamedFigure("crossEntropy", try value.crossEntropy.item())], tape: forward.tape)
    }

    public func validate(step: Int, among shares: WorkShares) throws -> ValidationResult? {
        guard !validation.isEmpty else { return nil }
        let validator = self.validator
        var worst = WorstCases(count: configuration.validation.picturedCases, window: configuration.patch.window)
        let cases = try shares.results(validation.count) { index in
            let subject = try validation.sample(index)
            let found = try validator.examine(subject)
            worst.consider(index, subject, found)
            return found.evaluations.map(EvaluationTranscript.init)
        }.map { $0.map(\.evaluation) }
        let tables = configuration.validation.spaces.enumerated().map { index, space in
            ValidationResult.Table(space: space, table: EvaluationTable(cases: cases.map { $0[index] }))
        }
        var result = ValidationResult(tables, organCount: configuration.network.outChannels - 1)
        result.pictured = try worst.pictured(cases.map { $0[0] }, among: shares) { try validation.sample($0) }
        return result
    }

    public func rehearse(among shares: WorkShares) throws {
        guard let largest = try validation.largest(by: \.voxelCount, where: shares.isOwn) else { return }
        try validator.rehearse(largest)
    }

    private var validator: Validator {
        let names = ModelPackage.classNames(channels: configuration.network.outChannels).enumerated().dropFirst()
        return Validator(
            predictor: LivePredictor(network: network, device: device, precision: configuration.loop.precision),
            labelNames: Dictionary(uniqueKeysWithValues: names.map { (UInt8($0.offset), $0.element) }), options: configuration.validation)
    }

    public func export(_ weights: [(name: String, tensor: Tensor)], step: Int, to url: URL) throws {
        try package(weights, step: step).write(to: url, storing: .float16)
    }

    /// Weights as a package for use: recipe and classes follow from the configuration.
    private func package(_ weights: [(name: String, tensor: Tensor)], step: Int) throws -> ModelPackage {
        let copy = try UNETR(configuration.network)
        try copy.loadState(Dictionary(uniqueKeysWithValues: weights.map { ($0.name, $0.tensor) }))
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var full = provenance
        full.seed = configuration.loop.seed
        var portable = configuration
        // Where this machine keeps its volumes is nobody's business.
        portable.cache = CacheOptions()
        full.note = "\(step) steps; configuration \(String(decoding: try encoder.encode(portable), as: UTF8.self))"
        return ModelPackage(
            network: copy, recipe: configuration.preprocessing, classNames: ModelPackage.classNames(channels: configuration.network.outChannels),
            provenance: full, license: license)
    }
}

extension TrainingLoop where Task == SegmentationTask {
    /// Supervised training in `folder`; resumes from a checkpoint of the same configuration.
    public convenience init(_ task: SegmentationTask, configuration: TrainingConfiguration, folder: URL, processes: ProcessGroup? = nil) throws {
        try self.init(
            task: task, options: configuration.loop, folder: folder, processes: processes,
            identity: configuration.identity(pool: task.source.pool))
    }
}
