import Foundation
import Learning
import Testing

@Suite struct PretrainingConfigurationTests {
    private func resolved(_ text: String) throws -> PretrainingConfiguration {
        try ConfigurationFile.read(Data(text.utf8), over: PretrainingConfiguration())
    }

    @Test func whatIsNotStatedKeepsItsDefault() throws {
        let configuration = try resolved(
            #"{"seed": 7, "objective": {"temperature": 0.1}, "recipe": {"orientation": "RAS"}, "corruption": {"shuffling": {"holes": {"count": 3}}}}"#
        )
        var expected = PretrainingConfiguration()
        expected.loop.seed = 7
        expected.objective.temperature = 0.1
        expected.recipe.orientation = "RAS"
        expected.corruption.shuffling.holes.count = 3
        #expect(configuration == expected)
        #expect(try resolved("{}") == PretrainingConfiguration())
    }

    @Test func aResolvedFileResolvesToItself() throws {
        var configuration = PretrainingConfiguration()
        configuration.loop.schedule.peak = 3.7e-4
        let data = try ConfigurationFile.text(configuration)
        #expect(try ConfigurationFile.read(data, over: PretrainingConfiguration()) == configuration)
    }

    @Test(arguments: [
        (#"{"sede": 1}"#, "sede"), (#"{"objective": {"tau": 1}}"#, "objective.tau"),
        (#"{"corruption": {"innerCutout": {"holes": {"number": 1}}}}"#, "corruption.innerCutout.holes.number"),
        (#"{"seed": "one"}"#, "seed"), (#"{"steps": null}"#, "steps"), ("[]", "(file)"), ("{", "(file)"),
    ])
    func whatIsWrongIsNamedByItsKeyPath(text: String, keyPath: String) {
        let error = #expect(throws: LearningError.self) { try resolved(text) }
        #expect(error?.description.contains("configuration \(keyPath)") == true, "\(String(describing: error))")
    }
}
