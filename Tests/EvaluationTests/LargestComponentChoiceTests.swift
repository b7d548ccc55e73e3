import Evaluation
import MedicalImaging
import Testing

@Suite struct LargestComponentChoiceTests {
    private func choice(_ pairs: [(plain: Double, largest: Double)]) -> LargestComponentChoice {
        LargestComponentChoice(label: 6, name: "liver", pairs: pairs)
    }

    @Test func anOrganIsChosenWhereItsMeanRises() {
        let found = choice([(0.8, 0.9), (0.7, 0.68), (0.5, 0.5)])
        #expect(found.isChosen)
        #expect((found.cases, found.improved, found.worsened) == (3, 1, 1))
        #expect(abs(found.dice - 2.0 / 3) < 1e-12 && abs(found.largestDice - 2.08 / 3) < 1e-12)
        #expect(!choice([(0.8, 0.7), (0.7, 0.75)]).isChosen)
    }

    @Test func aTieOrARiseWithinRoundingIsNone() {
        #expect(!choice([(0.8, 0.8), (0.7, 0.7)]).isChosen)
        #expect(!choice([(0.8, 0.8 + LargestComponentChoice.leastGain / 2)]).isChosen)
        #expect(choice([(0.8, 0.8 + LargestComponentChoice.leastGain * 2)]).isChosen)
    }

    @Test func casesWithoutTheOrganCountOnNeitherSide() {
        let found = choice([(.nan, .nan), (0.5, 0.6)])
        #expect(found.cases == 1 && found.dice == 0.5 && found.isChosen)
        let absent = choice([(.nan, .nan)])
        #expect(absent.cases == 0 && absent.dice.isNaN && !absent.isChosen)
        #expect(!choice([]).isChosen)
    }

    /// A liver with an island far away, and a spleen whose two halves both belong to it.
    @Test func choicesFollowFromLabelMaps() throws {
        let grid = VoxelGrid(shape: SIMD3(20, 4, 4), affine: .diagonal(SIMD3(1, 1, 1)))
        var truth = LabelMap(grid: grid, repeating: 0)
        for i in 0..<6 { truth[i, 0, 0] = 6 }
        for i in [0, 1, 4, 5] { truth[i, 3, 3] = 1 }
        var found = truth
        for i in 14..<18 { found[i, 0, 0] = 6 }
        let settings = EvaluationSettings(labels: [1: "spleen", 6: "liver", 11: "pancreas"], measuresSurfaces: false)
        let plain = try CaseEvaluation(name: "one", prediction: found, reference: truth, settings: settings)
        let largest = try CaseEvaluation(name: "one", prediction: found.keepingLargestComponents().labels, reference: truth, settings: settings)
        let choices = LargestComponentChoice.choices([(plain, largest)])
        #expect(choices.map(\.name) == ["spleen", "liver", "pancreas"])
        #expect(choices.map(\.isChosen) == [false, true, false])
        // Of ten voxels six are right; then all are. Half a spleen is left.
        #expect(abs(choices[1].dice - 12.0 / 16) < 1e-12 && choices[1].largestDice == 1)
        #expect(choices[0].dice == 1 && abs(choices[0].largestDice - 4.0 / 6) < 1e-12)
        #expect(choices[2].cases == 0)
    }
}
