import Foundation

extension EvaluationTable: Encodable {
    private enum CodingKeys: String, CodingKey { case cases, organs, meanDice, meanDiceWithBackground, meanSurfaceDice }

    /// Undefined and infinite numbers become `null`; an organ's `presence` tells which of the two.
    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(cases, forKey: .cases)
        try values.encode(organs, forKey: .organs)
        try values.encode(meanDice, forKey: .meanDice)
        try values.encode(meanDiceWithBackground, forKey: .meanDiceWithBackground)
        try values.encode(meanSurfaceDice, forKey: .meanSurfaceDice)
    }

    /// The table as JSON with sorted keys, UTF-8.
    public func json() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(self)
    }
}

extension CaseEvaluation: Encodable {
    private enum CodingKeys: String, CodingKey {
        case name, organs, backgroundDice, meanDice, meanDiceWithBackground, meanSurfaceDice, unknownLabels
    }

    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(name, forKey: .name)
        try values.encode(scores, forKey: .organs)
        try values.encodeFinite(backgroundDice, forKey: .backgroundDice)
        try values.encodeFinite(meanDice, forKey: .meanDice)
        try values.encodeFinite(meanDiceWithBackground, forKey: .meanDiceWithBackground)
        try values.encodeFinite(meanSurfaceDice, forKey: .meanSurfaceDice)
        try values.encode(Dictionary(uniqueKeysWithValues: unknownLabels.map { ("\($0)", $1) }), forKey: .unknownLabels)
    }
}

extension OrganScore: Encodable {
    private enum CodingKeys: String, CodingKey {
        case label, name, presence, dice, hausdorff95, surfaceDice, referenceVolume, predictedVolume, referenceVoxels, predictedVoxels, sharedVoxels
    }

    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(label, forKey: .label)
        try values.encode(name, forKey: .name)
        try values.encode(presence, forKey: .presence)
        try values.encodeFinite(dice, forKey: .dice)
        try values.encodeFinite(hausdorff95, forKey: .hausdorff95)
        try values.encodeFinite(surfaceDice, forKey: .surfaceDice)
        try values.encode(referenceVolume, forKey: .referenceVolume)
        try values.encode(predictedVolume, forKey: .predictedVolume)
        try values.encode(referenceVoxels, forKey: .referenceVoxels)
        try values.encode(predictedVoxels, forKey: .predictedVoxels)
        try values.encode(sharedVoxels, forKey: .sharedVoxels)
    }
}

extension ScoreSummary: Encodable {
    private enum CodingKeys: String, CodingKey { case count, infiniteCount, mean, median, standardDeviation, lowerBound, upperBound }

    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(count, forKey: .count)
        try values.encode(infiniteCount, forKey: .infiniteCount)
        try values.encodeFinite(mean, forKey: .mean)
        try values.encodeFinite(median, forKey: .median)
        try values.encodeFinite(standardDeviation, forKey: .standardDeviation)
        try values.encodeFinite(lowerBound, forKey: .lowerBound)
        try values.encodeFinite(upperBound, forKey: .upperBound)
    }
}

extension KeyedEncodingContainer {
    /// Encodes `value`, or `null` when it is not finite.
    mutating func encodeFinite(_ value: Double, forKey key: Key) throws {
        if value.isFinite { try encode(value, forKey: key) } else { try encodeNil(forKey: key) }
    }
}
