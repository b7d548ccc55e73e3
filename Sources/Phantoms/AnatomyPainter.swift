import MedicalImaging

/// Paints CT-like volumes with exact organ labels from a label map of real anatomy, deformed differently for every seed.
///
/// The expensive preparation (distances, materials) happens once in `init`; a painter may be used from many threads at once.
/// Idea: SynthSeg (Billot et al. 2023), with tissue statistics of CT instead of arbitrary ones for most samples.
public struct AnatomyPainter: Sendable {
    private let model: AnatomyModel
    private let table: AnatomyTable

    /// Prepares an anatomy.
    /// - Parameters:
    ///   - anatomy: a label per voxel, 0 where nothing is known; any orientation, spacing 0.1 to 20 mm.
    ///   - table: what the labels stand for.
    /// - Throws: `PhantomError.unknownStructure` for a label the table lacks, `.unusableAnatomy` for an empty or degenerate map.
    public init(anatomy: LabelMap, table: AnatomyTable = .totalSegmentator) throws(PhantomError) {
        model = try AnatomyModel(anatomy: anatomy, table: table)
        self.table = table
    }

    /// Paints the phantom of `seed`; the same seed and options give the same phantom.
    /// - Throws: `PhantomError.invalidOption`.
    public func paint(seed: UInt64, options: PaintOptions = PaintOptions()) throws(PhantomError) -> Phantom {
        try options.validate()
        var random = RandomStream(seed: seed)
        var shapeRandom = random.fork()
        var appearanceRandom = random.fork()
        var textureRandom = random.fork()
        var scannerRandom = random.fork()
        let frame = PhantomFrame(model: model, options: options, random: &shapeRandom)
        let appearance = Appearance(table: table, options: options, random: &appearanceRandom)
        let painting = Painting(model: model, appearance: appearance, frame: frame, random: &textureRandom)
        var (hounsfield, labels) = painting.paint()
        Scanner(options: options, grid: frame.grid, random: &scannerRandom).scan(&hounsfield, random: &scannerRandom)
        return Phantom(image: Volume(grid: frame.grid, voxels: hounsfield), labels: Volume(grid: frame.grid, voxels: labels))
    }
}
