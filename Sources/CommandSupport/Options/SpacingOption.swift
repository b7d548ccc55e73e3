import ArgumentParser
import Foundation

/// A voxel spacing: one number or three.
package struct SpacingOption: ExpressibleByArgument, Sendable {
    package var millimetres: SIMD3<Double>

    package init(millimetres: SIMD3<Double>) { self.millimetres = millimetres }

    package init?(argument: String) {
        let numbers = argument.split(whereSeparator: { ",x×".contains($0) }).compactMap { Double($0) }
        guard [1, 3].contains(numbers.count), numbers.allSatisfy({ $0 > 0 && $0.isFinite }) else { return nil }
        millimetres = numbers.count == 1 ? SIMD3(repeating: numbers[0]) : SIMD3(numbers[0], numbers[1], numbers[2])
    }

    package var defaultValueDescription: String { String(format: "%g", millimetres.x) }
}
