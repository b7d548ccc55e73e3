/// The labels, and where they are needed the probabilities, of the voxels at the corners of a brick of cells.
///
/// Cell (x, y, z) lies between voxel (x, y, z) and its seven upper neighbours; at the end of the volume a voxel is its own neighbour. Where all
/// eight corners of a cell agree on the greatest class, so does every trilinear mixture of their probabilities, and the softmax is never
/// computed. A brick is small enough for all of this to stay in the processor's cache.
package final class LogitBrick<Element: StoredLogit> {
    /// The greatest number of cells along each axis.
    static var size: SIMD3<Int> { SIMD3(8, 16, 32) }
    /// A cell whose corners have different labels: all bits, which no label has.
    static var mixed: UInt8 { 255 }

    /// The first cell, in voxels of the volume.
    package private(set) var lower = SIMD3<Int>.zero
    /// The end of the cells.
    package private(set) var upper = SIMD3<Int>.zero
    /// The steps between corners along each axis, in positions of the brick.
    private(set) var steps = SIMD3<Int>.zero
    /// The label that all corners have, or `nil`.
    private(set) var commonLabel: UInt8?
    /// The number of probabilities per voxel, a multiple of four.
    let stride: Int

    private let slab: LogitSlab<Element>
    private let storage: UnsafeMutablePointer<UInt8>
    /// The label of each corner: [X, Y, Z] in C order.
    let labels: UnsafeMutablePointer<UInt8>
    /// The common label of each cell's corners, or `mixed`, at the position of its first corner.
    let cells: UnsafeMutablePointer<UInt8>
    /// The probabilities of the corners of mixed cells, classes innermost.
    let probabilities: UnsafeMutablePointer<Float>

    /// Vectors reach beyond both ends of a row.
    private static var margin: Int { 32 }

    init(_ slab: LogitSlab<Element>) {
        self.slab = slab
        stride = (slab.channelCount + 3) / 4 * 4
        let size = Self.size &+ 1
        let count = size.x * size.y * size.z + 2 * Self.margin
        storage = .allocate(capacity: 2 * count)
        storage.initialize(repeating: 0, count: 2 * count)
        labels = storage + Self.margin
        cells = storage + count + Self.margin
        probabilities = .allocate(capacity: count * stride)
    }

    deinit {
        storage.deallocate()
        probabilities.deallocate()
    }

    /// The position of the corner of index `voxel` along `axis`, a summand.
    @inline(__always) func position(_ voxel: Int32, axis: Int) -> Int32 { (voxel &- Int32(lower[axis])) &* Int32(steps[axis]) }

    /// Reads the cells `lower ..< upper`, whose corners must be final.
    func load(_ lower: SIMD3<Int>, upper: SIMD3<Int>, withProbabilities: Bool) {
        self.lower = lower
        self.upper = upper
        let corners = upper &- lower &+ 1
        steps = SIMD3(corners.y * corners.z, corners.z, 1)
        forEachColumn(findLabels)
        let isUniform = !(1..<corners.x * steps.x).contains { labels[$0] != labels[0] }
        commonLabel = isUniform ? labels[0] : nil
        guard !isUniform else { return }
        cells.update(repeating: 0, count: corners.x * steps.x)
        compareCorners(upper &- lower)
        if withProbabilities { forEachColumn(convert) }
    }

    /// Calls `body` with each column of corners: its values in the slab, its position in the brick, and its x and y in the brick.
    @inline(__always) private func forEachColumn(_ body: (UnsafePointer<Element>, Int, SIMD2<Int>) -> Void) {
        for x in 0...upper.x - lower.x {
            for y in 0...upper.y - lower.y {
                let column = slab.column(min(lower.x + x, slab.shape.x - 1), min(lower.y + y, slab.shape.y - 1))
                body(UnsafePointer(column), x * steps.x + y * steps.y, SIMD2(x, y))
            }
        }
    }

    /// Calls `body` with runs of slots of a column: the first slot, the position in the column of corners, and the number.
    @inline(__always) private func forEachRun(_ body: (_ slot: Int, _ corner: Int, _ count: Int) -> Void) {
        let runs = slab.runs(lower.z..<min(upper.z + 1, slab.shape.z))
        body(runs.first.slot, runs.first.planes.lowerBound - lower.z, runs.first.planes.count)
        body(runs.second.slot, runs.second.planes.lowerBound - lower.z, runs.second.planes.count)
        // At the end of the volume the last voxel is its own neighbour.
        if upper.z == slab.shape.z { body((upper.z - 1) % slab.depth, upper.z - lower.z, 1) }
    }

    // MARK: Labels

    /// The greatest class of every corner of a column; the lowest one among equals, background where no window voted.
    @inline(__always) private func findLabels(_ column: UnsafePointer<Element>, position: Int, _: SIMD2<Int>) {
        let (depth, channelCount) = (slab.depth, slab.channelCount)
        forEachRun { slot, corner, count in
            for offset in Swift.stride(from: 0, to: count, by: 8) {
                let source = column + slot + offset
                var best = Element.load8(source)
                var label = SIMD8<Int32>.zero
                var channel = 1
                while channel < channelCount {
                    let value = Element.load8(source + channel &* depth)
                    let isBetter = value .> best
                    best.replace(with: value, where: isBetter)
                    label.replace(with: SIMD8(repeating: Int32(truncatingIfNeeded: channel)), where: isBetter)
                    channel &+= 1
                }
                label.replace(with: 0, where: .!(Element.load8(source + channelCount &* depth) .> 0))
                let bytes = SIMD8<UInt8>(truncatingIfNeeded: label)
                UnsafeMutableRawPointer(labels + position + corner + offset).storeBytes(of: bytes, as: SIMD8<UInt8>.self)
            }
        }
    }

    /// Finds the cells whose corners agree.
    private func compareCorners(_ count: SIMD3<Int>) {
        for x in 0..<count.x {
            for y in 0..<count.y {
                let first = x * steps.x + y * steps.y
                for z in Swift.stride(from: first, to: first + count.z, by: 8) {
                    let (row, nextY, nextX, nextXY) = (labels + z, labels + z + steps.y, labels + z + steps.x, labels + z + steps.x + steps.y)
                    let label = bytes(row)
                    var difference = (label ^ bytes(row + 1)) | (label ^ bytes(nextY)) | (label ^ bytes(nextY + 1))
                    difference |= (label ^ bytes(nextX)) | (label ^ bytes(nextX + 1)) | (label ^ bytes(nextXY)) | (label ^ bytes(nextXY + 1))
                    let cell = label | Self.filled(difference)
                    UnsafeMutableRawPointer(cells + z).storeBytes(of: cell, as: UInt64.self)
                }
                // What lies behind the row's last cell is no cell.
                (cells + first + count.z).update(repeating: 0, count: 8)
            }
        }
    }

    /// Eight labels.
    @inline(__always) private func bytes(_ pointer: UnsafePointer<UInt8>) -> UInt64 {
        UnsafeRawPointer(pointer).loadUnaligned(as: UInt64.self)
    }

    /// 255 for each byte that is not zero.
    @inline(__always) private static func filled(_ bytes: UInt64) -> UInt64 {
        let low: UInt64 = 0x7f7f_7f7f_7f7f_7f7f
        let ones = (((bytes & low) &+ low) | bytes) &>> 7 & 0x0101_0101_0101_0101
        return (ones &<< 8) &- ones
    }

    // MARK: Probabilities

    /// Computes the probabilities of a column's voxels at the corners of mixed cells, and of some more.
    @inline(__always) private func convert(_ column: UnsafePointer<Element>, position: Int, place: SIMD2<Int>) {
        forEachRun { slot, corner, count in
            for offset in Swift.stride(from: 0, to: count, by: 4) where touchesMixedCell(position + corner + offset, place) {
                softmax(column + slot + offset, to: probabilities + (position + corner + offset) * stride)
            }
        }
    }

    /// Whether one of the four voxels from `position` on is a corner of a mixed cell; `true` also for some that are near to one.
    @inline(__always) private func touchesMixedCell(_ position: Int, _ place: SIMD2<Int>) -> Bool {
        // The cells before and at the four voxels, in the four rows around them; at the edge of the brick the same row twice.
        let (x, y) = (place.x == 0 ? 0 : steps.x, place.y == 0 ? 0 : steps.y)
        let row = cells + position - 1
        return Self.holdsMixed(bytes(row)) || Self.holdsMixed(bytes(row - y)) || Self.holdsMixed(bytes(row - x))
            || Self.holdsMixed(bytes(row - x - y))
    }

    /// Whether one of the first five of eight cells is mixed.
    @inline(__always) private static func holdsMixed(_ cells: UInt64) -> Bool {
        let others = ~cells | 0xffff_ff00_0000_0000
        return (others &- 0x0101_0101_0101_0101) & ~others & 0x8080_8080_8080_8080 != 0
    }

    /// exp(v / votes) over its sum for four voxels; background where no window voted.
    @inline(__always) private func softmax(_ source: UnsafePointer<Element>, to target: UnsafeMutablePointer<Float>) {
        let (depth, channelCount) = (slab.depth, slab.channelCount)
        let votes = Element.load(source + channelCount &* depth)
        let isUnknown = .!(votes .> 0)
        var greatest = Element.load(source)
        var channel = 1
        while channel < channelCount {
            let value = Element.load(source + channel &* depth)
            greatest.replace(with: value, where: value .> greatest)
            channel &+= 1
        }
        let scale = 1 / votes.replacing(with: 1, where: isUnknown)
        var sum = SIMD4<Float>.zero
        channel = 0
        while channel < stride {
            // Four classes of four voxels, turned over in registers: single values stored here would hold up the vectors read below.
            let a = power(source, channel, greatest, scale), b = power(source, channel &+ 1, greatest, scale)
            let c = power(source, channel &+ 2, greatest, scale), d = power(source, channel &+ 3, greatest, scale)
            sum += (a + b) + (c + d)
            for lane in 0..<4 { Float.store(SIMD4(a[lane], b[lane], c[lane], d[lane]), to: target + (lane &* stride &+ channel)) }
            channel &+= 4
        }
        let factor = 1 / sum
        for lane in 0..<4 {
            let voxel = target + lane &* stride
            var first = 0
            while first < stride {
                Float.store(isUnknown[lane] ? .zero : Float.load(voxel + first) * factor[lane], to: voxel + first)
                first &+= 4
            }
            if isUnknown[lane] { voxel[0] = 1 }
        }
    }

    /// exp((v − greatest) · scale) of a class for four voxels; zero behind the last class.
    @inline(__always) private func power(
        _ source: UnsafePointer<Element>, _ channel: Int, _ greatest: SIMD4<Float>, _ scale: SIMD4<Float>
    ) -> SIMD4<Float> {
        channel < slab.channelCount ? exponentials((Element.load(source + channel &* slab.depth) - greatest) * scale) : .zero
    }
}
