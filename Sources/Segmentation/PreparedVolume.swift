import MedicalImaging
import Preprocessing

/// A volume that has been preprocessed and waits for the network.
package struct PreparedVolume: Sendable {
    /// The grid of the input.
    package let grid: VoxelGrid
    /// The input, when it is to be kept.
    package let input: Volume<Float>?
    package let processed: PreprocessedVolume
    /// The time that preprocessing took.
    package let seconds: Double

    /// Preprocesses `volume`, which is given up unless it is to be kept; hand over the only reference to save its memory.
    /// - Throws: `SegmentationError.emptyVolume` and what the recipe throws.
    package init(_ volume: consuming Volume<Float>, recipe: PreprocessingRecipe, keepsInput: Bool) throws {
        grid = volume.grid
        guard grid.count > 0 else { throw SegmentationError.emptyVolume(shape: grid.shape) }
        let clock = ContinuousClock()
        let start = clock.now
        processed = try recipe.apply(to: volume)
        input = keepsInput ? volume : nil
        seconds = (clock.now - start) / .seconds(1)
    }
}
