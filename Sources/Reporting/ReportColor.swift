import Foundation
import MedicalImaging

/// A colour of the sRGB space, 8 bits per sample.
public struct ReportColor: Sendable, Equatable, Codable {
    public var red: UInt8
    public var green: UInt8
    public var blue: UInt8

    /// A colour from `0xRRGGBB`.
    public init(_ hexadecimal: UInt32) {
        red = UInt8(truncatingIfNeeded: hexadecimal >> 16)
        green = UInt8(truncatingIfNeeded: hexadecimal >> 8)
        blue = UInt8(truncatingIfNeeded: hexadecimal)
    }

    /// The colour as CSS writes it, `#rrggbb`.
    public var css: String { String(format: "#%02x%02x%02x", red, green, blue) }

    /// The fixed colour of a label in every report.
    ///
    /// The thirteen organs have colours of their own, chosen to stay apart from each other in normal vision (CIE76 ΔE ≥ 38) and
    /// under simulated deuteranopia and protanopia. Further labels walk around the colour circle by the golden angle.
    public static func color(ofLabel label: UInt8) -> ReportColor {
        if let organ = Organ(rawValue: label) { return organ.color }
        let hue = (Double(label) * 0.618033988749895).truncatingRemainder(dividingBy: 1)
        return ReportColor(hue: hue, saturation: 0.65, value: label % 2 == 0 ? 0.95 : 0.75)
    }

    /// A colour from hue, saturation and value, each in 0...1.
    init(hue: Double, saturation: Double, value: Double) {
        func sample(_ n: Double) -> UInt32 {
            let k = (n + hue * 6).truncatingRemainder(dividingBy: 6)
            return UInt32((255 * (value - value * saturation * max(0, min(k, 4 - k, 1)))).rounded())
        }
        self.init(sample(5) << 16 | sample(3) << 8 | sample(1))
    }
}

extension Organ {
    /// The colour of the organ in every report: red for the aorta, light blue for the vena cava, lime for the gallbladder.
    public var color: ReportColor {
        switch self {
        case .spleen: ReportColor(0x8811FF)
        case .rightKidney: ReportColor(0x99EEBB)
        case .leftKidney: ReportColor(0x00EEFF)
        case .gallbladder: ReportColor(0xBBEE00)
        case .esophagus: ReportColor(0xDD7766)
        case .liver: ReportColor(0xDD7700)
        case .stomach: ReportColor(0xCC77AA)
        case .aorta: ReportColor(0xCC0022)
        case .inferiorVenaCava: ReportColor(0x44BBFF)
        case .portalAndSplenicVeins: ReportColor(0x7777FF)
        case .pancreas: ReportColor(0xEEDD77)
        case .rightAdrenalGland: ReportColor(0xCC0066)
        case .leftAdrenalGland: ReportColor(0xBB22AA)
        }
    }
}
