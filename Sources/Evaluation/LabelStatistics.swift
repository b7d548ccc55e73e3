import MedicalImaging
import Synchronization

/// A side of the patient.
public enum PatientSide: String, Sendable, Codable, CaseIterable {
    case right, left, anterior, posterior, superior, inferior
}

/// What a label map and its image tell about one label.
public struct LabelStatistics: Sendable, Equatable, Encodable {
    /// The label.
    public var label: UInt8
    /// The number of voxels with it.
    public var voxels: Int
    /// Their volume in mL.
    public var volume: Double
    /// The mean intensity in HU; `nil` without an image.
    public var meanIntensity: Double?
    /// The standard deviation of the intensity in HU (population); `nil` without an image.
    public var intensityDeviation: Double?
    /// The centre of gravity in mm, RAS+.
    public var centroid: SIMD3<Double>
    /// The smallest box of voxels that holds the label.
    public var box: VoxelBox
    /// The sides of the field of view that the label touches: there the organ may go on outside of the image.
    public var touchedSides: [PatientSide]

    /// Whether the label touches the border of the field of view.
    public var isTruncated: Bool { !touchedSides.isEmpty }

    /// The statistics of every label but background that occurs in `labels`, in ascending order.
    ///
    /// Throws `EvaluationError.gridMismatch` when `image` does not lie on the grid of `labels`.
    public static func measure(_ labels: LabelMap, image: Volume<Float>? = nil) throws(EvaluationError) -> [LabelStatistics] {
        if let image { try labels.grid.requireMatch(image.grid) }
        let total = Mutex([LabelSums](repeating: LabelSums(), count: 256))
        concurrentSlabs(of: labels.grid.shape.z) { planes in
            let part = LabelSums.sums(of: labels, image: image, planes: planes)
            total.withLock { sums in for label in 0..<256 { sums[label].add(part[label]) } }
        }
        let sums = total.withLock { $0 }
        return (1..<256).filter { sums[$0].count > 0 }.map { LabelStatistics(UInt8($0), sums[$0], grid: labels.grid, hasImage: image != nil) }
    }

    private init(_ label: UInt8, _ sums: LabelSums, grid: VoxelGrid, hasImage: Bool) {
        let count = Double(sums.count)
        self.label = label
        voxels = sums.count
        volume = count * grid.voxelVolume / 1000
        let mean = sums.intensity / count
        meanIntensity = hasImage ? mean : nil
        intensityDeviation = hasImage ? max(sums.squaredIntensity / count - mean * mean, 0).squareRoot() : nil
        centroid = grid.affine(SIMD3<Double>(sums.position) / count)
        box = VoxelBox(lower: sums.lower, upper: sums.upper)
        touchedSides = Self.sides(touchedBy: box, in: grid)
    }

    private static func sides(touchedBy box: VoxelBox, in grid: VoxelGrid) -> [PatientSide] {
        guard let orientation = grid.orientation else { return [] }
        let sides: [(PatientSide, PatientSide)] = [(.right, .left), (.anterior, .posterior), (.superior, .inferior)]
        var touched: Set<PatientSide> = []
        for axis in 0..<3 {
            let (positive, negative) = sides[orientation.axes[axis]]
            let (low, high) = orientation.signs[axis] > 0 ? (negative, positive) : (positive, negative)
            if box.lower[axis] == 0 { touched.insert(low) }
            if box.upper[axis] == grid.shape[axis] { touched.insert(high) }
        }
        return PatientSide.allCases.filter(touched.contains)
    }
}

/// Running sums over the voxels of one label.
private struct LabelSums: Sendable {
    var count = 0
    var intensity = 0.0
    var squaredIntensity = 0.0
    var position = SIMD3<Int>.zero
    var lower = SIMD3<Int>(repeating: .max)
    var upper = SIMD3<Int>.zero

    mutating func add(_ other: LabelSums) {
        count += other.count
        intensity += other.intensity
        squaredIntensity += other.squaredIntensity
        position &+= other.position
        lower = pointwiseMin(lower, other.lower)
        upper = pointwiseMax(upper, other.upper)
    }

    /// The sums of all 256 labels over some planes.
    static func sums(of labels: LabelMap, image: Volume<Float>?, planes: Range<Int>) -> [LabelSums] {
        let grid = labels.grid
        var sums = [LabelSums](repeating: LabelSums(), count: 256)
        labels.voxels.withUnsafeBufferPointer { labels in
            sums.withUnsafeMutableBufferPointer { sums in
                for k in planes {
                    for j in 0..<grid.shape.y {
                        let row = grid.index(0, j, k)
                        for i in 0..<grid.shape.x where labels[row + i] != 0 {
                            let label = Int(labels[row + i])
                            let index = SIMD3(i, j, k)
                            sums[label].count += 1
                            sums[label].position &+= index
                            sums[label].lower = pointwiseMin(sums[label].lower, index)
                            sums[label].upper = pointwiseMax(sums[label].upper, index &+ 1)
                            guard let image else { continue }
                            let value = Double(image.voxels[row + i])
                            sums[label].intensity += value
                            sums[label].squaredIntensity += value * value
                        }
                    }
                }
            }
        }
        return sums
    }
}
