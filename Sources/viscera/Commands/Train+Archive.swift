import ArgumentParser
import Foundation
import Learning
import ModelArchive
import Torch
import Weights

/// A model archive to train in the place of datalists and options; named as Clara Train's programs name them.
struct TrainArchiveOptions: ParsableArguments {
    @Option(
        name: [.customShort("m"), .customLong("archive")],
        help: ArgumentHelp("A model archive (MMAR): its configuration says what is trained on what.", valueName: "folder"), completion: .directory)
    var folder: String?

    @Option(
        name: [.customShort("e"), .customLong("environment")],
        help: ArgumentHelp("The archive's file of variables.", valueName: "file"), completion: .file(extensions: ["json"]))
    var environment: String = ArchiveLayout.environment

    @Option(
        name: .customLong("set"), parsing: .upToNextOption,
        help: ArgumentHelp("Variables of the archive that win over those of its files.", valueName: "name=value"))
    var settings: [String] = []
}

extension Train {
    /// Trains as an archive's configuration says.
    func runArchive(_ folder: String) throws {
        var probe = TrainingConfiguration()
        model.apply(to: &probe)
        optimisation.apply(to: &probe.loop)
        guard probe == TrainingConfiguration() else {
            throw ToolFailure(.usage, "with -m the archive's configuration decides; give variables instead of options, as in --set epochs=100")
        }
        let console = messages.console
        var options = ArchiveOptions()
        (options.archive, options.environment, options.settings) = (folder, archive.environment, archive.settings)
        let file = config ?? ArchiveLayout.trainingConfiguration
        let configuration = try options.read(file, console)
        let device = try configuration.device(optimisation.device)
        let provenance = Provenance(commands: ["viscera train -m … -c \(URL(filePath: file).lastPathComponent)"])
        let processes = try Launch(environment: ProcessInfo.processInfo.environment).map { try ProcessGroup($0) }
        let training = try ArchiveTraining(configuration, device: device, processes: processes, provenance: provenance, license: license)
        Interruption.setHandler { TrainingInterruption.isRequested.store(true, ordering: .relaxed) }
        guard processes?.isFirst ?? true else {
            _ = try training.run { _ in }
            return
        }
        for note in training.notes { console.note(note) }
        let listener = try RunListener(
            console: console, folder: training.folder, configuration: ConfigurationFile.text(training.configuration),
            datalists: [training.datalist.path])
        let outcome = try listener.listen(to: { try training.run(onEvent: $0) })
        for file in outcome.files { console.result("wrote \(file.path)") }
        try console.json(outcome)
    }
}
