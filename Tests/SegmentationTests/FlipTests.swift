import MedicalImaging
import Preprocessing
import Segmentation
import Testing

/// Logits of fourteen channels from the place in the window alone.
private struct PlacePredictor: WindowPredictor {
    var windowShape = SIMD3(8, 6, 4)
    var channelCount: Int { 14 }
    /// The channel that wins at a place.
    var winner: @Sendable (SIMD3<Int>) -> Int

    func predict(_ windows: [Float], count: Int) throws -> [Float] {
        (0..<count).flatMap { _ in
            (0..<channelCount).flatMap { channel in
                (0..<windowShape.x).flatMap { x in
                    (0..<windowShape.y).flatMap { y in (0..<windowShape.z).map { z in winner(SIMD3(x, y, z)) == channel ? 1 : 0 } }
                }
            }
        }
    }
}

@Suite struct FlipTests {
    private func labels(_ predictor: PlacePredictor, flips: [FlipAxis], affine: Affine = .identity) throws -> (labels: LabelMap, runs: Int) {
        var options = SegmentationOptions()
        options.flips = flips
        options.batchSize = 3
        let volume = Volume<Float>(grid: VoxelGrid(shape: predictor.windowShape, affine: affine), repeating: 1)
        let result = try Segmenter(predictor: predictor, recipe: PreprocessingRecipe(), options: options).segment(volume)
        return (result.labels, result.windowsRun)
    }

    /// Right kidney and adrenal gland in the left half of the image, the left ones in the right half: as a mirror image shows them.
    private let kidneys = PlacePredictor { place in place.y < 3 ? (place.x < 4 ? 2 : 3) : (place.x < 4 ? 12 : 13) }

    @Test func flippingLeftAndRightSwapsPairedOrgans() throws {
        let plain = try labels(kidneys, flips: [])
        let flipped = try labels(kidneys, flips: [.leftRight])
        #expect(plain.runs == 1 && flipped.runs == 2)
        #expect(flipped.labels == plain.labels)
        #expect(Set(plain.labels.voxels) == [2, 3, 12, 13])
    }

    @Test func theLeftRightAxisIsThatOfThePatient() throws {
        // Patient's left-right along the second axis of the grid.
        let affine = Affine(columns: SIMD3(0, 1, 0), SIMD3(-1, 0, 0), SIMD3(0, 0, 1), translation: .zero)
        let predictor = PlacePredictor { $0.y < 3 ? 2 : 3 }
        #expect(try labels(predictor, flips: [.leftRight], affine: affine).labels == labels(predictor, flips: [], affine: affine).labels)
        // Flipping along another axis must not swap: the halves stay as they are.
        #expect(try labels(predictor, flips: [.posteriorAnterior], affine: affine).labels == labels(predictor, flips: [], affine: affine).labels)
    }

    @Test(arguments: [FlipAxis.posteriorAnterior, .inferiorSuperior])
    func otherAxesAreFlippedWithoutSwapping(axis: FlipAxis) throws {
        // One half liver, the other background: with its mirror image a tie, which the lowest class wins.
        let along = axis == .posteriorAnterior ? 1 : 2
        let predictor = PlacePredictor { place in place[along] * 2 < SIMD3(8, 6, 4)[along] ? 6 : 0 }
        #expect(try labels(predictor, flips: []).labels.voxels.contains(6))
        #expect(try labels(predictor, flips: [axis]).labels.voxels.allSatisfy { $0 == 0 })
    }

    @Test func allCombinationsAreAveraged() throws {
        let flipped = try labels(kidneys, flips: [.leftRight, .inferiorSuperior])
        #expect(flipped.runs == 4)
        #expect(try flipped.labels == labels(kidneys, flips: []).labels)
    }

    @Test func pairsMustBeKnown() throws {
        let volume = Volume<Float>(grid: VoxelGrid(shape: SIMD3(4, 4, 4), affine: .identity), repeating: 1)
        let predictor = ConstantPredictor(logits: [0, 1, 1], windowShape: SIMD3(4, 4, 4))
        var options = SegmentationOptions()
        options.flips = [.leftRight]
        #expect(throws: SegmentationError.unknownMirroredChannels(channelCount: 3)) {
            try Segmenter(predictor: predictor, recipe: PreprocessingRecipe(), options: options).segment(volume)
        }
        options.mirroredChannels = [0, 2, 1]
        #expect(try Segmenter(predictor: predictor, recipe: PreprocessingRecipe(), options: options).segment(volume).windowsRun == 2)
    }

    @Test func obliqueVolumesAreNotFlipped() throws {
        let turned = Affine(columns: SIMD3(0.7, 0.7, 0), SIMD3(-0.7, 0.7, 0), SIMD3(0, 0, 1), translation: .zero)
        #expect(throws: SegmentationError.obliqueFlip) { try labels(kidneys, flips: [.leftRight], affine: turned) }
        #expect(try labels(kidneys, flips: [.inferiorSuperior], affine: turned).runs == 2)
    }
}
