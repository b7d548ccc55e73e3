import Foundation
import MedicalImaging

/// Slices side by side with their labels painted over them, as one flat picture for places that know no layers.
public struct ContactSheet: Sendable, Equatable {
    /// In pixels.
    public var width: Int
    public var height: Int
    /// The RGB picture as PNG.
    public var picture: Data

    public init(width: Int, height: Int, picture: Data) {
        self.width = width
        self.height = height
        self.picture = picture
    }

    /// Evenly spread axial slices of a volume, in rows of four: labels in the colours of the reports, the reference outlined in white.
    /// - Parameters:
    ///   - labels: on the grid of the volume.
    ///   - reference: likewise, or `nil`.
    ///   - count: the greatest number of slices.
    ///   - tileSize: the greatest width and height of a slice in pixels.
    /// - Precondition: the label maps have the shape of the volume.
    public init(
        of volume: Volume<Float>, labels: LabelMap, reference: LabelMap? = nil, count: Int = 8, tileSize: SIMD2<Int> = SIMD2(256, 256)
    ) {
        precondition(labels.grid.shape == volume.grid.shape, "labels and volume have different shapes")
        precondition(reference.map { $0.grid.shape == volume.grid.shape } ?? true, "reference and volume have different shapes")
        let body = Montage.bodyBox(of: volume)
        let shown = Montage.labelBox(of: reference ?? labels) ?? body
        let sampling = SliceSampling(plane: .axial, grid: volume.grid, box: body, maximumSize: tileSize)
        let descending = PatientAxes(of: volume.grid).isPositive[AnatomicalPlane.axial.through]
        let slices = Montage.slices(count, in: shown[sampling.throughAxis], descending: descending)
        let columns = min(4, slices.count)
        let rows = (slices.count + columns - 1) / columns
        let (sheetWidth, sheetHeight) = (columns * sampling.width, rows * sampling.height)
        var pixels = [UInt8](repeating: 0, count: sheetWidth * sheetHeight * 3)
        for (position, slice) in slices.enumerated() {
            let tile = Self.tile(sampling, slice: slice, volume: volume, labels: labels, reference: reference)
            let (left, top) = (position % columns * sampling.width, position / columns * sampling.height)
            for row in 0..<sampling.height {
                let start = ((top + row) * sheetWidth + left) * 3
                let source = row * sampling.width * 3
                pixels.replaceSubrange(start..<start + sampling.width * 3, with: tile[source..<source + sampling.width * 3])
            }
        }
        width = sheetWidth
        height = sheetHeight
        picture = PNGImage.encode(width: sheetWidth, height: sheetHeight, pixels: pixels, format: .rgb)
    }

    /// One slice as RGB pixels.
    private static func tile(
        _ sampling: SliceSampling, slice: Int, volume: Volume<Float>, labels: LabelMap, reference: LabelMap?
    ) -> [UInt8] {
        let gray = sampling.gray(volume, slice: slice, window: MontageOptions().window)
        let found = sampling.labels(labels, slice: slice)
        let (width, height) = (sampling.width, sampling.height)
        let outlines = reference.map { Montage.outlined(sampling.labels($0, slice: slice), width: width, height: height) { $0 != 0 } }
        var pixels: [UInt8] = []
        pixels.reserveCapacity(gray.count * 3)
        for position in gray.indices {
            if outlines?[position] == 2 {
                pixels += [255, 255, 255]
            } else if found[position] == 0 {
                pixels += [gray[position], gray[position], gray[position]]
            } else {
                let color = ReportColor.color(ofLabel: found[position])
                // Half label, half picture.
                pixels += [color.red, color.green, color.blue].map { UInt8((UInt16($0) + UInt16(gray[position])) / 2) }
            }
        }
        return pixels
    }
}
