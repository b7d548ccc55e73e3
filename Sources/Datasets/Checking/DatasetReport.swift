/// What a check of a data set found.
public struct DatasetReport: Sendable, Codable, Equatable {
    /// A section and how many items and patients it has.
    public struct Section: Sendable, Codable, Equatable {
        public var name: String
        public var items: Int
        public var patients: Int
    }

    /// The intensities of all images together, in HU.
    public struct Intensities: Sendable, Codable, Equatable {
        /// 0.5, 5, 50, 95 and 99.5 %.
        public var percentiles: [Int]
        /// Counts in 64 bins of equal width.
        public var histogram: [Int]
        /// The ends of the histogram; what lies outside counts in the outermost bins.
        public var histogramRange: [Int]
    }

    /// What holding the data in memory takes, in bytes.
    public struct Memory: Sendable, Codable, Equatable {
        /// What `viscera train` holds: intensities as 16-bit integers and labels as bytes, at the stored spacing.
        public var training: Int
        /// A cache of preprocessed volumes: 4 bytes per voxel and 1 per label, before cropping to the foreground.
        public var cache: Int
        /// The spacing of that cache in mm.
        public var cacheSpacing: [Double]
        /// The largest volume while it is read: stored and converted voxels.
        public var largestVolume: Int
    }

    /// How a label is spread over the cases.
    public struct LabelCount: Sendable, Codable, Equatable {
        public var label: UInt8
        public var name: String?
        public var cases: Int
        public var voxels: Int
    }

    public var file: String
    public var sections: [Section]
    public var cases: [CheckedCase]
    public var labels: [LabelCount]
    public var intensities: Intensities?
    public var memory: Memory
    /// Patients in more than one section.
    public var sharedPatients: [String]
    public var problems: [DatasetProblem]

    /// The problems that stop or spoil a training.
    public var errors: [DatasetProblem] { problems.filter { $0.severity == .error } }
}
