/// In which of the two label maps an organ occurs.
public enum OrganPresence: String, Sendable, Codable {
    /// In both: all scores are defined.
    case both
    /// In the reference alone: the organ was missed. Dice and surface Dice are 0, the distance is infinite.
    case referenceOnly
    /// In the prediction alone: scores are undefined and left out of means; the predicted voxels are reported.
    case predictionOnly
    /// In neither: scores are undefined and left out of means.
    case neither
}

/// How well one organ of one case was found.
public struct OrganScore: Sendable, Equatable {
    /// The label in both maps.
    public var label: UInt8
    /// The name to print.
    public var name: String
    /// Voxels with the label in the reference.
    public var referenceVoxels: Int
    /// Voxels with the label in the prediction.
    public var predictedVoxels: Int
    /// Voxels with the label in both.
    public var sharedVoxels: Int
    /// The volume of a voxel in mL.
    public var voxelVolume: Double
    /// 2|P∩R| / (|P|+|R|); NaN when the reference has no such voxel, 0 when only the reference has.
    public var dice: Double
    /// The 95th percentile of surface distances in mm, the greater of both directions; infinite when the organ was missed, NaN when the reference
    /// has none or surfaces were not measured.
    public var hausdorff95: Double
    /// The share of surface elements within the tolerance; 0 when the organ was missed, NaN when the reference has none or surfaces were not measured.
    public var surfaceDice: Double

    /// The volume in the reference, mL.
    public var referenceVolume: Double { Double(referenceVoxels) * voxelVolume }
    /// The volume in the prediction, mL.
    public var predictedVolume: Double { Double(predictedVoxels) * voxelVolume }

    /// Where the organ occurs.
    public var presence: OrganPresence {
        switch (referenceVoxels > 0, predictedVoxels > 0) {
        case (true, true): .both
        case (true, false): .referenceOnly
        case (false, true): .predictionOnly
        case (false, false): .neither
        }
    }
}
