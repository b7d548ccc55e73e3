import MedicalImaging

/// Where a phantom's voxels lie in the patient and in the anatomy.
struct PhantomFrame: Sendable {
    /// The phantom's grid.
    let grid: VoxelGrid
    /// Phantom voxel index to anatomy voxel index, without displacements.
    let toAnatomy: Affine
    /// The deformation drawn.
    let deformation: Deformation

    init(model: AnatomyModel, options: PaintOptions, random: inout RandomStream) {
        let source = model.materials.grid
        // The body axis is taken along the map's k, across it the bounding box of all structures.
        let (low, high) = (SIMD3<Double>(model.lower), SIMD3<Double>(model.upper))
        let fraction =
            options.shape == nil
            ? (options.region.lowerBound + options.region.upperBound) / 2 : random.uniform(options.region.lowerBound, options.region.upperBound)
        var centreIndex = (low + high) / 2
        centreIndex.z = low.z + (high.z - low.z) * fraction
        let extent = (high - low) * source.spacing
        let pivot = source.affine(centreIndex)
        deformation = Deformation(model: model, centre: pivot, strength: options.deformation, random: &random)
        let body = extent * deformation.bodyScale
        let margin = 2 * 30.0
        let shape: SIMD3<Int>
        if let given = options.shape {
            shape = given
        } else {
            let length = (options.region.upperBound - options.region.lowerBound) * body.z
            let size = SIMD3(body.x + margin, body.y + margin + 20, max(length, 4 * options.spacing.z)) / options.spacing
            shape = SIMD3<Int>(size.rounded(.up)).clamped(lowerBound: SIMD3(repeating: 4), upperBound: SIMD3(repeating: 1024))
        }
        // A grid smaller than the body looks at a random part of it; a larger one holds it off centre.
        let slack = SIMD3<Double>(shape) * options.spacing - body
        var centre = pivot
        if options.shape != nil {
            for axis in 0..<2 { centre[axis] += random.uniform(-0.5, 0.5) * min(abs(slack[axis]), slack[axis] > 0 ? 60 : 140) }
        }
        let axes = PhantomFrame.axes(options.orientation, random: &random)
        let columns = (0..<3).map { axes.columns[$0] * options.spacing[$0] }
        let unplaced = Affine(columns: columns[0], columns[1], columns[2], translation: .zero)
        let middle = (SIMD3<Double>(shape) - 1) / 2
        let affine = Affine(columns: columns[0], columns[1], columns[2], translation: centre - unplaced(middle))
        grid = VoxelGrid(shape: shape, affine: affine)
        toAnatomy = source.affine.inverse! * deformation.affine * affine
    }

    private static func axes(_ orientation: GridOrientation, random: inout RandomStream) -> Affine {
        switch orientation {
        case .ras: return .identity
        case .lps: return .diagonal(SIMD3(-1, -1, 1))
        case .oblique:
            let degree = Double.pi / 180
            return .rotation(SIMD3(random.uniform(-15, 15), random.uniform(-15, 15), random.uniform(-15, 15)) * degree)
        }
    }
}
