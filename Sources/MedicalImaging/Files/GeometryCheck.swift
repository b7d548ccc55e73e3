import Foundation

/// Looks at where the voxels of an image lie for what surprises users.
enum GeometryCheck {
    /// Warns of axes that are not perpendicular: with the angle, and the distance it makes across the volume.
    static func warnings(for grid: VoxelGrid) -> [ImageWarning] {
        let columns = grid.affine.columns
        let norms = grid.affine.columnNorms
        var worst = (deviation: 0.0, axes: (0, 1))
        for (first, second) in [(0, 1), (0, 2), (1, 2)] {
            let cosine = abs(dot(columns[first], columns[second])) / (norms[first] * norms[second])
            if cosine > worst.deviation { worst = (cosine, (first, second)) }
        }
        // One part in a million is what 32-bit storage costs.
        guard worst.deviation > 1e-5 else { return [] }
        let angle = asin(min(1, worst.deviation)) * 180 / .pi
        let length = min(norms[worst.axes.0] * Double(grid.shape[worst.axes.0]), norms[worst.axes.1] * Double(grid.shape[worst.axes.1]))
        let names = ["i", "j", "k"]
        return [
            ImageWarning(
                .shear,
                "the axes \(names[worst.axes.0]) and \(names[worst.axes.1]) are \(rounded(90 - angle))° apart, not 90°: a shear of "
                    + "\(rounded(length * worst.deviation)) mm across the volume; the affine is used as it is")
        ]
    }

    private static func rounded(_ value: Double) -> String { String((value * 10000).rounded() / 10000) }
}
