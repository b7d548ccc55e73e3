/// The thirteen abdominal organs of the BTCV challenge; the raw value is the label in a label map (0 is background).
public enum Organ: UInt8, CaseIterable, Sendable, Codable {
    case spleen = 1
    case rightKidney, leftKidney, gallbladder, esophagus, liver, stomach, aorta, inferiorVenaCava
    case portalAndSplenicVeins, pancreas, rightAdrenalGland, leftAdrenalGland

    /// The name as printed in tables and embedded in files.
    public var name: String {
        switch self {
        case .spleen: "spleen"
        case .rightKidney: "right kidney"
        case .leftKidney: "left kidney"
        case .gallbladder: "gallbladder"
        case .esophagus: "esophagus"
        case .liver: "liver"
        case .stomach: "stomach"
        case .aorta: "aorta"
        case .inferiorVenaCava: "inferior vena cava"
        case .portalAndSplenicVeins: "portal and splenic veins"
        case .pancreas: "pancreas"
        case .rightAdrenalGland: "right adrenal gland"
        case .leftAdrenalGland: "left adrenal gland"
        }
    }

    /// The names of all organs by label, as label maps carry them.
    package static let names = Dictionary(uniqueKeysWithValues: allCases.map { ($0.rawValue, $0.name) })

    /// The organ on the other side of the body, for the paired ones.
    public var mirrored: Organ {
        switch self {
        case .rightKidney: .leftKidney
        case .leftKidney: .rightKidney
        case .rightAdrenalGland: .leftAdrenalGland
        case .leftAdrenalGland: .rightAdrenalGland
        default: self
        }
    }

    /// The number of channels of a network that segments these organs: background and 13 organs.
    public static let channelCount = 14
}
