/// A 3-D image: a grid and one scalar per voxel.
///
/// Storage is in file order, axis i fastest: voxel (i, j, k) is `voxels[grid.index(i, j, k)]`. CT intensities are in Hounsfield
/// units (HU) after the file's rescale.
public struct Volume<Scalar: Sendable>: Sendable {
    /// Where the voxels lie in the patient.
    public var grid: VoxelGrid
    /// `grid.count` scalars, axis i fastest.
    public var voxels: [Scalar]

    /// - Precondition: `voxels.count == grid.count`.
    public init(grid: VoxelGrid, voxels: [Scalar]) {
        precondition(voxels.count == grid.count, "a volume of \(grid.shape) takes \(grid.count) voxels, not \(voxels.count)")
        self.grid = grid
        self.voxels = voxels
    }

    /// A volume of one value.
    public init(grid: VoxelGrid, repeating value: Scalar) {
        self.init(grid: grid, voxels: [Scalar](repeating: value, count: grid.count))
    }

    @inlinable public subscript(i: Int, j: Int, k: Int) -> Scalar {
        get { voxels[grid.index(i, j, k)] }
        set { voxels[grid.index(i, j, k)] = newValue }
    }
}

extension Volume: Equatable where Scalar: Equatable {}

/// A label per voxel; 0 is background.
public typealias LabelMap = Volume<UInt8>
