import Foundation
import Models
import Torch
import TorchNN
import Weights

/// Self-supervised pre-training of a network that restores crops, on unlabelled volumes, as a task of `TrainingLoop`.
///
/// The score is the negative mean absolute error of restored validation crops, so that the greatest is the best. Each validation leaves a
/// picture of what the network restores (`panels/NNNNNNN.png` in the run's folder) and figures of the embeddings' health; a collapse is
/// among the result's warnings.
public final class PretrainingTask: LearningTask {
    public let source: PretrainingSampler
    public let network: any RestoringNetwork
    public let parameters: [(name: String, tensor: Tensor)]
    public let device: Device
    private let validation: PretrainingSampler?
    private let panels: URL
    private let provenance: Provenance
    private let license: String
    private var lastValidation: (step: Int, reconstruction: Double)?

    /// What a run works on and where it leaves things.
    public struct Setting {
        public var training: SampleStore<PretrainingVolume>
        /// Volumes that the network does not learn from; empty for none.
        public var validation: SampleStore<PretrainingVolume>
        /// The run's folder.
        public var folder: URL
        public var device = Device.cpu
        /// How the run was made (command, data); configuration, seed and steps are added.
        public var provenance = Provenance()
        public var license = "Apache-2.0"

        /// A run on volumes in memory.
        public init(training: [PretrainingVolume], validation: [PretrainingVolume] = [], folder: URL) {
            func store(_ volumes: [PretrainingVolume]) -> SampleStore<PretrainingVolume> {
                SampleStore(volumes.map { (SampleItem(name: $0.name), $0) })
            }
            self.init(training: store(training), validation: store(validation), folder: folder)
        }

        public init(training: SampleStore<PretrainingVolume>, validation: SampleStore<PretrainingVolume> = SampleStore([]), folder: URL) {
            self.training = training
            self.validation = validation
            self.folder = folder
        }
    }

    /// Builds the network with starting values drawn from the configuration's seed.
    /// - Throws: `LearningError` for an unusable configuration or volume, `TorchError` from LibTorch.
    public init(_ configuration: PretrainingConfiguration, _ setting: Setting) throws {
        try configuration.validate()
        source = try PretrainingSampler(configuration: configuration, volumes: setting.training)
        validation = setting.validation.isEmpty ? nil : try PretrainingSampler(configuration: configuration, volumes: setting.validation)
        panels = setting.folder.appending(path: "panels", directoryHint: .isDirectory)
        (device, provenance, license) = (setting.device, setting.provenance, setting.license)
        let generator = try Generator(seed: configuration.loop.seed)
        network = try configuration.makeNetwork(generator: generator)
        if device != .cpu { try network.move(to: device) }
        parameters = network.namedParameters()
    }

    public func loss(of batch: [PretrainingSample]) throws -> LossValue {
        let configuration = source.configuration
        let value = try configuration.objective.loss(of: network, on: PretrainingBatch(batch, device: device), memory: configuration.memory)
        var figures = [NamedFigure("reconstruction", try value.reconstruction.item())]
        if let contrastive = value.contrastive { figures.append(NamedFigure("contrastive", try contrastive.item())) }
        return LossValue(total: value.total, figures: figures, tape: value.tape)
    }

    public func validate(step: Int, among shares: WorkShares) throws -> ValidationResult? {
        guard let validation else { return nil }
        let found = try PretrainingValidation(of: network, on: validation, device: device, among: shares)
        lastValidation = (step, found.reconstruction)
        try shares.together { if shares.isFirst { try write(found.panel(on: validation), step: step) } }
        var figures = [NamedFigure("reconstruction", found.reconstruction)]
        if let health = found.health {
            figures += [NamedFigure("effectiveRank", health.effectiveRank), NamedFigure("cropSimilarity", health.cropSimilarity)]
            if let similarity = health.viewSimilarity { figures.append(NamedFigure("viewSimilarity", similarity)) }
        }
        var result = ValidationResult(score: -found.reconstruction, figures: figures)
        if let alarm = found.health?.alarm {
            result.warnings.append("the encoder has collapsed: \(alarm); lower the learning rate or the weight of the contrastive loss")
        }
        return result
    }

    private func write(_ panel: ReconstructionPanel, step: Int) throws {
        try FileManager.default.createDirectory(at: panels, withIntermediateDirectories: true)
        try panel.write(to: panels.appending(path: String(format: "%07d.png", step)))
    }

    public func rehearse(among shares: WorkShares) throws {
        guard let validation, let own = (0..<validation.volumes.count).first(where: shares.isOwn) else { return }
        _ = try PretrainingValidation.Finding(of: network, on: validation, case: own, device: device)
    }

    public func export(_ weights: [(name: String, tensor: Tensor)], step: Int, to url: URL) throws {
        let configuration = source.configuration
        let copy = try configuration.makeNetwork()
        try copy.loadState(Dictionary(uniqueKeysWithValues: weights.map { ($0.name, $0.tensor) }))
        let reconstruction = lastValidation.flatMap { $0.step == step ? $0.reconstruction : nil }
        let model = PretrainedModel(network: copy, configuration: configuration, step: step, reconstruction: reconstruction)
        try model.write(to: url, provenance: provenance, license: license)
    }
}

extension TrainingLoop where Task == PretrainingTask {
    /// Pre-training in `folder`; resumes from a checkpoint of the same configuration and the same volumes.
    public convenience init(_ task: PretrainingTask, folder: URL, processes: ProcessGroup? = nil) throws {
        let configuration = task.source.configuration
        try self.init(
            task: task, options: configuration.loop, folder: folder, processes: processes,
            identity: configuration.identity(volumes: task.source.volumes))
    }
}
