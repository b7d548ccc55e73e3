import MedicalImaging

/// What is measured when label maps are compared.
public struct EvaluationSettings: Sendable, Equatable {
    /// The labels to score and their names; background is scored apart.
    public var labels: [UInt8: String]
    /// The tolerance of the surface Dice in mm.
    public var surfaceTolerance: Double
    /// Tolerances in mm of single labels.
    public var surfaceToleranceByLabel: [UInt8: Double]
    /// Whether surface distances are measured; Dice alone is much faster.
    public var measuresSurfaces: Bool

    public init(
        labels: [UInt8: String] = EvaluationSettings.organs, surfaceTolerance: Double = 2, surfaceToleranceByLabel: [UInt8: Double] = [:],
        measuresSurfaces: Bool = true
    ) {
        self.labels = labels
        self.surfaceTolerance = surfaceTolerance
        self.surfaceToleranceByLabel = surfaceToleranceByLabel
        self.measuresSurfaces = measuresSurfaces
    }

    /// The thirteen abdominal organs.
    public static let organs = Dictionary(uniqueKeysWithValues: Organ.allCases.map { ($0.rawValue, $0.name) })

    /// Throws `EvaluationError.invalidTolerance` when a tolerance has no meaning.
    public func validate() throws(EvaluationError) {
        for tolerance in [surfaceTolerance] + surfaceToleranceByLabel.values where !(tolerance >= 0 && tolerance.isFinite) {
            throw .invalidTolerance(tolerance)
        }
    }
}
