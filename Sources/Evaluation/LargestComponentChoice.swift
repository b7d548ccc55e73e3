/// Whether keeping only its largest connected component raises an organ's Dice, on cases that the network was not trained on.
///
/// nnU-Net's `determine_postprocessing` decides per class by the mean Dice over cases too. Deviations: its step for the whole foreground is
/// left out, a case that lacks the organ counts on neither side, and a rise within rounding (`leastGain`) is none.
public struct LargestComponentChoice: Sendable, Equatable {
    /// The rise of the mean Dice that is more than chance in the last voxels.
    public static let leastGain = 0.0005

    public var label: UInt8
    public var name: String
    /// The number of cases that hold the organ; the figures below describe these.
    public var cases: Int
    /// The mean Dice of the labels as the network leaves them; NaN without cases.
    public var dice: Double
    /// The mean Dice of the largest component alone; NaN without cases.
    public var largestDice: Double
    /// The number of cases in which the largest component alone scores higher.
    public var improved: Int
    /// The number of cases in which it scores lower.
    public var worsened: Int

    /// Whether the largest component alone is kept.
    public var isChosen: Bool { cases > 0 && largestDice - dice > Self.leastGain }

    /// The choice by the Dice of both in each case; pairs in which either is NaN are cases without the organ.
    public init(label: UInt8, name: String, pairs: [(plain: Double, largest: Double)]) {
        let defined = pairs.filter { !$0.plain.isNaN && !$0.largest.isNaN }
        (self.label, self.name, cases) = (label, name, defined.count)
        (dice, largestDice) = (mean(defined.map(\.plain)), mean(defined.map(\.largest)))
        improved = defined.count { $0.largest > $0.plain }
        worsened = defined.count { $0.largest < $0.plain }
    }

    /// The choice for every label that was scored, in ascending order.
    /// - Parameter cases: the scores of each case as the network leaves it, and with only the largest component of every label.
    public static func choices(_ cases: [(plain: CaseEvaluation, largest: CaseEvaluation)]) -> [LargestComponentChoice] {
        var names: [UInt8: String] = [:]
        var pairs: [UInt8: [(plain: Double, largest: Double)]] = [:]
        for found in cases {
            let largest = Dictionary(uniqueKeysWithValues: found.largest.scores.map { ($0.label, $0.dice) })
            for score in found.plain.scores {
                names[score.label] = score.name
                pairs[score.label, default: []].append((score.dice, largest[score.label] ?? .nan))
            }
        }
        return names.sorted { $0.key < $1.key }.map { LargestComponentChoice(label: $0, name: $1, pairs: pairs[$0] ?? []) }
    }
}

extension LargestComponentChoice: Encodable {
    private enum CodingKeys: String, CodingKey { case label, name, cases, dice, largestDice, improved, worsened, isChosen }

    /// Undefined means become `null`.
    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(label, forKey: .label)
        try values.encode(name, forKey: .name)
        try values.encode(cases, forKey: .cases)
        try values.encodeFinite(dice, forKey: .dice)
        try values.encodeFinite(largestDice, forKey: .largestDice)
        try values.encode(improved, forKey: .improved)
        try values.encode(worsened, forKey: .worsened)
        try values.encode(isChosen, forKey: .isChosen)
    }
}
