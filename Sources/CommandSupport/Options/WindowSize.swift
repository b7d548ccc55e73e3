import ArgumentParser

/// A window size: one number or three.
package struct WindowSize: ExpressibleByArgument, Sendable {
    package var shape: SIMD3<Int>

    package init?(argument: String) {
        let numbers = argument.split(whereSeparator: { ",x×".contains($0) }).map { Int($0) }
        guard [1, 3].contains(numbers.count), let first = numbers[0], numbers.allSatisfy({ $0.map { $0 > 0 } ?? false }) else { return nil }
        shape = numbers.count == 1 ? SIMD3(repeating: first) : SIMD3(first, numbers[1] ?? first, numbers[2] ?? first)
    }
}
