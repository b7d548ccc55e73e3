import ArgumentParser
import CommandSupport
import Foundation
import ModelArchive
import Models

/// `viscera archive create`: a new archive.
struct ArchiveCreateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Make a model archive: scripts, configurations, lists and papers.",
        discussion: """
            OUT/commands holds scripts that run viscera (pretrain, train, finetune, validate, infer, export), OUT/config what they read. Edit \
            OUT/config/environment.json to say where the data lie, or say it here.

              viscera archive create abdomen --data-root /data/BTCV --pretraining-data-root /data/COVID19
            """)

    @Argument(help: "The folder to make.", completion: .directory)
    var output: String

    @Option(help: "The network: base, small or tiny.")
    var network: NetworkPreset = .base

    @Option(help: "Voxels of the cubic window along each axis (a multiple of 16).")
    var roi: Int?

    @Option(help: ArgumentHelp("The folder of the labelled data.", valueName: "folder"), completion: .directory)
    var dataRoot: String?

    @Option(help: ArgumentHelp("The folder of the unlabelled data.", valueName: "folder"), completion: .directory)
    var pretrainingDataRoot: String?

    @Option(help: ArgumentHelp("The list to train on, in OUT/config.", valueName: "name"))
    var list: String?

    @Option(help: "The spacing of segmentation in mm, one number or three (X,Y,Z).")
    var spacing: SpacingOption?

    @OptionGroup(title: "Messages") var messages: OutputOptions

    func run() throws {
        var blueprint = ArchiveBlueprint()
        blueprint.network = network.configuration
        if let roi { blueprint.network.imageShape = [roi, roi, roi] }
        if let dataRoot { blueprint.dataRoot = URL(filePath: dataRoot).path }
        if let pretrainingDataRoot { blueprint.pretrainingDataRoot = URL(filePath: pretrainingDataRoot).path }
        if let list { blueprint.list = list }
        if let spacing { blueprint.spacing = [0, 1, 2].map { spacing.millimetres[$0] } }
        let root = URL(filePath: output, directoryHint: .isDirectory)
        try AtomicOutput.makeFolder(root.absoluteURL.standardizedFileURL.deletingLastPathComponent())
        try blueprint.create(at: root)
        messages.console.result("\(root.path)  edit config/environment.json, then run commands/train.sh")
        try messages.console.json(["archive": root.path])
    }
}
