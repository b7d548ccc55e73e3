import Dispatch
import MedicalImaging

/// A range of Hounsfield units that is mapped to 0…1; what lies outside is clipped.
public struct IntensityWindow: Codable, Sendable, Equatable {
    /// The intensity in HU that becomes 0.
    public var lower: Double
    /// The intensity in HU that becomes 1.
    public var upper: Double

    public init(lower: Double, upper: Double) {
        self.lower = lower
        self.upper = upper
    }

    /// Maps `intensities` in place: y = clip((x − lower) / (upper − lower), 0, 1), in single precision as MONAI's
    /// `ScaleIntensityRange` does. NaN stays NaN.
    public func apply(to intensities: inout [Float]) {
        let low = Float(lower)
        let width = Float(upper - lower)
        intensities.withUnsafeMutableBufferPointer { buffer in
            nonisolated(unsafe) let values = buffer
            concurrentSlabs(of: values.count, minimum: 1 << 16) { range in
                for index in range {
                    let scaled = (values[index] - low) / width
                    values[index] = scaled < 0 ? 0 : (scaled > 1 ? 1 : scaled)
                }
            }
        }
    }
}
