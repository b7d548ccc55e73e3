import ArgumentParser
import CommandSupport
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
        memory.apply(to: &probe.cache, &probe.memory)
        var plain = TrainingConfiguration()
        memory.applyMachine(to: &plain.cache, &plain.memory)
        guard probe == plain else {
            throw ToolFailure(.usage, "with -m the archive's configuration decides; give variables instead of options, as in --set epochs=100")
        }
        let console = messages.console
        var options = ArchiveOptions()
        (options.archive, options.environment, options.settings) = (folder, archive.environment, archive.settings)
        let file = config ?? ArchiveLayout.trainingConfiguration
        let configuration = try options.read(file, console)
        let device = try configuration.device(optimisation.device)
        let provenance = Provenance(commands: ["viscera train -m … -c \(URL(filePath: file).lastPathComponent)"])
        let launch = try Launch(environment: ProcessInfo.processInfo.environment)
        let processes = try launch.map { try ProcessGroup($0) }
        if configuration.usesSeveralProcesses, processes == nil {
            throw ToolFailure(.usage, "multi_gpu=True needs several processes: start them with torchrun, srun or mpirun, or set multi_gpu=False")
        }
        var resources = ArchiveResources(device: device)
        memory.applyMachine(to: &resources.cache, &resources.memory)
        resources.localProcesses = launch?.localSize ?? 1
        resources.onNote = { console.warning($0) }
        Interruption.setHandler { TrainingInterruption.isRequested.store(true, ordering: .relaxed) }
        if configuration.isPretraining {
            let run = try ArchivePretraining(configuration, resources, processes: processes, provenance: provenance, license: license)
            try follow(run.notes, run.folder, ConfigurationFile.text(run.configuration), run.datalist, processes) { try run.run(onEvent: $0) }
        } else {
            let run = try ArchiveTraining(configuration, resources, processes: processes, provenance: provenance, license: license)
            try follow(run.notes, run.folder, ConfigurationFile.text(run.configuration), run.datalist, processes) { try run.run(onEvent: $0) }
        }
    }

    /// Runs a training and tells of it; processes other than the first say nothing.
    private func follow(
        _ notes: [String], _ folder: URL, _ configuration: Data, _ datalist: URL, _ processes: ProcessGroup?,
        _ training: ((TrainingEvent) throws -> Void) throws -> TrainingOutcome
    ) throws {
        guard processes?.isFirst ?? true else {
            _ = try training { _ in }
            return
        }
        let console = messages.console
        for note in notes { console.note(note) }
        let listener = try RunListener(console: console, folder: folder, configuration: configuration, datalists: [datalist.path])
        let outcome = try listener.listen(to: training)
        for file in outcome.files { console.result("wrote \(file.path)") }
        try console.json(outcome)
    }
}
