import Foundation
import MedicalImaging
import Reporting
import Testing

/// Pictures of the same patient must not depend on how the file stores the voxels.
@Suite struct MontageTests {
    /// A patient without any symmetry: 13 × 11 × 9 voxels of 2 × 3 × 4 mm in RAS order, noise inside, one block of liver on the
    /// patient's right and one of spleen on the left, posterior and superior of it.
    private static func patient() -> (Volume<Float>, LabelMap) {
        let grid = VoxelGrid(shape: SIMD3(13, 11, 9), affine: .diagonal(SIMD3(2, 3, 4), translation: SIMD3(-12, -15, -16)))
        var volume = Volume<Float>(grid: grid, repeating: -1000)
        var labels = LabelMap(grid: grid, repeating: 0)
        var state: UInt64 = 7
        for k in 1..<8 {
            for j in 1..<10 {
                for i in 1..<12 {
                    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                    volume[i, j, k] = Float(state >> 40) / Float(1 << 24) * 400 - 160
                }
            }
        }
        for k in 2..<5 { for j in 5..<9 { for i in 7..<11 { labels[i, j, k] = Organ.liver.rawValue } } }
        for k in 4..<7 { for j in 2..<4 { for i in 2..<5 { labels[i, j, k] = Organ.spleen.rawValue } } }
        return (volume, labels)
    }

    /// The same voxels stored with axes permuted and flipped; the affine follows.
    private static func restored<Scalar>(_ volume: Volume<Scalar>, order: SIMD3<Int>, flips: [Bool]) -> Volume<Scalar> {
        let old = volume.grid
        let shape = SIMD3(old.shape[order.x], old.shape[order.y], old.shape[order.z])
        var columns = (0..<3).map { old.affine.columns[order[$0]] }
        var origin = old.affine.translation
        for axis in 0..<3 where flips[axis] {
            origin += columns[axis] * Double(shape[axis] - 1)
            columns[axis] = -columns[axis]
        }
        let grid = VoxelGrid(shape: shape, affine: Affine(columns: columns[0], columns[1], columns[2], translation: origin))
        var voxels: [Scalar] = []
        for k in 0..<shape.z {
            for j in 0..<shape.y {
                for i in 0..<shape.x {
                    let new = SIMD3(i, j, k)
                    var index = SIMD3<Int>.zero
                    for axis in 0..<3 { index[order[axis]] = flips[axis] ? shape[axis] - 1 - new[axis] : new[axis] }
                    voxels.append(volume[index.x, index.y, index.z])
                }
            }
        }
        return Volume(grid: grid, voxels: voxels)
    }

    private static let storageOrders: [(SIMD3<Int>, [Bool])] = [
        SIMD3(0, 1, 2), SIMD3(0, 2, 1), SIMD3(1, 0, 2), SIMD3(1, 2, 0), SIMD3(2, 0, 1), SIMD3(2, 1, 0),
    ].flatMap { order in (0..<8).map { bits in (order, (0..<3).map { bits >> $0 & 1 == 1 }) } }

    @Test func layersAreTheSameForAll48StorageOrders() {
        let (volume, labels) = Self.patient()
        var options = MontageOptions()
        options.maximumSize = SIMD2(60, 60)
        let expected = Montage.montages(of: volume, labels: labels, reference: labels, options: options)
        #expect(expected.map(\.tiles.count) == [5, 7, 8])
        for (order, flips) in Self.storageOrders {
            let stored = Self.restored(labels, order: order, flips: flips)
            let found = Montage.montages(
                of: Self.restored(volume, order: order, flips: flips), labels: stored, reference: stored, options: options)
            for (a, b) in zip(expected, found) {
                #expect(a.tiles.map(\.position) == b.tiles.map(\.position), "\(a.plane), order \(order), flips \(flips)")
                #expect(a.tiles.map(\.layers) == b.tiles.map(\.layers), "\(a.plane), order \(order), flips \(flips)")
                #expect(a.tiles.map(\.reference) == b.tiles.map(\.reference), "\(a.plane), order \(order), flips \(flips)")
            }
        }
    }

    @Test func greysAreTheSameForAll48StorageOrders() {
        let (volume, _) = Self.patient()
        /// The slice in the middle of each plane, every box whole.
        func pictures(_ volume: Volume<Float>) -> [[UInt8]] {
            AnatomicalPlane.allCases.map { plane in
                let box = (0..<3).map { 0...volume.grid.shape[$0] - 1 }
                let sampling = SliceSampling(plane: plane, grid: volume.grid, box: box, maximumSize: SIMD2(60, 60))
                let middle = volume.grid.shape[PatientAxes(of: volume.grid).voxelAxis[plane.through]] / 2
                return sampling.gray(volume, slice: middle, window: -160...240)
            }
        }
        let expected = pictures(volume)
        for (order, flips) in Self.storageOrders {
            for (a, b) in zip(expected, pictures(Self.restored(volume, order: order, flips: flips))) {
                // One grey level: weights are rounded to Float on the other side of the interval.
                #expect(a.count == b.count && zip(a, b).allSatisfy { abs(Int($0) - Int($1)) <= 1 }, "order \(order), flips \(flips)")
            }
        }
    }

    /// Where the centre of a label lies in a slice, as fractions of width and height from the upper left corner.
    private func centre(of label: UInt8, plane: AnatomicalPlane, slice: Int) -> SIMD2<Double> {
        let (volume, labels) = Self.patient()
        let box = (0..<3).map { 0...volume.grid.shape[$0] - 1 }
        let sampling = SliceSampling(plane: plane, grid: volume.grid, box: box, maximumSize: SIMD2(200, 200))
        let picture = sampling.labels(labels, slice: slice)
        var sum = SIMD2<Double>.zero
        var count = 0.0
        for (position, found) in picture.enumerated() where found == label {
            sum += SIMD2(Double(position % sampling.width) / Double(sampling.width), Double(position / sampling.width) / Double(sampling.height))
            count += 1
        }
        return sum / count
    }

    @Test func picturesFollowTheRadiologicalConvention() {
        let liver = Organ.liver.rawValue
        // Right of the patient on the left of the picture, anterior at the top.
        #expect(all(centre(of: liver, plane: .axial, slice: 3) .< SIMD2(0.5, 0.5)))
        // Right on the left, inferior at the bottom.
        #expect(centre(of: liver, plane: .coronal, slice: 6).x < 0.5)
        #expect(centre(of: liver, plane: .coronal, slice: 6).y > 0.5)
        // A sagittal picture faces left: anterior on the left.
        #expect(centre(of: liver, plane: .sagittal, slice: 8).x < 0.5)
        #expect(centre(of: liver, plane: .sagittal, slice: 8).y > 0.5)
        let spleen = Organ.spleen.rawValue
        #expect(all(centre(of: spleen, plane: .axial, slice: 5) .> SIMD2(0.5, 0.5)))
        #expect(centre(of: spleen, plane: .coronal, slice: 2).y < 0.5)
        #expect(centre(of: spleen, plane: .sagittal, slice: 3).x > 0.5)
    }

    @Test func pixelsAreSquareInMillimetres() {
        let grid = VoxelGrid(shape: SIMD3(100, 60, 20), affine: .diagonal(SIMD3(1, 1.5, 5)))
        let box = (0..<3).map { 0...grid.shape[$0] - 1 }
        for plane in AnatomicalPlane.allCases {
            let sampling = SliceSampling(plane: plane, grid: grid, box: box, maximumSize: SIMD2(300, 300))
            let extent: SIMD2<Double> = plane == .axial ? SIMD2(100, 90) : plane == .coronal ? SIMD2(100, 100) : SIMD2(90, 100)
            let ratio = Double(sampling.width) / Double(sampling.height)
            #expect(abs(ratio - extent.x / extent.y) < 0.01, "\(plane)")
            #expect(max(sampling.width, sampling.height) == 300)
        }
    }

    @Test func windowMapsToBlackAndWhite() {
        let grid = VoxelGrid(shape: SIMD3(4, 1, 1), affine: .identity)
        let volume = Volume<Float>(grid: grid, voxels: [-160, 240, 40, .nan])
        let box = (0..<3).map { 0...grid.shape[$0] - 1 }
        let sampling = SliceSampling(plane: .axial, grid: grid, box: box, maximumSize: SIMD2(4, 4))
        // The voxel with the greatest index lies furthest to the right of the patient: first in the picture.
        #expect(sampling.gray(volume, slice: 0, window: -160...240) == [0, 128, 255, 0])
    }

    @Test func averagesWhenPixelsAreLargerThanVoxels() {
        let grid = VoxelGrid(shape: SIMD3(64, 64, 1), affine: .identity)
        let checkerboard = Volume<Float>(grid: grid, voxels: (0..<64 * 64).map { ($0 + $0 / 64) % 2 == 0 ? 240 : -160 })
        let box = (0..<3).map { 0...grid.shape[$0] - 1 }
        let sampling = SliceSampling(plane: .axial, grid: grid, box: box, maximumSize: SIMD2(16, 16))
        #expect(sampling.gray(checkerboard, slice: 0, window: -160...240).allSatisfy { (120...136).contains($0) })
    }

    @Test func degenerateVolumesHavePictures() {
        for shape in [SIMD3(1, 1, 1), SIMD3(5, 1, 1), SIMD3(1, 7, 3)] {
            let grid = VoxelGrid(shape: shape, affine: .identity)
            for value: Float in [-1000, 50, .nan] {
                let montages = Montage.montages(of: Volume(grid: grid, repeating: value), labels: LabelMap(grid: grid, repeating: 0))
                #expect(montages.count == 3)
                #expect(montages.allSatisfy { !$0.tiles.isEmpty && $0.tiles.allSatisfy { $0.width >= 1 && $0.height >= 1 && $0.layers.isEmpty } })
            }
        }
    }

    @Test func slicesAreDistinctAndInRange() {
        for count in 1...13 {
            for size in [1, 2, 5, 12, 100] {
                let ascending = Montage.slices(count, in: 10...9 + size, descending: false)
                #expect(ascending == Set(ascending).sorted())
                #expect(ascending.count == min(count, size))
                #expect(ascending.allSatisfy { (10...9 + size).contains($0) })
                #expect(Montage.slices(count, in: 10...9 + size, descending: true) == ascending.map { 19 + size - $0 })
            }
        }
    }

    @Test func outlineIsTheInnerBorder() {
        let labels: [UInt8] = [
            0, 0, 0, 0, 0,
            0, 6, 6, 6, 0,
            0, 6, 6, 6, 0,
            0, 6, 6, 6, 1,
            0, 0, 0, 0, 0,
        ]
        let classes = Montage.outlined(labels, width: 5, height: 5) { $0 == 6 }
        #expect(classes == [0, 0, 0, 0, 0, 0, 2, 2, 2, 0, 0, 2, 1, 2, 0, 0, 2, 2, 2, 0, 0, 0, 0, 0, 0])
    }

    @Test func obliqueScansSaySo() {
        let angle = 20.0 * .pi / 180
        let oblique = Affine(columns: SIMD3(cos(angle), sin(angle), 0), SIMD3(-sin(angle), cos(angle), 0), SIMD3(0, 0, 1), translation: .zero)
        let axes = PatientAxes(of: VoxelGrid(shape: SIMD3(4, 4, 4), affine: oblique))
        #expect(abs(axes.obliquity - 20) < 1e-9)
        #expect(axes.voxelAxis == SIMD3(0, 1, 2))
    }
}
