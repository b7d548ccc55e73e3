import MedicalImaging
import Phantoms
import Testing

@Suite struct PhantomGeneratorTests {
    private func options() -> PhantomOptions {
        var options = PhantomOptions()
        options.organAbsence = 0
        options.paint.randomIntensityFraction = 0
        options.paint.spacing = SIMD3(4, 4, 4)
        options.paint.shape = SIMD3(100, 80, 100)
        options.paint.region = 0.55...0.55
        return options
    }

    @Test(arguments: 0..<6 as Range<UInt64>)
    func everyOrganIsPresentAndOnItsSide(seed: UInt64) throws {
        let phantom = try PhantomGenerator(options: options()).patient(seed: seed)
        let counts = phantom.counts()
        for organ in Organ.allCases { #expect(counts[organ, default: 0] > 0, "\(organ.name) is missing") }
        let spine = phantom.centroid(of: .aorta).x
        #expect(phantom.centroid(of: .liver).x > spine + 20)
        #expect(phantom.centroid(of: .spleen).x < spine - 40)
        #expect(phantom.centroid(of: .rightKidney).x > phantom.centroid(of: .leftKidney).x + 60)
        #expect(phantom.centroid(of: .rightAdrenalGland).x > phantom.centroid(of: .leftAdrenalGland).x + 15)
        #expect(phantom.centroid(of: .rightAdrenalGland).z > phantom.centroid(of: .rightKidney).z)
        #expect(phantom.centroid(of: .inferiorVenaCava).x > spine)
    }

    /// Volumes in mL within wide human limits, before deformation.
    @Test(arguments: [
        (Organ.liver, 800.0...2600), (.spleen, 60...600), (.rightKidney, 80...300), (.leftKidney, 80...300), (.pancreas, 30...160),
        (.stomach, 60...700), (.gallbladder, 8...90), (.rightAdrenalGland, 1.5...12), (.leftAdrenalGland, 1.5...12),
    ])
    func volumesAreHuman(organ: Organ, range: ClosedRange<Double>) throws {
        let generator = PhantomGenerator(options: options())
        let members = AnatomyTable.totalSegmentator.structures.filter { $0.value.organ == organ }.keys
        for seed in 0..<8 as Range<UInt64> {
            let map = try generator.anatomy(seed: seed)
            let voxels = map.voxels.reduce(0) { $0 + (members.contains($1) ? 1 : 0) }
            #expect(range.contains(Double(voxels) * map.grid.voxelVolume / 1000), "seed \(seed)")
        }
    }

    @Test func seedsDecideEverything() throws {
        let generator = PhantomGenerator(options: options())
        #expect(try generator.patient(seed: 11) == generator.patient(seed: 11))
        #expect(try generator.anatomy(seed: 11) != generator.anatomy(seed: 12))
    }

    @Test func organsMayBeAbsent() throws {
        var options = options()
        options.organAbsence = 1
        let map = try PhantomGenerator(options: options).anatomy(seed: 1)
        #expect(!map.voxels.contains(21))
        #expect(map.voxels.contains(44))
    }

    @Test func optionsOutsideTheirRangesAreRefused() {
        for mistake in [{ $0.variation = 3 }, { $0.organAbsence = .nan }, { $0.paint.deformation = 9 }] as [(inout PhantomOptions) -> Void] {
            var options = PhantomOptions()
            mistake(&options)
            #expect(throws: PhantomError.self) { try PhantomGenerator(options: options).patient(seed: 0) }
        }
    }
}
