import ArgumentParser
import CommandSupport
import Foundation
import Learning
import Models

/// The options of `viscera pretrain` that make its configuration.
struct PretrainOptions: ParsableArguments {
    @Option(help: "A JSON file with what differs from the defaults; options given on the command line win.", completion: .file(extensions: ["json"]))
    var config: String?

    @Option(
        help: """
            The encoder: tiny, small or base, or the configuration file of a segmentation model, whose sizes, window, spacing and intensities are \
            then used, so that its training can start from this encoder (default: base).
            """)
    var network: String?

    @Option(help: "Voxels of the cubic crop along each axis (a multiple of 16).")
    var roi: Int?

    @Option(help: "What is learnt from: contrastive (the published objective) or masked.")
    var objective: PretrainingObjective.Kind?

    @Option(
        help: """
            What paints crops back: autoencoder (the published decoder, thrown away afterwards) or unetr (the segmentation network's own convolutions, \
            which 'viscera train --pretrained' then takes over with the encoder).
            """)
    var restorer: PretrainingConfiguration.Restorer?

    @Option(help: "Volumes per step.")
    var batch: Int?

    @Option(help: "Crops per volume.")
    var crops: Int?

    /// The defaults for the network, changed by the configuration file, changed by the options.
    func resolved(_ optimisation: TrainOptimisationOptions) throws -> PretrainingConfiguration {
        let file = try config.map { try read($0, "the configuration") }
        var resolved = try defaults(file)
        if let file {
            resolved = try ConfigurationFile.read(file, over: resolved)
            let stated = Stated(file)
            if stated.steps != nil, stated.epochs == nil { resolved.loop.epochs = nil }
        }
        if let objective { resolved.objective.kind = objective }
        if let restorer { resolved.restorer = restorer }
        if let batch { resolved.volumesPerStep = batch }
        if let crops { resolved.cropsPerVolume = crops }
        optimisation.apply(to: &resolved.loop)
        return resolved
    }

    /// The published run for the network that options or file name; sizes of cutouts follow its window.
    private func defaults(_ file: Data?) throws -> PretrainingConfiguration {
        var unetr = UNETRConfiguration.base
        var segmentation: TrainingConfiguration?
        switch network {
        case nil, "base": break
        case "tiny": unetr = .tiny
        case "small": unetr = .small
        case let path?:
            guard path.contains("/") || path.hasSuffix(".json") else {
                throw ValidationError("unknown network '\(path)': expected tiny, small, base or a configuration file (.json)")
            }
            let found = try ConfigurationFile.read(read(path, "the network's configuration"), over: TrainingConfiguration())
            unetr = found.network
            segmentation = found
        }
        var sizes = unetr.transformer
        // The file's own window counts before the sizes that follow from it.
        if let shape = file.flatMap({ Stated($0).network?.imageShape }) { sizes.imageShape = shape }
        if let roi { sizes.imageShape = [roi, roi, roi] }
        guard sizes.imageShape.count == 3 else { throw ValidationError("network.imageShape: expected three numbers, found \(sizes.imageShape)") }
        var configuration = PretrainingConfiguration(network: sizes)
        (configuration.featureSize, configuration.hiddenStateTaps) = (unetr.featureSize, unetr.hiddenStateTaps)
        if let recipe = segmentation?.preprocessing {
            configuration.recipe = recipe
            configuration.recipe.minimumShape = sizes.imageShape
        }
        return configuration
    }

    /// What a file itself says, before the defaults; a file of the wrong form says nothing here and is refused when it is read.
    private struct Stated: Decodable {
        struct Network: Decodable { var imageShape: [Int]? }
        var network: Network?
        var steps: Int?
        var epochs: Int?

        init(_ file: Data) {
            if let stated = try? JSONDecoder().decode(Stated.self, from: file) { self = stated }
        }
    }

    private func read(_ path: String, _ what: String) throws -> Data {
        guard let data = FileManager.default.contents(atPath: path) else { throw ToolFailure(.noInput, "cannot read \(what) '\(path)'") }
        return data
    }
}

extension PretrainingObjective.Kind: ExpressibleByArgument {}
extension PretrainingConfiguration.Restorer: ExpressibleByArgument {}
