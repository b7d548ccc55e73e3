import MedicalImaging

/// Which way the axes of a phantom's grid run.
public enum GridOrientation: String, CaseIterable, Sendable, Codable {
    /// i to the right, j to anterior, k to superior.
    case ras
    /// i to the left, j to posterior, k to superior.
    case lps
    /// As `ras`, turned by up to 15° about a random axis.
    case oblique
}

/// How a phantom is painted; every field has a default that suits training.
public struct PaintOptions: Sendable, Equatable {
    /// Voxel spacing along i, j, k in mm, 0.5 to 10.
    public var spacing = SIMD3<Double>(repeating: 4)
    /// Voxels along i, j, k; `nil` covers the whole body across and `region` along the body axis.
    public var shape: SIMD3<Int>? = SIMD3(repeating: 96)
    /// The part of the anatomy, from its lower end (0) to its upper end (1), that the grid covers or, with a given `shape`, that its centre is drawn from.
    public var region: ClosedRange<Double> = 0.4...0.62
    /// Contrast phase; `nil` draws one.
    public var phase: ContrastPhase?
    /// Strength of all shape changes: 0 none, 1 as between patients, at most 2.
    public var deformation = 1.0
    /// The fraction of phantoms whose tissues get wholly random intensities (domain randomisation).
    public var randomIntensityFraction = 0.15
    /// Probability that the patient has lost the gallbladder.
    public var organAbsence = 0.05
    /// Range of the standard deviation of image noise in HU.
    public var noise: ClosedRange<Double> = 4...32
    /// Whether thick slices, streaks, shading, a table and a truncated field of view may occur.
    public var artefacts = true
    /// Orientation of the grid.
    public var orientation = GridOrientation.ras

    public init() {}

    /// Refuses values outside the stated ranges.
    public func validate() throws(PhantomError) {
        func check(_ condition: Bool, _ name: String, _ found: Any, _ expected: String) throws(PhantomError) {
            if !condition { throw .invalidOption(name: name, found: "\(found)", expected: expected) }
        }
        try check((0..<3).allSatisfy { (0.5...10).contains(spacing[$0]) }, "spacing", spacing, "0.5 to 10 mm along each axis")
        if let shape {
            try check(shape.min() >= 4 && shape.max() <= 1024, "shape", shape, "4 to 1024 voxels along each axis")
            try check(shape.x * shape.y * shape.z <= 1 << 28, "shape", shape, "at most 268435456 voxels in all")
        }
        try check(region.lowerBound >= 0 && region.upperBound <= 1, "region", region, "a range within 0...1")
        try check(deformation >= 0 && deformation <= 2, "deformation", deformation, "0 to 2")
        try check((0...1).contains(randomIntensityFraction), "randomIntensityFraction", randomIntensityFraction, "0 to 1")
        try check((0...1).contains(organAbsence), "organAbsence", organAbsence, "0 to 1")
        try check(noise.lowerBound >= 0 && noise.upperBound <= 200, "noise", noise, "a range within 0...200 HU")
    }
}
