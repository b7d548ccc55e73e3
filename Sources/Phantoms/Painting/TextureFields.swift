import MedicalImaging

/// Smooth random fields of unit variance on a phantom's grid, shared by all tissues.
struct TextureFields: Sendable {
    /// Features of about 20 cm: fat distribution, shading.
    let broad: [Float]
    /// About 5 cm: bowel segments.
    let coarse: [Float]
    /// About 3 cm; together with `coarse` it carries vessels, where both are near zero.
    let branch: [Float]
    /// About 15 mm: mottling, stool, food.
    let medium: [Float]
    /// Two to three voxels: parenchyma, fascia.
    let fine: [Float]

    init(grid: VoxelGrid, random: inout RandomStream) {
        let spacing = grid.spacing
        broad = SmoothNoise.field(shape: grid.shape, step: 120 / spacing, random: &random)
        coarse = SmoothNoise.field(shape: grid.shape, step: 24 / spacing, random: &random)
        branch = SmoothNoise.field(shape: grid.shape, step: 15 / spacing, random: &random)
        medium = SmoothNoise.field(shape: grid.shape, step: 8 / spacing, random: &random)
        fine = SmoothNoise.field(shape: grid.shape, step: SIMD3(repeating: max(1, 3 / spacing.min())), random: &random)
    }
}
