/// How training patches are drawn: geometry, balance and augmentation. Spatial augmentation never mirrors by default, because five of the
/// thirteen organs have a side.
public struct PatchOptions: Codable, Sendable, Equatable {
    /// Voxels of a patch along X, Y, Z.
    public var shape: [Int] = [96, 96, 96]
    /// Voxel spacing of a patch in mm along X (right), Y (anterior), Z (superior); the patch axes are RAS.
    public var spacing: [Double] = [1.5, 1.5, 2.0]
    /// The intensity window in HU that is mapped to 0…1 and clipped.
    public var window: [Double] = [-175, 250]
    /// The share of patches centred on a voxel of an organ (organ drawn uniformly among those present); the others are centred anywhere in the volume.
    public var foregroundShare = 0.5
    /// The largest rotation about each axis, in degrees.
    public var rotation = 10.0
    /// The range of isotropic zoom; each axis gets up to ±5 % on top.
    public var zoom: [Double] = [0.85, 1.2]
    /// The largest shift of the patch centre from the drawn voxel, as a share of the patch extent.
    public var jitter = 0.3
    /// The amplitude of the smooth elastic displacement in mm (0 switches it off).
    public var elastic = 4.0
    /// The probability of a left–right flip with the labels of paired organs swapped.
    public var flipProbability = 0.0
    /// The largest intensity shift, in units of the window (0…1).
    public var intensityShift = 0.08
    /// The largest relative change of contrast.
    public var intensityScale = 0.15
    /// The largest standard deviation of added noise, in units of the window.
    public var noise = 0.06
    /// The probability of smoothing the patch (a 3×3×3 binomial filter).
    public var smoothingProbability = 0.25

    public init() {}

    /// - Throws: `LearningError.configuration` naming the first value out of range.
    public func validate() throws(LearningError) {
        guard shape.count == 3, shape.allSatisfy({ $0 >= 16 && $0.isMultiple(of: 16) }) else {
            throw .configuration(keyPath: "patch.shape", reason: "expected three multiples of 16, found \(shape)")
        }
        guard spacing.count == 3, spacing.allSatisfy({ $0 > 0 && $0.isFinite }) else {
            throw .configuration(keyPath: "patch.spacing", reason: "expected three lengths in mm above 0, found \(spacing)")
        }
        guard window.count == 2, window[0] < window[1] else {
            throw .configuration(keyPath: "patch.window", reason: "expected [lower, upper] in HU with lower < upper, found \(window)")
        }
        guard zoom.count == 2, zoom[0] > 0, zoom[0] <= zoom[1] else {
            throw .configuration(keyPath: "patch.zoom", reason: "expected [least, most] above 0, found \(zoom)")
        }
        for (name, value) in [
            ("foregroundShare", foregroundShare), ("flipProbability", flipProbability), ("smoothingProbability", smoothingProbability),
        ]
        where !(0...1).contains(value) {
            throw .configuration(keyPath: "patch.\(name)", reason: "expected a probability 0…1, found \(value)")
        }
    }
}
