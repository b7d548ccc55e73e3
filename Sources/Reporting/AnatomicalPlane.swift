import Foundation
import MedicalImaging

/// The three planes that pictures are cut along.
public enum AnatomicalPlane: String, CaseIterable, Sendable, Codable {
    case axial, coronal, sagittal

    /// The patient axis (0 right, 1 anterior, 2 superior) that points out of the picture.
    public var through: Int {
        switch self {
        case .axial: 2
        case .coronal: 1
        case .sagittal: 0
        }
    }

    /// The patient axis that runs against the reading direction: to the left of the picture lies its positive end. Radiological
    /// convention: the patient's right is on the left of the picture; a sagittal picture faces left.
    public var leftward: Int { self == .sagittal ? 1 : 0 }

    /// The patient axis whose positive end is at the top of the picture.
    public var upward: Int { self == .axial ? 1 : 2 }

    /// The letters at the left, right, top and bottom of the picture.
    public var letters: (left: String, right: String, top: String, bottom: String) {
        let positive = ["R", "A", "S"]
        let negative = ["L", "P", "I"]
        return (positive[leftward], negative[leftward], positive[upward], negative[upward])
    }

    /// The name at the head of a row of pictures.
    public var heading: String { rawValue.prefix(1).uppercased() + rawValue.dropFirst() }
}

/// Which voxel axis runs closest to each patient axis, and in which direction.
package struct PatientAxes {
    /// For the patient axes right, anterior, superior: the voxel axis that follows it.
    package let voxelAxis: SIMD3<Int>
    /// Whether that voxel axis runs towards right, anterior, superior.
    package let isPositive: [Bool]
    /// The greatest angle between a voxel axis and its patient axis, in degrees: 0 for a scan that is not oblique.
    package let obliquity: Double

    /// The assignment of voxel axes to patient axes with the greatest sum of cosines, among all six.
    package init(of grid: VoxelGrid) {
        let norms = grid.spacing
        func cosine(_ patient: Int, _ voxel: Int) -> Double {
            norms[voxel] > 0 ? grid.affine.columns[voxel][patient] / norms[voxel] : 0
        }
        let orders = [SIMD3(0, 1, 2), SIMD3(0, 2, 1), SIMD3(1, 0, 2), SIMD3(1, 2, 0), SIMD3(2, 0, 1), SIMD3(2, 1, 0)]
        func total(_ order: SIMD3<Int>) -> Double { (0..<3).reduce(0) { $0 + abs(cosine($1, order[$1])) } }
        var best = orders[0]
        for order in orders.dropFirst() where total(order) > total(best) + 1e-9 { best = order }
        let chosen = best
        voxelAxis = chosen
        isPositive = (0..<3).map { cosine($0, chosen[$0]) >= 0 }
        obliquity = (0..<3).map { Self.degrees(ofCosine: abs(cosine($0, chosen[$0]))) }.max() ?? 0
    }

    private static func degrees(ofCosine cosine: Double) -> Double { acos(min(1, cosine)) * 180 / .pi }
}
