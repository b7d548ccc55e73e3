import Foundation

/// What a report on one segmentation says, ready to be written as a page; nothing here is computed, only shown.
public struct SegmentationReport: Sendable {
    /// The heading, usually the name of the case.
    public var title: String
    /// The time of the segmentation, as it shall be printed.
    public var created: String
    /// Short facts about the input, shown beside the heading: size, spacing, orientation, model, device.
    public var facts: [ReportFact]
    /// One row per structure of the model, in label order.
    public var structures: [StructureSummary]
    /// The stages in the order in which they ran.
    public var stages: [StageTiming]
    /// What the reader must know before trusting the pictures, one sentence each.
    public var warnings: [String]
    /// Hashes, versions, command.
    public var provenance: [ReportFact]
    /// The pictures.
    public var montages: [Montage]
    /// The tolerance of the normalised surface Dice in mm, for the heading of its column.
    public var surfaceTolerance: Double?

    public init(
        title: String, created: String, facts: [ReportFact] = [], structures: [StructureSummary] = [], stages: [StageTiming] = [],
        warnings: [String] = [], provenance: [ReportFact] = [], montages: [Montage] = [], surfaceTolerance: Double? = nil
    ) {
        self.title = title
        self.created = created
        self.facts = facts
        self.structures = structures
        self.stages = stages
        self.warnings = warnings
        self.provenance = provenance
        self.montages = montages
        self.surfaceTolerance = surfaceTolerance
    }
}

/// A name and a value, both shown as they are.
public struct ReportFact: Sendable, Equatable, Codable {
    public var name: String
    public var value: String

    public init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// The wall-clock time that one stage took.
public struct StageTiming: Sendable, Equatable, Codable {
    public var name: String
    /// In seconds.
    public var seconds: Double

    public init(_ name: String, seconds: Double) {
        self.name = name
        self.seconds = seconds
    }
}

/// One row of the organ table.
public struct StructureSummary: Sendable, Equatable, Codable {
    /// The label in the label map.
    public var label: UInt8
    public var name: String
    /// In millilitres; 0 when the structure was not found.
    public var volume: Double
    /// The mean intensity in HU, `nil` when the structure was not found.
    public var meanIntensity: Double?
    /// The standard deviation of the intensity in HU.
    public var intensityDeviation: Double?
    /// Whether the structure touches the border of the scan, so that its volume is a lower bound.
    public var isTruncated: Bool
    /// How it compares with the reference, when one was given.
    public var score: StructureScore?

    public init(
        label: UInt8, name: String, volume: Double, meanIntensity: Double? = nil, intensityDeviation: Double? = nil,
        isTruncated: Bool = false, score: StructureScore? = nil
    ) {
        self.label = label
        self.name = name
        self.volume = volume
        self.meanIntensity = meanIntensity
        self.intensityDeviation = intensityDeviation
        self.isTruncated = isTruncated
        self.score = score
    }
}

/// How one structure compares with the reference; a `nil` is a score that is not defined (the structure is absent on one side or both).
public struct StructureScore: Sendable, Equatable, Codable {
    /// The volume of the reference in millilitres.
    public var referenceVolume: Double
    public var dice: Double?
    /// The 95th percentile of the surface distances in mm.
    public var hausdorff95: Double?
    /// The normalised surface Dice.
    public var surfaceDice: Double?

    public init(referenceVolume: Double, dice: Double?, hausdorff95: Double?, surfaceDice: Double?) {
        self.referenceVolume = referenceVolume
        self.dice = dice
        self.hausdorff95 = hausdorff95
        self.surfaceDice = surfaceDice
    }
}
