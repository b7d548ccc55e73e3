import MedicalImaging

/// The distances that painting needs, on a padded grid a few times coarser than the anatomy (about 4.5 mm).
struct CoarseAnatomy {
    /// The radius in mm of the ball that closes the gaps between the structures; large, for a torso is nearly convex.
    private static let closingRadius = 110.0
    /// Anatomy voxels per coarse voxel.
    let factor: SIMD3<Int>
    /// Coarse voxels added on each side.
    let padding: SIMD3<Int>
    /// mm outside (positive) or inside the closed union of all structures.
    let trunk: Volume<Float>
    private let shape: SIMD3<Int>
    private let lungs: [Float]
    private let bones: [Float]
    private let limbs: [Float]
    private let pleuralSpace: (minimumX: Int, minimumZ: Int)?

    /// What a coarse voxel contains.
    private struct Content: OptionSet {
        let rawValue: UInt8
        static let any = Content(rawValue: 1)
        static let lung = Content(rawValue: 2)
        /// Bones with thin muscle around them: ribs, sternum, spine.
        static let trunkBone = Content(rawValue: 4)
        /// Bones deep in muscle: pelvis, limbs, shoulder girdle.
        static let limbBone = Content(rawValue: 8)
    }

    init(_ map: LabelMap) {
        let spacing = map.grid.spacing
        let factor = SIMD3<Int>((4.5 / spacing).rounded(.toNearestOrAwayFromZero)).clamped(
            lowerBound: SIMD3(repeating: 1), upperBound: map.grid.shape)
        let coarseSpacing = spacing * SIMD3<Double>(factor)
        let padding = SIMD3<Int>(((CoarseAnatomy.closingRadius + 8) / coarseSpacing).rounded(.up))
        let inner = (map.grid.shape &+ factor &- 1) / factor
        let shape = inner &+ 2 &* padding
        let contents = CoarseAnatomy.contents(of: map, factor: factor, padding: padding, inner: inner)
        let radius = Float(CoarseAnatomy.closingRadius)
        func distance(_ limit: Float, _ isSource: (Int) -> Bool) -> [Float] {
            DistanceTransform.distance(shape: shape, spacing: coarseSpacing, limit: limit, isSource: isSource)
        }
        // Closing by a ball: what is farther than the radius from everything outside the dilated union.
        let outward = distance(radius + 1) { contents[$0].contains(.any) }
        let inward = distance(4 * radius) { outward[$0] > radius }
        var signed = inward.map { radius - $0 }
        for index in signed.indices where outward[index] > radius { signed[index] = radius + 1 }
        let affine = Affine.diagonal(coarseSpacing)
        trunk = Volume(grid: VoxelGrid(shape: shape, affine: affine), voxels: signed)
        lungs = distance(30) { contents[$0].contains(.lung) }
        bones = distance(30) { contents[$0].contains(.trunkBone) }
        limbs = distance(40) { contents[$0].contains(.limbBone) }
        pleuralSpace = CoarseAnatomy.rightPleuralSpace(of: map)
        self.factor = factor
        self.padding = padding
        self.shape = shape
    }

    private static func contents(of map: LabelMap, factor: SIMD3<Int>, padding: SIMD3<Int>, inner: SIMD3<Int>) -> [Content] {
        let shape = inner &+ 2 &* padding
        let meaning: [Content] = (0..<256).map { label in
            switch label {
            case 0: []
            case 45...49: [.any, .lung]
            case 54...77, 85, 16, 93...117: [.any, .trunkBone]
            case 19, 20, 29, 30, 31, 32, 11, 12, 79, 80, 78: [.any, .limbBone]
            default: .any
            }
        }
        var contents = [Content](repeating: [], count: shape.x * shape.y * shape.z)
        var index = 0
        for k in 0..<map.grid.shape.z {
            for j in 0..<map.grid.shape.y {
                let row = shape.x * (padding.y + j / factor.y + shape.y * (padding.z + k / factor.z)) + padding.x
                for i in 0..<map.grid.shape.x {
                    let label = map.voxels[index]
                    if label != 0 { contents[row + i / factor.x].formUnion(meaning[Int(label)]) }
                    index += 1
                }
            }
        }
        // The body goes on above and below the map: repeat its end slices.
        let slice = shape.x * shape.y
        for k in 0..<padding.z {
            for n in 0..<slice {
                contents[k * slice + n] = contents[padding.z * slice + n]
                contents[(shape.z - 1 - k) * slice + n] = contents[(shape.z - 1 - padding.z) * slice + n]
            }
        }
        return contents
    }

    /// What an unlabelled voxel of the map is: `pleura` beside lungs, `wallMuscle` beside bones, else 0.
    func unlabelledMaterial(_ i: Int, _ j: Int, _ k: Int) -> UInt8 {
        let x = SIMD3(Double(i), Double(j), Double(k))
        let position = (x + 0.5) / SIMD3<Double>(factor) - 0.5 + SIMD3<Double>(padding)
        let s = interpolate(trunk.voxels, position)
        if s > 4 { return 0 }
        if interpolate(limbs, position) < 24 { return AnatomyModel.wallMuscle }
        if interpolate(bones, position) < 7 { return AnatomyModel.wallMuscle }
        if let space = pleuralSpace, i > space.minimumX, k > space.minimumZ, s < -4, interpolate(lungs, position) < 29 {
            return AnatomyModel.pleuralSpace
        }
        if interpolate(lungs, position) < 5 { return AnatomyModel.pleura }
        return 0
    }

    /// The half of the chest where what no structure covers is the pleural space beside liver and lung, or collapsed lung: to the right of the
    /// spine by 25 mm and above the lowest lung. `nil` without lungs or thoracic spine.
    private static func rightPleuralSpace(of map: LabelMap) -> (minimumX: Int, minimumZ: Int)? {
        let shape = map.grid.shape
        var (sum, count, lowest) = (0, 0, Int.max)
        var index = 0
        for k in 0..<shape.z {
            for _ in 0..<shape.y {
                for i in 0..<shape.x {
                    switch map.voxels[index] {
                    case 107...109, 117:
                        sum += i
                        count += 1
                    case 45...49: lowest = min(lowest, k)
                    default: break
                    }
                    index += 1
                }
            }
        }
        guard count > 0, lowest < shape.z else { return nil }
        return (sum / count + Int(25 / map.grid.spacing.x), lowest)
    }

    private func interpolate(_ values: [Float], _ position: SIMD3<Double>) -> Float {
        let floor = position.rounded(.down)
        let base = SIMD3<Int>(floor).clamped(lowerBound: .zero, upperBound: shape &- 2)
        let t = SIMD3<Float>(position - SIMD3<Double>(base)).clamped(lowerBound: .zero, upperBound: .one)
        let index = base.x + shape.x * (base.y + shape.y * base.z)
        return values.withUnsafeBufferPointer {
            trilinear($0.baseAddress! + index, strideY: shape.x, strideZ: shape.x * shape.y, t)
        }
    }
}

/// Trilinear interpolation between the eight values at `corner`, `t` in [0, 1] per axis.
@inline(__always)
func trilinear(_ corner: UnsafePointer<Float>, strideY: Int, strideZ: Int, _ t: SIMD3<Float>) -> Float {
    let low = SIMD4(corner[0], corner[strideY], corner[strideZ], corner[strideY + strideZ])
    let high = SIMD4(corner[1], corner[strideY + 1], corner[strideZ + 1], corner[strideY + strideZ + 1])
    let x = low + (high - low) * t.x
    let y = SIMD2(x[0], x[2]) + (SIMD2(x[1], x[3]) - SIMD2(x[0], x[2])) * t.y
    return y[0] + (y[1] - y[0]) * t.z
}
