import MedicalImaging

/// The displacements of a deformation on a control grid over the phantom, in anatomy voxels, interpolated row by row.
struct DisplacementGrid: Sendable {
    /// mm between nodes.
    private static let pitch = 16.0
    private let nodes: SIMD3<Int>
    /// Voxels between nodes.
    private let step: SIMD3<Double>
    private let values: [SIMD4<Float>]
    private let toAnatomy: Affine

    init(model: AnatomyModel, frame: PhantomFrame, random: inout RandomStream) {
        let pitch = DisplacementGrid.pitch
        step = pitch / frame.grid.spacing
        let extent = SIMD3<Double>(frame.grid.shape &- 1) / step
        nodes = SIMD3<Int>(extent.rounded(.down)) &+ 2
        toAnatomy = frame.toAnatomy
        let field = frame.deformation.displacements(
            nodes: nodes, spacing: SIMD3(repeating: pitch), grid: frame.grid.affine * Affine.diagonal(step), random: &random)
        let inverse = model.materials.grid.affine.inverse!
        values = field.map { SIMD4(SIMD3<Float>(inverse.linear(SIMD3<Double>($0))), 0) }
    }

    /// Writes the anatomy voxel position of each voxel of row (j, k).
    func anatomyPositions(_ row: inout [SIMD4<Float>], j: Int, k: Int) {
        let (y, z) = (Double(j) / step.y, Double(k) / step.z)
        let (b, c) = (Int(y), Int(z))
        let (ty, tz) = (Float(y - Double(b)), Float(z - Double(c)))
        let start = SIMD4(SIMD3<Float>(toAnatomy(SIMD3(0, Double(j), Double(k)))), 0)
        let stride = SIMD4(SIMD3<Float>(toAnatomy.columns[0]), 0)
        func node(_ a: Int) -> SIMD4<Float> {
            let index = a + nodes.x * (b + nodes.y * c)
            let low = values[index] + (values[index + nodes.x] - values[index]) * ty
            let above = index + nodes.x * nodes.y
            let high = values[above] + (values[above + nodes.x] - values[above]) * ty
            return low + (high - low) * tz
        }
        var cell = 0
        var (left, right) = (node(0), node(1))
        for i in 0..<row.count {
            let x = Double(i) / step.x
            while Int(x) > cell {
                cell += 1
                (left, right) = (right, node(cell + 1))
            }
            row[i] = start + stride * Float(i) + left + (right - left) * Float(x - Double(cell))
        }
    }
}
