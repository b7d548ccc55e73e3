import Foundation
import MedicalImaging
import Reporting
import Testing

/// Colours that readers must tell apart, also those who see fewer of them.
@Suite struct PaletteTests {
    private func linear(_ sample: UInt8) -> Double {
        let value = Double(sample) / 255
        return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
    }

    /// CIE L*a*b* under D65 of linear sRGB.
    private func lab(_ rgb: SIMD3<Double>) -> SIMD3<Double> {
        let xyz = SIMD3(
            (0.4124564 * rgb.x + 0.3575761 * rgb.y + 0.1804375 * rgb.z) / 0.95047, 0.2126729 * rgb.x + 0.7151522 * rgb.y + 0.0721750 * rgb.z,
            (0.0193339 * rgb.x + 0.1191920 * rgb.y + 0.9503041 * rgb.z) / 1.08883)
        func f(_ t: Double) -> Double { t > 0.008856 ? cbrt(t) : 7.787 * t + 16 / 116 }
        return SIMD3(116 * f(xyz.y) - 16, 500 * (f(xyz.x) - f(xyz.y)), 200 * (f(xyz.y) - f(xyz.z)))
    }

    /// Deuteranopia as simulated by Machado, Oliveira and Fernandes (2009), severity 1.
    private func deuteranopic(_ rgb: SIMD3<Double>) -> SIMD3<Double> {
        let seen = SIMD3(
            0.367322 * rgb.x + 0.860646 * rgb.y - 0.227968 * rgb.z, 0.280085 * rgb.x + 0.672501 * rgb.y + 0.047413 * rgb.z,
            -0.011820 * rgb.x + 0.042940 * rgb.y + 0.968881 * rgb.z)
        return seen.clamped(lowerBound: .zero, upperBound: SIMD3(repeating: 1))
    }

    private func distance(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> Double { ((a - b) * (a - b)).sum().squareRoot() }

    @Test func organsStayApart() {
        for (first, second) in pairs(Array(Organ.allCases)) {
            let a = SIMD3(linear(first.color.red), linear(first.color.green), linear(first.color.blue))
            let b = SIMD3(linear(second.color.red), linear(second.color.green), linear(second.color.blue))
            #expect(distance(lab(a), lab(b)) > 30, "\(first) and \(second)")
            #expect(distance(lab(deuteranopic(a)), lab(deuteranopic(b))) > 20, "\(first) and \(second) under deuteranopia")
        }
    }

    @Test func everyLabelHasAColourAndCssWritesIt() {
        let colors = (1...255).map { ReportColor.color(ofLabel: UInt8($0)) }
        #expect(Set(colors.map(\.css)).count > 240)
        #expect(ReportColor(0x0102FF).css == "#0102ff")
        #expect(ReportColor.color(ofLabel: 6) == Organ.liver.color)
    }

    private func pairs<Element>(_ elements: [Element]) -> [(Element, Element)] {
        elements.indices.flatMap { first in elements.indices.filter { $0 > first }.map { (elements[first], elements[$0]) } }
    }
}
