/// How often intensities occur, in bins of 1 HU from −2048 to 4095; what lies outside counts in the outermost bins.
public struct IntensityHistogram: Sendable, Equatable {
    static let lowest = -2048
    static let highest = 4095
    private var counts = [Int](repeating: 0, count: highest - lowest + 1)
    /// The number of voxels counted.
    public private(set) var total = 0

    public init() {}

    /// Counts `intensities`, rounded to whole HU; values that are no numbers are left out.
    public init(_ intensities: [Float]) {
        let (lower, upper) = (Float(Self.lowest), Float(Self.highest))
        counts.withUnsafeMutableBufferPointer { counts in
            for value in intensities where !value.isNaN { counts[Int(max(lower, min(upper, value)).rounded()) - Self.lowest] += 1 }
        }
        total = counts.reduce(0, +)
    }

    public static func += (left: inout IntensityHistogram, right: IntensityHistogram) {
        for index in left.counts.indices { left.counts[index] += right.counts[index] }
        left.total += right.total
    }

    /// The least intensity in HU that at least `share` (0…1) of the voxels do not exceed; `nil` without voxels.
    public func percentile(_ share: Double) -> Int? {
        guard total > 0 else { return nil }
        let wanted = max(1, Int((share * Double(total)).rounded(.up)))
        var seen = 0
        for (index, count) in counts.enumerated() {
            seen += count
            if seen >= wanted { return index + Self.lowest }
        }
        return Self.highest
    }

    /// The counts in `bins` of equal width from `lower` to `upper` HU; what lies outside counts in the outermost bins.
    public func binned(from lower: Int, to upper: Int, bins: Int) -> [Int] {
        var result = [Int](repeating: 0, count: bins)
        for (index, count) in counts.enumerated() where count > 0 {
            let position = (index + Self.lowest - lower) * bins / max(1, upper - lower)
            result[max(0, min(bins - 1, position))] += count
        }
        return result
    }
}
