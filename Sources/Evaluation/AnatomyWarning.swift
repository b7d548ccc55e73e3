import Foundation
import MedicalImaging

/// A sign that a segmentation, or the orientation in the image's header, contradicts anatomy.
public enum AnatomyWarning: Sendable, Equatable, CustomStringConvertible {
    /// `organ` should lie towards `side` of `other`, but its centre lies `distance` mm the other way.
    case misplaced(organ: Organ, other: Organ, side: PatientSide, distance: Double)
    /// The volume in mL is outside of what is found in adults.
    case implausibleVolume(organ: Organ, volume: Double, range: ClosedRange<Double>)
    /// The mean intensity in HU is that of fat or air, which `organ` does not consist of.
    case noTissue(organ: Organ, mean: Double)

    public var description: String {
        switch self {
        case .misplaced(let organ, let other, let side, let distance):
            "the \(organ.name) should lie \(Self.preposition(side)) the \(other.name), but its centre lies \(Int(distance.rounded())) mm the other way: "
                + "check the orientation in the image's header"
        case .implausibleVolume(let organ, let volume, let range):
            "the \(organ.name) has \(String(format: "%.1f", volume)) mL, outside of \(Int(range.lowerBound))–\(Int(range.upperBound)) mL: check the segmentation"
        case .noTissue(let organ, let mean):
            "the \(organ.name) has \(Int(mean.rounded())) HU on average, which is fat or air: check the segmentation, and that the image is in HU"
        }
    }

    private static func preposition(_ side: PatientSide) -> String {
        switch side {
        case .right: "to the right of"
        case .left: "to the left of"
        case .anterior: "in front of"
        case .posterior: "behind"
        case .superior: "above"
        case .inferior: "below"
        }
    }

    /// What speaks against anatomy in the statistics of the thirteen organs. Positions are compared for organs that are not mere specks (0.3 mL);
    /// vertical positions and volumes only for organs that the field of view does not cut, intensities where there is an image.
    public static func warnings(for statistics: [LabelStatistics]) -> [AnatomyWarning] {
        var organs: [Organ: LabelStatistics] = [:]
        for entry in statistics where entry.volume >= 0.3 {
            if let organ = Organ(rawValue: entry.label) { organs[organ] = entry }
        }
        let misplaced = neighbours.compactMap { organ, side, other -> AnatomyWarning? in
            guard let a = organs[organ], let b = organs[other] else { return nil }
            if side == .superior, a.isTruncated || b.isTruncated { return nil }
            let axis = side == .right ? 0 : (side == .anterior ? 1 : 2)
            let distance = b.centroid[axis] - a.centroid[axis]
            return distance > 0 ? .misplaced(organ: organ, other: other, side: side, distance: distance) : nil
        }
        let sizes = Organ.allCases.compactMap { organ -> AnatomyWarning? in
            guard let range = volumes[organ], let entry = organs[organ], !entry.isTruncated, !range.contains(entry.volume) else { return nil }
            return .implausibleVolume(organ: organ, volume: entry.volume, range: range)
        }
        let hollow: Set<Organ> = [.stomach, .esophagus]
        let empty = Organ.allCases.compactMap { organ -> AnatomyWarning? in
            guard !hollow.contains(organ), let mean = organs[organ]?.meanIntensity, mean < leastTissue else { return nil }
            return .noTissue(organ: organ, mean: mean)
        }
        return misplaced + sizes + empty
    }

    /// The first organ lies towards the side of the second one: centres of gravity, in patients without situs inversus or organ transplants.
    private static let neighbours: [(Organ, PatientSide, Organ)] = [
        (.liver, .right, .spleen), (.liver, .right, .stomach), (.rightKidney, .right, .leftKidney), (.rightAdrenalGland, .right, .leftAdrenalGland),
        (.inferiorVenaCava, .right, .aorta), (.liver, .anterior, .rightKidney), (.stomach, .anterior, .aorta), (.pancreas, .anterior, .aorta),
        (.rightAdrenalGland, .superior, .rightKidney), (.leftAdrenalGland, .superior, .leftKidney), (.spleen, .superior, .leftKidney),
        (.liver, .superior, .rightKidney),
    ]

    /// The mean in HU below which no organ is tissue: a very fatty liver has −40, fat itself −100.
    private static let leastTissue = -100.0

    /// Volumes in mL that hold for nearly all adults, diseased ones included.
    private static let volumes: [Organ: ClosedRange<Double>] = [
        .spleen: 20...3000, .rightKidney: 30...800, .leftKidney: 30...800, .gallbladder: 1...300, .liver: 400...6000, .stomach: 20...3000,
        .pancreas: 10...300,
    ]
}
