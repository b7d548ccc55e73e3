import MedicalImaging
import Phantoms
import Testing

@Suite struct AnatomyPainterTests {
    let painter: AnatomyPainter

    init() throws { painter = try AnatomyPainter(anatomy: BlockAnatomy.map()) }

    private func options(_ phase: ContrastPhase? = nil) -> PaintOptions {
        var options = PaintOptions()
        options.spacing = SIMD3(5, 5, 5)
        options.shape = SIMD3(64, 56, 50)
        options.region = 0.45...0.55
        options.phase = phase
        options.randomIntensityFraction = 0
        return options
    }

    @Test func sameSeedGivesTheSamePhantom() throws {
        #expect(try painter.paint(seed: 5, options: options()) == painter.paint(seed: 5, options: options()))
    }

    @Test func differentSeedsDiffer() throws {
        let a = try painter.paint(seed: 1, options: options())
        let b = try painter.paint(seed: 2, options: options())
        #expect(a.image != b.image)
        #expect(a.labels != b.labels)
    }

    @Test func gridIsHonoured() throws {
        var options = options()
        options.spacing = SIMD3(4, 3, 6)
        options.shape = SIMD3(33, 48, 21)
        let phantom = try painter.paint(seed: 3, options: options)
        #expect(phantom.image.grid.shape == SIMD3(33, 48, 21))
        #expect(phantom.labels.grid == phantom.image.grid)
        #expect(phantom.image.grid.affine.columns == [SIMD3(4, 0, 0), SIMD3(0, 3, 0), SIMD3(0, 0, 6)])
    }

    @Test(arguments: GridOrientation.allCases)
    func sidesAreRightInPatientCoordinates(orientation: GridOrientation) throws {
        var options = options()
        options.orientation = orientation
        for seed in 0..<4 as Range<UInt64> {
            let phantom = try painter.paint(seed: seed, options: options)
            #expect(phantom.centroid(of: .liver).x > phantom.centroid(of: .spleen).x + 50)
            #expect(phantom.centroid(of: .rightKidney).x > phantom.centroid(of: .leftKidney).x + 30)
            #expect(phantom.centroid(of: .stomach).y > phantom.centroid(of: .leftKidney).y + 20)
            #expect(phantom.centroid(of: .leftKidney).z > phantom.centroid(of: .rightKidney).z)
        }
    }

    /// Undeformed, the labels are those of the map, whatever the map's storage order.
    @Test func undeformedLabelsAreThoseOfTheMap() throws {
        var options = options()
        options.deformation = 0
        options.spacing = SIMD3(3, 3, 3)
        options.shape = SIMD3(140, 120, 100)
        let expected = BlockAnatomy.map()
        for map in [expected, BlockAnatomy.leftPosteriorSuperior()] {
            let phantom = try AnatomyPainter(anatomy: map).paint(seed: 9, options: options)
            let liver = try #require(phantom.counts()[.liver])
            let reference = expected.voxels.reduce(0) { $0 + ($1 == 44 ? 1 : 0) }
            #expect(abs(Double(liver) / Double(reference) - 1) < 0.03)
            let centroid = phantom.centroid(of: .liver)
            #expect(norm(centroid - SIMD3(70, 10, 20)) < 1.5)
        }
    }

    @Test(arguments: [(ContrastPhase.nonContrast, 0.0...90), (.portalVenous, 50.0...180)])
    func liverLiesInTheRangeOfItsPhase(phase: ContrastPhase, range: ClosedRange<Double>) throws {
        for seed in 0..<6 as Range<UInt64> {
            let phantom = try painter.paint(seed: seed, options: options(phase))
            #expect(range.contains(Double(phantom.median(of: .liver))))
        }
    }

    @Test func arteriesAreBrightestInTheArterialPhase() throws {
        for seed in 0..<6 as Range<UInt64> {
            let arterial = try painter.paint(seed: seed, options: options(.arterial))
            let plain = try painter.paint(seed: seed, options: options(.nonContrast))
            #expect(arterial.median(of: .aorta) > plain.median(of: .aorta) + 60)
            #expect(arterial.labels == plain.labels)
        }
    }

    @Test func bodyIsSurroundedByAirAndFilled() throws {
        var options = options(.portalVenous)
        options.artefacts = false
        let phantom = try painter.paint(seed: 4, options: options)
        let air = phantom.image.voxels.reduce(0) { $0 + ($1 < -900 ? 1 : 0) }
        let fraction = Double(air) / Double(phantom.image.voxels.count)
        #expect((0.2...0.9).contains(fraction))
        #expect(phantom.image.voxels.allSatisfy { (-1024...3071).contains($0) })
    }
}

@Suite struct HostilePhantomInputTests {
    @Test func optionsOutsideTheirRangesAreRefused() throws {
        let painter = try AnatomyPainter(anatomy: BlockAnatomy.map())
        let mistakes: [(inout PaintOptions) -> Void] = [
            { $0.spacing.y = 0 }, { $0.spacing.x = .nan }, { $0.shape = SIMD3(0, 10, 10) }, { $0.shape = SIMD3(4, 4, 100_000) },
            { $0.region = -1...0.5 }, { $0.deformation = .infinity }, { $0.deformation = -1 }, { $0.randomIntensityFraction = 2 },
            { $0.noise = 0...1e9 },
        ]
        for mistake in mistakes {
            var options = PaintOptions()
            mistake(&options)
            #expect(throws: PhantomError.self) { try painter.paint(seed: 0, options: options) }
        }
    }

    @Test func unusableAnatomiesAreRefused() throws {
        let grid = BlockAnatomy.map().grid
        #expect(throws: PhantomError.self) { try AnatomyPainter(anatomy: LabelMap(grid: grid, repeating: 0)) }
        #expect(throws: PhantomError.unknownStructure(label: 200)) { try AnatomyPainter(anatomy: LabelMap(grid: grid, repeating: 200)) }
        var flat = BlockAnatomy.map()
        flat.grid.affine.columns[2] = .zero
        #expect(throws: PhantomError.self) { try AnatomyPainter(anatomy: flat) }
        let tiny = LabelMap(grid: VoxelGrid(shape: SIMD3(1, 1, 1), affine: .identity), repeating: 44)
        #expect(throws: PhantomError.self) { try AnatomyPainter(anatomy: tiny) }
    }
}
