import Foundation

/// How the predictions of overlapping windows are weighted before they are averaged.
public enum Blending: String, Sendable, Codable, CaseIterable {
    /// Every voxel of a window counts the same.
    case constant
    /// Voxels near the centre of a window count more: a Gaussian of standard deviation window / 8, as MONAI since 1.0.1, never below 0.001.
    case gaussian
    /// The Gaussian of MONAI up to 1.0.0: an impulse at window / 2 smoothed by an error-function kernel, scaled to a maximum of 1.
    case gaussianLegacy

    /// The weights of a window, `window.x × window.y × window.z` values in C order (the last axis fastest), all positive.
    public func weights(for window: SIMD3<Int>) -> [Float] {
        switch self {
        case .constant: [Float](repeating: 1, count: window.x * window.y * window.z)
        case .gaussian: Self.product(window, axis: Self.sampledGaussian) { max($0.min() ?? 0, 1e-3) }
        case .gaussianLegacy: Self.product(window, axis: Self.smoothedImpulse) { $0.filter { $0 > 0 }.min() ?? 1 }
        }
    }

    /// The product of one profile per axis, raised to the floor that `floor` finds in it.
    private static func product(_ window: SIMD3<Int>, axis: (Int) -> [Double], floor: ([Float]) -> Float) -> [Float] {
        let (x, y, z) = (axis(window.x), axis(window.y), axis(window.z))
        var weights: [Float] = []
        weights.reserveCapacity(window.x * window.y * window.z)
        for a in x { for b in y { for c in z { weights.append(Float(a * b * c)) } } }
        let smallest = floor(weights)
        return weights.map { max($0, smallest) }
    }

    /// exp(−x² / 2σ²) at the voxel centres, measured from the centre of the window; σ = count / 8.
    private static func sampledGaussian(count: Int) -> [Double] {
        let sigma = 0.125 * Double(count)
        return (0..<count).map { index in
            let distance = Double(index) - Double(count - 1) / 2
            return exp(-distance * distance / (2 * sigma * sigma))
        }
    }

    /// A Gaussian integrated over each voxel around the voxel count / 2, cut off at ⌊4σ + ½⌋ voxels and scaled to a maximum of 1.
    private static func smoothedImpulse(count: Int) -> [Double] {
        let sigma = 0.125 * Double(count)
        let radius = Int(4 * sigma + 0.5)
        // In single precision, whose cancellation shows in the fourth digit at the border of the window.
        let scale = 0.70710678 / Float(sigma)
        func tap(_ distance: Int) -> Double {
            abs(distance) > radius ? 0 : Double(0.5 * (erf((Float(distance) + 0.5) * scale) - erf((Float(distance) - 0.5) * scale)))
        }
        let peak = tap(0)
        return (0..<count).map { tap($0 - count / 2) / peak }
    }
}
