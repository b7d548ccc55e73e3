import MedicalImaging

/// A synthetic patient: a CT-like volume and its exact organ labels on the same grid.
public struct Phantom: Sendable, Equatable {
    /// Intensities in HU, between -1024 and 3071.
    public var image: Volume<Float>
    /// Labels 0–13 (`Organ` raw values, 0 background), same grid as `image`.
    public var labels: LabelMap

    public init(image: Volume<Float>, labels: LabelMap) {
        self.image = image
        self.labels = labels
    }
}
