import Foundation
import ModelArchive
import TestSupport
import Testing

@Suite struct ConfigurationTests {
    private let folder: TemporaryDirectory
    private let layout: ArchiveLayout

    init() throws {
        folder = try TemporaryDirectory()
        layout = ArchiveLayout(root: folder.file("mmar"))
        try Fixtures.blueprint.create(at: layout.root)
    }

    private func plan(_ settings: String...) throws -> TrainingPlan {
        try ArchiveConfiguration(
            layout: layout, configuration: ArchiveLayout.trainingConfiguration, environment: ArchiveLayout.environment,
            settings: settings.map { try ArchiveVariables.Setting(parsing: $0) }
        ).trainingPlan()
    }

    private func edit(_ file: String, _ old: String, _ new: String) throws { try Fixtures.edit(layout.root.appending(path: file), [(old, new)]) }

    /// Expects reading to fail with the key path and the phrase.
    private func expectRefusal(_ keyPath: String, _ phrase: String, sourceLocation: SourceLocation = #_sourceLocation) {
        let error = #expect(throws: ArchiveError.self, sourceLocation: sourceLocation) { try plan() }
        guard case .configuration(let file, let found, let reason)? = error else { return }
        #expect(found == keyPath, "\(reason)", sourceLocation: sourceLocation)
        #expect(reason.contains(phrase) && file.hasSuffix(".json"), "\(file): \(reason)", sourceLocation: sourceLocation)
    }

    @Test func laterSourcesOfVariablesWin() throws {
        #expect(try plan().epochs == 3000)
        try edit("config/environment.json", #""PROCESSING_TASK""#, #""epochs": 70, "PROCESSING_TASK""#)
        #expect(try plan().epochs == 70)
        #expect(try plan("epochs=5", "learning_rate=2e-4").epochs == 5)
        #expect(try plan("epochs=5", "learning_rate=2e-4").optimizer.learningRate == 2e-4)
        #expect(try plan("MMAR_CKPT_DIR=elsewhere").folder.path == layout.root.appending(path: "elsewhere").path)
        #expect(try plan("amp=False").usesReducedPrecision == false)
    }

    @Test func variablesMayReferToVariables() throws {
        try edit("config/environment.json", #""models/model.pt""#, #""{MMAR_CKPT_DIR}/deep/model.pt""#)
        let loaded = try plan("dont_load_ckpt_model=False")
        #expect(loaded.initialWeights?.file.path == layout.root.appending(path: "models/deep/model.pt").path)
        #expect(loaded.initialWeights?.isStrict == true)
        try edit("config/environment.json", #""MMAR_CKPT_DIR": "models""#, #""MMAR_CKPT_DIR": "{MMAR_CKPT}""#)
        expectRefusal("train.handlers[0].args.load_path", "circle")
    }

    @Test func settingsAreParsedAsPythonWritesThem() throws {
        for (text, name) in [("a=True", "a"), ("b=[1, 2]", "b"), ("path=/x/y=z", "path"), ("n=None", "n")] {
            #expect(try ArchiveVariables.Setting(parsing: text).name == name)
        }
        for text in ["epochs", "=5", "a b=3"] { #expect(throws: ArchiveError.self) { try ArchiveVariables.Setting(parsing: text) } }
        let error = #expect(throws: ArchiveError.self) { try plan("epoch=5") }
        #expect(error?.description.contains("epoch") == true)
    }

    @Test func whatIsUnknownIsRefusedByKeyPath() throws {
        let cases: [(old: String, new: String, keyPath: String, phrase: String)] = [
            (#""epochs": 3000"#, #""epoch": 3000, "epochs": 3000"#, "epoch", "not known"),
            (#""name": "Adam""#, #""name": "Novograd""#, "train.optimizer.name", "Adam, AdamW"),
            (#""lr": "{learning_rate}""#, #""rate": "{learning_rate}""#, "train.optimizer.args.rate", "no such argument"),
            (#""lr": "{learning_rate}""#, #""lr": "{speed}""#, "train.optimizer.args.lr", "{speed}"),
            (#""lr": "{learning_rate}""#, #""lr": "fast""#, "train.optimizer.args.lr", "a number"),
            ("#@model.parameters()", "#@model.named_parameters()", "train.optimizer.args.params", "runs no Python"),
            (#""loss_function": "@loss""#, #""loss_function": "@losses""#, "train.trainer.args.loss_function", "nothing is called"),
            (#""name": "UNETR""#, #""path": "my_network.Net""#, "train.model.path", "code of one's own"),
            (#""ref": "Spacingd""#, #""ref": "Spacing""#, "validate.pre_transforms[3].ref", "Spacingd"),
            (#""prob": 0.5"#, #""prob": 1.5"#, "train.pre_transforms[11].args.prob", "probability"),
            (#""clip": true"#, #""clip": false"#, "train.pre_transforms[4].args.clip", "true"),
            (#""softmax": true"#, #""softmax": false"#, "train.loss.args.softmax", "true"),
            (#""num_heads": 4"#, #""num_heads": 5"#, "train.model", "headCount"),
            (#""random_seed": 0"#, #""random_seed": -1"#, "determinism", "random_seed"),
            (#""train": {"#, #""loss": {}, "train": {"#, "loss", "beside 'train'"),
        ]
        let url = layout.root.appending(path: ArchiveLayout.trainingConfiguration)
        let original = try String(contentsOf: url, encoding: .utf8)
        for (old, new, keyPath, phrase) in cases {
            // The first place only: some texts occur twice.
            let range = try #require(original.range(of: old), "\(old)")
            try Data(original.replacingCharacters(in: range, with: new).utf8).write(to: url)
            expectRefusal(keyPath, phrase)
        }
        try Data("{".utf8).write(to: url)
        expectRefusal("", "JSON")
    }

    @Test func stepsOutOfOrderAreRefused() throws {
        let url = layout.root.appending(path: ArchiveLayout.trainingConfiguration)
        var value = try #require(try JSONSerialization.jsonObject(with: Data(contentsOf: url)) as? [String: Any])
        var train = try #require(value["train"] as? [String: Any])
        var steps = try #require(train["pre_transforms"] as? [[String: Any]])
        // Spacing before orientation, as the first version of the tutorial had it.
        steps.swapAt(2, 3)
        train["pre_transforms"] = steps
        value["train"] = train
        try JSONSerialization.data(withJSONObject: value).write(to: url)
        expectRefusal("train.pre_transforms[3]", "out of order")
    }

    @Test func disabledComponentsAreLeftOut() throws {
        #expect(try plan().initialWeights == nil)
        let pretrained = try plan("dont_load_pretraining=False")
        #expect(pretrained.initialWeights?.isStrict == false)
        let error = #expect(throws: ArchiveError.self) { try plan("dont_load_pretraining=False", "dont_load_ckpt_model=False") }
        #expect(error?.description.contains("second enabled CheckpointLoader") == true)
    }

    @Test func aMissingArchiveIsNamed() {
        let error = #expect(throws: ArchiveError.self) {
            try ArchiveConfiguration(layout: ArchiveLayout(root: folder.file("none")), configuration: "config/x.json", environment: nil)
        }
        #expect(error?.description.contains("archive create") == true)
    }
}
