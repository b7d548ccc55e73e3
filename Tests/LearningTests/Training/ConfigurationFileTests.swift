import Foundation
import Learning
import Testing

@Suite struct ConfigurationFileTests {
    private func read(_ text: String) throws -> TrainingConfiguration { try ConfigurationFile.read(Data(text.utf8), over: TrainingConfiguration()) }

    @Test func absentKeysKeepTheirDefaults() throws {
        let found = try read(#"{"steps": 7, "timeLimit": 2.5, "patch": {"noise": 0}, "schedule": {"kind": "step"}, "loss": {"classWeights": null}}"#)
        var expected = TrainingConfiguration()
        (expected.loop.steps, expected.loop.timeLimit, expected.patch.noise, expected.loop.schedule.kind) = (7, 2.5, 0, .step)
        #expect(found == expected)
    }

    @Test func aConfigurationSurvivesWritingAndReading() throws {
        var configuration = TrainingConfiguration()
        configuration.loop.parameterRules = [ParameterRule(prefix: "vit.", factor: 0.1)]
        configuration.loss.classWeights = [Double](repeating: 0.3, count: 14)
        (configuration.recipe, configuration.loop.schedule.peak, configuration.loop.seed) = (.published, 1.0 / 3, .max)
        #expect(try ConfigurationFile.read(ConfigurationFile.text(configuration), over: TrainingConfiguration()) == configuration)
    }

    @Test(arguments: [
        (#"{"step": 7}"#, "step"), (#"{"patch": {"sheer": 1}}"#, "patch.sheer"), (#"{"patch": {"noise": "loud"}}"#, "patch.noise"),
        (#"{"schedule": {"kind": "sine"}}"#, "schedule.kind"), (#"{"parameterRules": [{"prefix": "vit."}]}"#, "parameterRules[0].factor"),
        (#"{"parameterRules": [{"prefix": "vit.", "factor": 1, "rate": 2}]}"#, "parameterRules[0].rate"), ("[1]", "(file)"), ("{", "(file)"),
    ])
    func whatIsWrongIsNamed(text: String, keyPath: String) throws {
        let error = #expect(throws: LearningError.self) { try read(text) }
        guard case .configuration(keyPath, _) = error else {
            Issue.record("expected the key path \(keyPath), found \(String(describing: error))")
            return
        }
    }

    /// The configurations that ship with the tool are understood to the last key.
    @Test(arguments: ["viscera-compact.json", "viscera-compact-2.json", "viscera-compact-3.json", "unetr-finetune.json"])
    func shippedConfigurationsAreUsable(
        name: String
    ) throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..")
        let data = try Data(contentsOf: root.appending(path: "Models/\(name)"))
        let configuration = try ConfigurationFile.read(data, over: TrainingConfiguration())
        try configuration.validate()
        if name == "unetr-finetune.json" {
            // Specification §3: 24 volumes, one a step.
            #expect(configuration.loop.totalSteps(batchesPerEpoch: 24) == 72_000)
            #expect(configuration.network == .base)
            #expect(configuration.published == PublishedOptions())
            #expect(configuration.loop.schedule.rate(at: 71_999, of: 72_000) == 1e-4)
        }
    }
}
