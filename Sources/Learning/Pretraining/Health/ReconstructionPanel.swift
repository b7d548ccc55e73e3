import Foundation
import MedicalImaging

/// A picture of what the network restores: one row per crop, each with the middle slice of the clean, the corrupted and the restored crop.
public struct ReconstructionPanel: Sendable {
    /// One row.
    public struct Row: Sendable {
        public var clean: ImagePatch
        public var corrupted: ImagePatch
        public var restored: ImagePatch

        public init(clean: ImagePatch, corrupted: ImagePatch, restored: ImagePatch) {
            self.clean = clean
            self.corrupted = corrupted
            self.restored = restored
        }
    }

    public var rows: [Row]

    public init(_ rows: [Row]) { self.rows = rows }

    /// Pixels along a voxel: small crops are enlarged to about 200 pixels.
    private var zoom: Int { max(2, 200 / max(1, rows[0].clean.shape.x, rows[0].clean.shape.y)) }
    /// Pixels between pictures.
    private static let gap = 4

    /// The picture as a greyscale PNG: 0 black, 1 white; the middle slice along Z with X to the right and Y upwards,
    /// in the axes as stored.
    /// - Precondition: there is a row, and all crops have one shape.
    public func png() -> Data {
        let shape = rows[0].clean.shape
        let zoom = self.zoom
        let tile = SIMD2(shape.x, shape.y) &* zoom
        let width = 3 * tile.x + 2 * Self.gap
        let height = rows.count * tile.y + (rows.count - 1) * Self.gap
        var pixels = [UInt8](repeating: 128, count: width * height)
        for (line, row) in rows.enumerated() {
            for (column, patch) in [row.clean, row.corrupted, row.restored].enumerated() {
                let origin = SIMD2(column * (tile.x + Self.gap), line * (tile.y + Self.gap))
                for y in 0..<tile.y {
                    for x in 0..<tile.x {
                        let value = patch.voxels[patch.index(x / zoom, shape.y - 1 - y / zoom, shape.z / 2)]
                        let grey = value.isFinite ? UInt8((max(0, min(1, value)) * 255).rounded()) : 0
                        pixels[(origin.y + y) * width + origin.x + x] = grey
                    }
                }
            }
        }
        return PNGImage.encode(width: width, height: height, pixels: pixels, format: .gray)
    }

    /// Writes the picture; it appears whole or not at all.
    public func write(to url: URL) throws { try AtomicFile.write([png()], to: url) }
}
