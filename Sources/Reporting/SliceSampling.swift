import MedicalImaging

/// How one slice of a volume becomes a picture of square pixels: which voxel axes run across and down, over which range, at which scale.
package struct SliceSampling {
    let plane: AnatomicalPlane
    let shape: SIMD3<Int>
    /// The side of a pixel in mm.
    let pixelSize: Double
    let columns: PictureAxis
    let rows: PictureAxis
    /// The voxel axis through the picture.
    let throughAxis: Int

    package var width: Int { columns.count }
    package var height: Int { rows.count }

    /// - Parameters:
    ///   - box: the range of voxel indices to show, per voxel axis.
    ///   - maximumSize: the greatest width and height in pixels; the scale is chosen so that both are kept.
    package init(plane: AnatomicalPlane, grid: VoxelGrid, box: [ClosedRange<Int>], maximumSize: SIMD2<Int>) {
        let axes = PatientAxes(of: grid)
        let across = axes.voxelAxis[plane.leftward]
        let down = axes.voxelAxis[plane.upward]
        let spacing = grid.spacing
        let extent = SIMD2(Double(box[across].count) * spacing[across], Double(box[down].count) * spacing[down])
        let size = max(extent.x / Double(maximumSize.x), extent.y / Double(maximumSize.y))
        self.plane = plane
        shape = grid.shape
        pixelSize = size
        throughAxis = axes.voxelAxis[plane.through]
        // The positive end of both patient axes is at the start of the picture: left and top.
        columns = PictureAxis(
            voxelAxis: across, range: box[across], spacing: spacing[across], pixelSize: size, isReversed: axes.isPositive[plane.leftward])
        rows = PictureAxis(voxelAxis: down, range: box[down], spacing: spacing[down], pixelSize: size, isReversed: axes.isPositive[plane.upward])
    }

    /// The grey picture of the slice: intensities from `window.lowerBound` (black) to `window.upperBound` (white), linear between
    /// voxels, averaged where pixels are larger than voxels.
    package func gray(_ volume: Volume<Float>, slice: Int, window: ClosedRange<Float>) -> [UInt8] {
        let (x, y) = (columns.taps, rows.taps)
        let strides = SIMD3(1, shape.x, shape.x * shape.y)
        let (strideX, strideY) = (strides[columns.voxelAxis], strides[rows.voxelAxis])
        let base = slice * strides[throughAxis]
        let scale = 255 / (window.upperBound - window.lowerBound)
        var picture = [UInt8](repeating: 0, count: width * height)
        volume.voxels.withUnsafeBufferPointer { voxels in
            func value(_ column: PictureAxis.Tap, _ row: PictureAxis.Tap) -> Float {
                let (upper, lower) = (base + row.first * strideY, base + row.second * strideY)
                let (left, right) = (column.first * strideX, column.second * strideX)
                let a = voxels[upper + left] + (voxels[upper + right] - voxels[upper + left]) * column.weight
                let b = voxels[lower + left] + (voxels[lower + right] - voxels[lower + left]) * column.weight
                return a + (b - a) * row.weight
            }
            let (nx, ny) = (columns.tapsPerPixel, rows.tapsPerPixel)
            for v in 0..<height {
                for u in 0..<width {
                    var sum: Float = 0
                    for b in 0..<ny {
                        for a in 0..<nx { sum += value(x[u * nx + a], y[v * ny + b]) }
                    }
                    let shade = (sum / Float(nx * ny) - window.lowerBound) * scale
                    picture[v * width + u] = shade > 0 ? UInt8(min(shade, 255).rounded()) : 0  // NaN is black
                }
            }
        }
        return picture
    }

    /// The labels of the slice, the nearest voxel for each pixel.
    package func labels(_ map: LabelMap, slice: Int) -> [UInt8] {
        let (x, y) = (columns.nearest, rows.nearest)
        var index = SIMD3(repeating: slice)
        var picture = [UInt8]()
        picture.reserveCapacity(width * height)
        for row in y {
            index[rows.voxelAxis] = row
            for column in x {
                index[columns.voxelAxis] = column
                picture.append(map[index.x, index.y, index.z])
            }
        }
        return picture
    }
}

/// One side of a picture: pixels along a range of one voxel axis.
struct PictureAxis {
    let voxelAxis: Int
    let range: ClosedRange<Int>
    /// The number of pixels.
    let count: Int
    /// More than one where pixels are larger than voxels, so that no voxel is skipped.
    let tapsPerPixel: Int
    private let spacing: Double
    private let pixelSize: Double
    private let isReversed: Bool

    init(voxelAxis: Int, range: ClosedRange<Int>, spacing: Double, pixelSize: Double, isReversed: Bool) {
        self.voxelAxis = voxelAxis
        self.range = range
        self.spacing = spacing
        self.pixelSize = pixelSize
        self.isReversed = isReversed
        count = max(1, Int((Double(range.count) * spacing / pixelSize).rounded()))
        tapsPerPixel = min(8, max(1, Int((pixelSize / spacing).rounded(.up))))
    }

    /// Two neighbouring voxel indices and the weight of the second.
    struct Tap {
        var first: Int
        var second: Int
        var weight: Float
    }

    /// `count × tapsPerPixel` sampling positions in picture order.
    var taps: [Tap] {
        (0..<count * tapsPerPixel).map { position in
            let index = coordinate((Double(position) + 0.5) / Double(tapsPerPixel))
            let clamped = min(max(index, Double(range.lowerBound)), Double(range.upperBound))
            let first = Int(clamped)
            let weight = Float(clamped - Double(first))
            // On a voxel's centre its neighbour is not looked at: it may hold no number.
            return Tap(first: first, second: weight > 0 ? first + 1 : first, weight: weight)
        }
    }

    /// The nearest voxel index of each pixel, in picture order.
    var nearest: [Int] {
        (0..<count).map { min(max(Int(coordinate(Double($0) + 0.5).rounded()), range.lowerBound), range.upperBound) }
    }

    /// The voxel coordinate at a distance from the start of the picture in pixels.
    private func coordinate(_ pixels: Double) -> Double {
        let voxels = pixels * pixelSize / spacing
        return isReversed ? Double(range.upperBound) + 0.5 - voxels : Double(range.lowerBound) - 0.5 + voxels
    }
}
