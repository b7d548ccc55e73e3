import MedicalImaging

/// What a check adds up over the cases.
struct CheckSummary {
    private let labelNames: [UInt8: String]?
    private var histogram = IntensityHistogram()
    private var labelCases = [Int](repeating: 0, count: 256)
    private var labelVoxels = [Int](repeating: 0, count: 256)
    private(set) var memory: DatasetReport.Memory

    private static let histogramRange = [-1024, 3072]

    init(labelNames: [UInt8: String]?, cacheSpacing: [Double]) {
        self.labelNames = labelNames
        memory = DatasetReport.Memory(training: 0, cache: 0, cacheSpacing: cacheSpacing, largestVolume: 0)
    }

    /// Adds one volume and what holding it takes.
    mutating func add(_ histogram: IntensityHistogram, grid: VoxelGrid, bytesPerStoredVoxel: Int, hasLabels: Bool) {
        self.histogram += histogram
        memory.training += grid.count * (hasLabels ? 3 : 2)
        memory.largestVolume = max(memory.largestVolume, grid.count * (bytesPerStoredVoxel + 4))
        var resampled = 1.0
        for axis in 0..<3 {
            let wanted = memory.cacheSpacing[axis]
            // MONAI's Spacing: the voxel centres of the first and the last voxel stay inside.
            resampled *= (Double(grid.shape[axis] - 1) * grid.spacing[axis] / wanted + 1).rounded(.toNearestOrEven)
        }
        memory.cache += Int(resampled) * (hasLabels ? 5 : 4)
    }

    /// Adds the label values of one case.
    mutating func add(labelVoxels counts: [Int]) {
        for (label, count) in counts.enumerated() where count > 0 {
            labelCases[label] += 1
            labelVoxels[label] += count
        }
    }

    var labels: [DatasetReport.LabelCount] {
        (0..<256).compactMap { value in
            let label = UInt8(value)
            guard labelCases[value] > 0 || (labelNames?[label] != nil && labelCases.contains { $0 > 0 }) else { return nil }
            return .init(label: label, name: labelNames?[label], cases: labelCases[value], voxels: labelVoxels[value])
        }
    }

    var intensities: DatasetReport.Intensities? {
        guard histogram.total > 0 else { return nil }
        return .init(
            percentiles: Self.percentiles(of: histogram),
            histogram: histogram.binned(from: Self.histogramRange[0], to: Self.histogramRange[1], bins: 64), histogramRange: Self.histogramRange)
    }

    /// 0.5, 5, 50, 95 and 99.5 %.
    static func percentiles(of histogram: IntensityHistogram) -> [Int] { [0.005, 0.05, 0.5, 0.95, 0.995].compactMap { histogram.percentile($0) } }
}
