import Foundation
import MedicalImaging

/// A row of slices along one plane, with one transparent layer per structure over each.
public struct Montage: Sendable, Equatable {
    public var plane: AnatomicalPlane
    public var tiles: [Tile]
    /// The angle between the slices and the plane's true direction in degrees; pictures follow the voxels, not the patient.
    public var obliquity: Double

    /// One slice.
    public struct Tile: Sendable, Equatable {
        public var width: Int
        public var height: Int
        /// The voxel index along the axis through the slice.
        public var slice: Int
        /// The position of the slice's centre along the plane's patient axis in mm (right, anterior or superior positive).
        public var position: Double
        /// The grey picture as PNG.
        public var picture: Data
        /// The coloured fill and outline of each structure that the slice shows, as PNG with transparency.
        public var layers: [Layer]
        /// White outlines of the reference, as PNG with transparency.
        public var reference: Data?
    }

    /// The part of one structure that lies in one slice.
    public struct Layer: Sendable, Equatable {
        public var label: UInt8
        public var picture: Data
    }
}

/// The choices behind the pictures.
public struct MontageOptions: Sendable, Equatable {
    /// The number of slices per plane.
    public var axialCount = 12
    public var coronalCount = 8
    public var sagittalCount = 8
    /// The greatest width and height of one slice in pixels.
    public var maximumSize = SIMD2(340, 400)
    /// The intensities shown, in HU: the abdominal soft-tissue window, level 40 and width 400.
    public var window: ClosedRange<Float> = -160...240

    public init() {}

    func count(_ plane: AnatomicalPlane) -> Int {
        switch plane {
        case .axial: axialCount
        case .coronal: coronalCount
        case .sagittal: sagittalCount
        }
    }
}

extension Montage {
    /// The montages along the three planes.
    /// - Parameters:
    ///   - reference: labels on the same grid, outlined in white.
    /// - Precondition: the label maps have the shape of the volume.
    public static func montages(
        of volume: Volume<Float>, labels: LabelMap, reference: LabelMap? = nil, options: MontageOptions = MontageOptions()
    ) -> [Montage] {
        precondition(labels.grid.shape == volume.grid.shape, "labels and volume have different shapes")
        precondition(reference.map { $0.grid.shape == volume.grid.shape } ?? true, "reference and volume have different shapes")
        let body = bodyBox(of: volume)
        let shown = labelBox(of: labels) ?? body
        let axes = PatientAxes(of: volume.grid)
        return AnatomicalPlane.allCases.map { plane in
            let sampling = SliceSampling(plane: plane, grid: volume.grid, box: body, maximumSize: options.maximumSize)
            let slices = slices(options.count(plane), in: shown[sampling.throughAxis], descending: axes.isPositive[plane.through])
            let tiles = concurrently(slices) {
                tile(sampling, slice: $0, volume: volume, labels: labels, reference: reference, window: options.window)
            }
            return Montage(plane: plane, tiles: tiles, obliquity: axes.obliquity)
        }
    }

    private static func tile(
        _ sampling: SliceSampling, slice: Int, volume: Volume<Float>, labels: LabelMap, reference: LabelMap?, window: ClosedRange<Float>
    ) -> Tile {
        let (width, height) = (sampling.width, sampling.height)
        let found = sampling.labels(labels, slice: slice)
        let layers = Set(found).subtracting([0]).sorted().map { label in
            let color = ReportColor.color(ofLabel: label)
            let palette = [SIMD4(0, 0, 0, 0), SIMD4(color.red, color.green, color.blue, 92), SIMD4(color.red, color.green, color.blue, 255)]
            let classes = outlined(found, width: width, height: height) { $0 == label }
            return Layer(label: label, picture: PNGImage.encode(width: width, height: height, pixels: classes, format: .indexed(palette)))
        }
        let outlines = reference.map { reference in
            let known = sampling.labels(reference, slice: slice)
            let classes = outlined(known, width: width, height: height) { $0 != 0 }
            let palette: [SIMD4<UInt8>] = [SIMD4(0, 0, 0, 0), SIMD4(0, 0, 0, 0), SIMD4(255, 255, 255, 230)]
            return PNGImage.encode(width: width, height: height, pixels: classes, format: .indexed(palette))
        }
        let gray = sampling.gray(volume, slice: slice, window: window)
        return Tile(
            width: width, height: height, slice: slice, position: position(of: slice, sampling, in: volume.grid),
            picture: PNGImage.encode(width: width, height: height, pixels: gray, format: .gray), layers: layers, reference: outlines)
    }

    /// 0 outside, 1 inside, 2 on the outline: a pixel whose left, right, upper or lower neighbour has another label.
    package static func outlined(_ labels: [UInt8], width: Int, height: Int, where isInside: (UInt8) -> Bool) -> [UInt8] {
        var classes = [UInt8](repeating: 0, count: labels.count)
        for v in 0..<height {
            for u in 0..<width {
                let position = v * width + u
                let label = labels[position]
                guard isInside(label) else { continue }
                let isEdge =
                    (u > 0 && labels[position - 1] != label) || (u + 1 < width && labels[position + 1] != label)
                    || (v > 0 && labels[position - width] != label) || (v + 1 < height && labels[position + width] != label)
                classes[position] = isEdge ? 2 : 1
            }
        }
        return classes
    }

    /// The coordinate of the slice's centre along the plane's patient axis, in mm.
    private static func position(of slice: Int, _ sampling: SliceSampling, in grid: VoxelGrid) -> Double {
        var index = SIMD3(Double(grid.shape.x - 1), Double(grid.shape.y - 1), Double(grid.shape.z - 1)) / 2
        index[sampling.throughAxis] = Double(slice)
        return grid.affine(index)[sampling.plane.through]
    }

    /// At most `count` distinct slices spread evenly over `range`, in picture order: from superior, anterior, right. Counted from that
    /// end, so that the choice does not depend on the direction in which the file stores the axis.
    package static func slices(_ count: Int, in range: ClosedRange<Int>, descending: Bool) -> [Int] {
        let offsets = Set((0..<count).map { Int((Double($0) + 0.5) * Double(range.count) / Double(count)) }).sorted()
        return offsets.map { descending ? range.upperBound - $0 : range.lowerBound + $0 }
    }
}

/// The results of `transform` for each element, in order, computed on all cores.
private func concurrently<Element: Sendable, Result: Sendable>(_ elements: [Element], _ transform: @Sendable (Element) -> Result) -> [Result] {
    [Result](unsafeUninitializedCapacity: elements.count) { buffer, count in
        nonisolated(unsafe) let results = buffer
        concurrently(elements.count) { (results.baseAddress! + $0).initialize(to: transform(elements[$0])) }
        count = elements.count
    }
}
