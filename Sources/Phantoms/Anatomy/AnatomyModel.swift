import MedicalImaging

/// An anatomy made ready for painting: materials on the map's grid (RAS order) and the signed distance to the closed trunk.
///
/// A material is the label of a structure, plus 128 inside its shell; unlabelled voxels are 0 (to be invented), `pleura` or `wallMuscle`.
struct AnatomyModel: Sendable {
    /// Unlabelled tissue next to the lungs: pleura, diaphragm, mediastinal borders.
    static let pleura: UInt8 = 118
    /// Unlabelled tissue next to bones: intercostal, paravertebral, pelvic and thigh muscles.
    static let wallMuscle: UInt8 = 119
    /// The right pleural space: lung, effusion or collapsed lung, as drawn.
    static let pleuralSpace: UInt8 = 120
    /// The sinus of the right and left kidney, which the map leaves out.
    static let renalSinus: (right: UInt8, left: UInt8) = (121, 122)
    /// Added to the label below a structure's shell.
    static let coreBit: UInt8 = 128
    /// How far outside the trunk the distance is known, in mm; the subcutaneous layer ends before it.
    static let reach = 64.0

    /// Materials, i right, j anterior, k superior.
    let materials: LabelMap
    /// mm outside (positive) or inside (negative) the closed union of all structures.
    let trunk: Volume<Float>
    /// Material-grid index to trunk-grid index: scale and offset.
    let trunkScale: SIMD3<Double>
    let trunkOffset: SIMD3<Double>
    /// The first and last labelled index along each axis.
    let lower: SIMD3<Int>
    let upper: SIMD3<Int>
    /// Centroid (RAS mm) and volume (mm³) of each organ found.
    let organs: [Organ: OrganShape]

    /// Where an organ lies and how large it is.
    struct OrganShape: Sendable {
        /// RAS mm.
        var centroid: SIMD3<Double>
        /// The radius of the sphere of the same volume, in mm.
        var radius: Double
    }

    init(anatomy: LabelMap, table: AnatomyTable) throws(PhantomError) {
        try AnatomyModel.validate(anatomy, table: table)
        let ordered = anatomy.canonicallyOrdered()
        let bounds = AnatomyModel.bounds(of: ordered)
        (lower, upper) = bounds
        organs = AnatomyModel.organShapes(of: ordered, table: table)
        let coarse = CoarseAnatomy(ordered)
        trunk = coarse.trunk
        trunkScale = 1 / SIMD3<Double>(coarse.factor)
        trunkOffset = SIMD3<Double>(coarse.padding) - 0.5 + 0.5 * trunkScale
        var materials = ordered
        AnatomyModel.invent(in: &materials.voxels, coarse: coarse, shape: ordered.grid.shape)
        AnatomyModel.separateCores(in: &materials, labels: ordered, table: table)
        AnatomyModel.fillRenalSinuses(in: &materials, labels: ordered, table: table)
        self.materials = materials
    }

    private static func validate(_ anatomy: LabelMap, table: AnatomyTable) throws(PhantomError) {
        let shape = anatomy.grid.shape
        guard shape.min() >= 4, shape.max() <= 4096 else {
            throw .unusableAnatomy(reason: "its shape is \(shape.x)×\(shape.y)×\(shape.z); expected 4 to 4096 voxels along each axis")
        }
        guard anatomy.grid.affine.isFinite, anatomy.grid.affine.inverse != nil, anatomy.grid.spacing.max() <= 20, anatomy.grid.spacing.min() >= 0.1
        else { throw .unusableAnatomy(reason: "its affine is singular or its spacing \(anatomy.grid.spacing) is outside 0.1 to 20 mm") }
        var present = [Bool](repeating: false, count: 256)
        for label in anatomy.voxels { present[Int(label)] = true }
        guard present.dropFirst().contains(true) else { throw .unusableAnatomy(reason: "it holds no structure, only label 0") }
        for label in 1..<256 where present[label] {
            guard label <= 117, table.structures[UInt8(label)] != nil else { throw .unknownStructure(label: UInt8(label)) }
        }
    }

    private static func bounds(of map: LabelMap) -> (SIMD3<Int>, SIMD3<Int>) {
        var lower = map.grid.shape
        var upper = SIMD3<Int>.zero
        var index = 0
        for k in 0..<map.grid.shape.z {
            for j in 0..<map.grid.shape.y {
                for i in 0..<map.grid.shape.x {
                    if map.voxels[index] != 0 {
                        lower = SIMD3(min(lower.x, i), min(lower.y, j), min(lower.z, k))
                        upper = SIMD3(max(upper.x, i), max(upper.y, j), max(upper.z, k))
                    }
                    index += 1
                }
            }
        }
        return (lower, upper)
    }

    private static func organShapes(of map: LabelMap, table: AnatomyTable) -> [Organ: OrganShape] {
        var sums = [SIMD4<Double>](repeating: .zero, count: 256)
        var index = 0
        for k in 0..<map.grid.shape.z {
            for j in 0..<map.grid.shape.y {
                for i in 0..<map.grid.shape.x {
                    let label = Int(map.voxels[index])
                    if label != 0 { sums[label] += SIMD4(Double(i), Double(j), Double(k), 1) }
                    index += 1
                }
            }
        }
        var byOrgan = [Organ: SIMD4<Double>]()
        for (label, structure) in table.structures {
            if let organ = structure.organ { byOrgan[organ, default: .zero] += sums[Int(label)] }
        }
        return byOrgan.filter { $0.value.w > 0 }.mapValues { sum in
            let centre = SIMD3(sum.x, sum.y, sum.z) / sum.w
            let volume = sum.w * map.grid.voxelVolume
            return OrganShape(centroid: map.grid.affine(centre), radius: cubeRoot(volume * 3 / (4 * .pi)))
        }
    }

    /// Marks unlabelled voxels beside lungs and bones.
    private static func invent(in materials: inout [UInt8], coarse: CoarseAnatomy, shape: SIMD3<Int>) {
        materials.withUnsafeMutableBufferPointer { materials in
            var index = 0
            for k in 0..<shape.z {
                for j in 0..<shape.y {
                    for i in 0..<shape.x {
                        if materials[index] == 0 { materials[index] = coarse.unlabelledMaterial(i, j, k) }
                        index += 1
                    }
                }
            }
        }
    }

    /// Marks the unlabelled hollow of each kidney: what closing the kidney by 8 mm adds.
    private static func fillRenalSinuses(in materials: inout LabelMap, labels: LabelMap, table: AnatomyTable) {
        for (organ, sinus) in [(Organ.rightKidney, renalSinus.right), (.leftKidney, renalSinus.left)] {
            let members = Set(table.structures.filter { $0.value.organ == organ }.keys)
            let grid = labels.grid
            let margin = SIMD3<Int>((20 / grid.spacing).rounded(.up))
            var kidney = labels
            for index in kidney.voxels.indices where !members.contains(kidney.voxels[index]) { kidney.voxels[index] = 0 }
            let (low, high) = bounds(of: kidney)
            guard low.x <= high.x else { continue }
            let from = pointwiseMax(low &- margin, SIMD3<Int>.zero)
            let shape = pointwiseMin(high &+ margin, grid.shape &- 1) &- from &+ 1
            let box = VoxelGrid(shape: shape, affine: grid.affine)
            func source(_ index: Int) -> Int {
                let (i, j, k) = (index % shape.x, index / shape.x % shape.y, index / (shape.x * shape.y))
                return grid.index(from.x + i, from.y + j, from.z + k)
            }
            let outward = DistanceTransform.distance(shape: shape, spacing: grid.spacing, limit: 20) { kidney.voxels[source($0)] != 0 }
            let inward = DistanceTransform.distance(shape: shape, spacing: grid.spacing, limit: 20) { outward[$0] > 8 }
            for index in 0..<box.count where inward[index] > 8 && materials.voxels[source(index)] == 0 { materials.voxels[source(index)] = sinus }
        }
    }

    /// Adds `coreBit` to the voxels deeper than their structure's shell: layers are peeled one voxel at a time, alternating
    /// 6- and 18-neighbourhoods, which is close to a sphere for the few layers needed.
    private static func separateCores(in materials: inout LabelMap, labels: LabelMap, table: AnatomyTable) {
        let spacing = labels.grid.spacing.sum() / 3
        var layers = [Int](repeating: 0, count: 256)
        for (label, structure) in table.structures where structure.shellDepth > 0 && structure.core != structure.shell {
            layers[Int(label)] = max(1, Int((structure.shellDepth / spacing).rounded()))
        }
        let shape = labels.grid.shape
        let (sy, sz) = (shape.x, shape.x * shape.y)
        let six = [1, -1, sy, -sy, sz, -sz]
        let diagonals = [1 + sy, 1 - sy, -1 + sy, -1 - sy, 1 + sz, 1 - sz, -1 + sz, -1 - sz, sy + sz, sy - sz, -sy + sz, -sy - sz]
        // The surface of `remaining` is peeled off in each round; what is left after the structure's layers is its core.
        var remaining = labels.voxels
        var candidates = [Int]()
        let margin = sz + sy + 1
        for index in 0..<remaining.count where layers[Int(remaining[index])] > 0 {
            if index >= margin, index < remaining.count - margin { candidates.append(index) } else { remaining[index] = 0 }
        }
        var round = 0
        while !candidates.isEmpty {
            let offsets = round % 2 == 0 ? six : six + diagonals
            var kept = [Int]()
            var peeled = [Int]()
            remaining.withUnsafeBufferPointer { remaining in
                for index in candidates {
                    let label = remaining[index]
                    if layers[Int(label)] <= round { continue }
                    if offsets.allSatisfy({ remaining[index + $0] == label }) { kept.append(index) } else { peeled.append(index) }
                }
            }
            for index in peeled { remaining[index] = 0 }
            round += 1
            candidates.removeAll(keepingCapacity: true)
            for index in kept {
                if layers[Int(remaining[index])] == round { materials.voxels[index] |= coreBit } else { candidates.append(index) }
            }
        }
    }
}

/// The cube root by Newton's iteration; for sizes of organs.
func cubeRoot(_ x: Double) -> Double {
    var y = max(1, x.squareRoot())
    for _ in 0..<60 { y -= (y * y * y - x) / (3 * y * y) }
    return y
}
