import MedicalImaging

/// Why a volume could not be brought into the form a network expects.
public enum PreprocessingError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A field of the recipe has no meaning; `field` is its key.
    case invalidRecipe(field: String, found: String, expected: String)
    /// A volume of no voxels.
    case emptyVolume(shape: SIMD3<Int>)
    /// The affine is singular or not finite, so that the voxels have no place in the patient.
    case degenerateAffine(rows: [Double])
    /// Resampling would make more voxels than can be meant.
    case outputTooLarge(shape: SIMD3<Int>, limit: Int)
    /// No voxel lies above the crop's threshold.
    case noForeground(threshold: String)
    /// The image holds values that are not numbers.
    case notANumber(count: Int, first: SIMD3<Int>)
    /// Image and labels lie on different grids.
    case gridMismatch(image: VoxelGrid, labels: VoxelGrid)

    public var description: String {
        switch self {
        case .invalidRecipe(let field, let found, let expected):
            "the preprocessing recipe's '\(field)' is \(found), but it must be \(expected)"
        case .emptyVolume(let shape):
            "the volume has no voxels (\(describe(shape))); expected at least one along every axis: check that the file is complete"
        case .degenerateAffine(let rows):
            "the volume's affine cannot be inverted (rows \(rows)); expected three independent voxel directions in mm: repair the header first"
        case .outputTooLarge(let shape, let limit):
            "resampling would give \(describe(shape)) voxels, more than \(limit): check the voxel spacing in the header, or ask for a coarser one"
        case .noForeground(let threshold):
            "no voxel has an intensity above \(threshold), so nothing is left after cropping to the foreground: "
                + "check that the volume is a CT in Hounsfield units"
        case .notANumber(let count, let first):
            "\(count) voxels are not numbers (NaN), the first one at \(describe(first)): replace them before preprocessing"
        case .gridMismatch(let image, let labels):
            "image and labels lie on different grids: the image has \(describe(image)), the labels have \(describe(labels)); "
                + "resample the labels onto the image's grid first"
        }
    }
}

/// A shape or an index as it is printed: `512 × 512 × 40`.
func describe(_ shape: SIMD3<Int>) -> String { "\(shape.x) × \(shape.y) × \(shape.z)" }

/// A grid as it is printed.
private func describe(_ grid: VoxelGrid) -> String { "\(describe(grid.shape)) voxels and affine rows \(grid.affine.rowMajor)" }
