import MedicalImaging

/// A case of a run in pictures.
public struct RunPicture: Sendable {
    /// The name of the case.
    public var name: String
    /// What to look at, such as `mean Dice 0.412, spleen missed`.
    public var note: String
    /// The steps after which it was segmented.
    public var step: Int
    /// Axial slices in layers, for a page.
    public var montage: Montage
    /// The same case flat, for TensorBoard.
    public var sheet: ContactSheet

    /// Cuts the pictures.
    /// - Parameters:
    ///   - labels, reference: on the grid of the volume.
    public init(name: String, note: String, step: Int, volume: Volume<Float>, labels: LabelMap, reference: LabelMap) {
        self.name = name
        self.note = note
        self.step = step
        var options = MontageOptions()
        (options.axialCount, options.coronalCount, options.sagittalCount) = (8, 0, 0)
        montage = Montage.montages(of: volume, labels: labels, reference: reference, options: options)[0]
        sheet = ContactSheet(of: volume, labels: labels, reference: reference)
    }
}
