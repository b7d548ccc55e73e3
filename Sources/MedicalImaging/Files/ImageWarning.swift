/// Something about an image that was accepted but may spoil a result.
public struct ImageWarning: Sendable, Equatable, CustomStringConvertible {
    /// What kind of anomaly it is.
    public enum Kind: String, Sendable, CaseIterable {
        /// The header contradicts itself and one reading was chosen.
        case geometry
        /// The voxel axes are not perpendicular.
        case shear
        /// Voxels that are not finite were replaced.
        case notFinite
        /// The intensities are no Hounsfield units.
        case intensity
        /// One of several images or series was chosen.
        case choice
        /// Slices were dropped or corrected.
        case slices
    }

    public var kind: Kind
    /// One sentence for the user.
    public var message: String

    public init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }

    public var description: String { message }
}
