import Evaluation
import MedicalImaging
import Testing

@Suite struct LabelStatisticsTests {
    @Test func volumesIntensitiesAndPositionsAreMeasured() throws {
        let grid = VoxelGrid(shape: SIMD3(10, 10, 10), affine: .diagonal(SIMD3(-2, -2, 5), translation: SIMD3(100, 50, -20)))
        var labels = LabelMap(grid: grid, repeating: 0)
        var image = Volume<Float>(grid: grid, repeating: -1000)
        for (index, value) in [(3, 10), (4, 20), (5, 60)] {
            labels[index, 5, 6] = 6
            image[index, 5, 6] = Float(value)
        }
        let result = try LabelStatistics.measure(labels, image: image)
        #expect(result.count == 1)
        let liver = try #require(result.first)
        #expect(liver.label == 6 && liver.voxels == 3)
        #expect(abs(liver.volume - 0.06) < 1e-12)
        #expect(liver.meanIntensity == 30)
        let deviation = try #require(liver.intensityDeviation)
        #expect(abs(deviation - (1400.0 / 3).squareRoot()) < 1e-9)
        #expect(liver.centroid == SIMD3(92, 40, 10))
        #expect(liver.box == VoxelBox(lower: SIMD3(3, 5, 6), upper: SIMD3(6, 6, 7)))
        #expect(!liver.isTruncated)
    }

    @Test func touchedSidesAreThoseOfThePatient() throws {
        // Orientation LPS: i runs to the left, j to the back, k to the head.
        let grid = VoxelGrid(shape: SIMD3(5, 5, 5), affine: .diagonal(SIMD3(-1, -1, 1)))
        var labels = LabelMap(grid: grid, repeating: 0)
        labels[0, 2, 2] = 1
        labels[2, 4, 2] = 2
        labels[2, 2, 0] = 3
        labels[2, 2, 2] = 4
        let sides = try LabelStatistics.measure(labels).map(\.touchedSides)
        #expect(sides == [[.right], [.posterior], [.inferior], []])
        #expect(try LabelStatistics.measure(labels)[0].meanIntensity == nil)
    }

    @Test func anImageOnAnotherGridIsRefused() {
        let labels = LabelMap(grid: VoxelGrid(shape: SIMD3(2, 2, 2), affine: .identity), repeating: 1)
        let image = Volume<Float>(grid: VoxelGrid(shape: SIMD3(2, 2, 3), affine: .identity), repeating: 0)
        #expect(throws: EvaluationError.self) { try LabelStatistics.measure(labels, image: image) }
    }
}

@Suite struct AnatomyWarningTests {
    /// Cubes of 4³ voxels of 1 cm, of 8³ for the liver, in plausible places: (i to the right, j to the front, k to the head).
    private func anatomy(flippedAlong axis: Int? = nil) throws -> [LabelStatistics] {
        let centres: [(Organ, SIMD3<Int>)] = [
            (.liver, SIMD3(31, 20, 26)), (.spleen, SIMD3(4, 12, 26)), (.stomach, SIMD3(10, 26, 24)), (.rightKidney, SIMD3(30, 10, 12)),
            (.leftKidney, SIMD3(8, 8, 14)), (.aorta, SIMD3(17, 12, 18)), (.inferiorVenaCava, SIMD3(23, 14, 18)),
            (.rightAdrenalGland, SIMD3(26, 10, 20)), (.leftAdrenalGland, SIMD3(12, 6, 22)),
        ]
        var affine = Affine.diagonal(SIMD3(10, 10, 10))
        if let axis {
            affine[axis, axis] = -10
            affine[axis, 3] = 400
        }
        var labels = LabelMap(grid: VoxelGrid(shape: SIMD3(40, 40, 40), affine: affine), repeating: 0)
        for (organ, centre) in centres {
            let size = organ == .liver ? 8 : 4
            for k in 0..<size { for j in 0..<size { for i in 0..<size { labels[centre.x + i, centre.y + j, centre.z + k] = organ.rawValue } } }
        }
        return try LabelStatistics.measure(labels)
    }

    @Test func plausibleAnatomyIsLeftInPeace() throws { #expect(AnatomyWarning.warnings(for: try anatomy()) == []) }

    @Test(arguments: [(0, PatientSide.right), (1, .anterior), (2, .superior)])
    func mirroredAnatomyIsNoticed(axis: Int, side: PatientSide) throws {
        let warnings = AnatomyWarning.warnings(for: try anatomy(flippedAlong: axis))
        #expect(warnings.count >= 2)
        for warning in warnings {
            guard case .misplaced(_, _, let found, let distance) = warning else {
                Issue.record("only positions change in a mirror")
                continue
            }
            #expect(found == side)
            #expect(distance > 0)
        }
    }

    @Test func absurdVolumesAreNoticed() throws {
        let speck = ball(Organ.liver.rawValue, shape: SIMD3(30, 30, 30), spacing: SIMD3(1, 1, 1), centre: SIMD3(15, 15, 15), radius: 9)
        let warnings = AnatomyWarning.warnings(for: try LabelStatistics.measure(speck))
        #expect(warnings.count == 1)
        #expect("\(warnings)".contains("mL"))
    }

    @Test func organsOfAirAreNoticedUnlessTheyMayHoldIt() throws {
        let organs: [(Organ, Float)] = [(.rightKidney, -947), (.liver, -45), (.stomach, -800), (.aorta, 300)]
        var statistics = try anatomy()
        for (organ, mean) in organs {
            for index in statistics.indices where statistics[index].label == organ.rawValue { statistics[index].meanIntensity = Double(mean) }
        }
        #expect(AnatomyWarning.warnings(for: statistics) == [.noTissue(organ: .rightKidney, mean: -947)])
    }

    @Test func nothingIsSaidAboutNothing() { #expect(AnatomyWarning.warnings(for: []) == []) }
}
