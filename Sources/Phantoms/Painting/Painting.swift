import MedicalImaging

/// The intensities and labels of a phantom before the scanner's blur and noise, computed voxel by voxel.
///
/// Each voxel is sampled at two points per axis; intensities are averaged (partial volume), the label is the most frequent one.
/// Labels with equal votes: an organ wins over background, the higher label over the lower.
struct Painting {
    let model: AnatomyModel
    let appearance: Appearance
    let frame: PhantomFrame
    private let texture: TextureFields
    private let displacement: DisplacementGrid
    private let offsets: [SIMD4<Float>]
    private let heights: Heights

    /// Heights above the table, RAS mm of the phantom.
    struct Heights {
        var stomach: Float
        var body: Float
    }

    init(model: AnatomyModel, appearance: Appearance, frame: PhantomFrame, random: inout RandomStream) {
        self.model = model
        self.appearance = appearance
        self.frame = frame
        texture = TextureFields(grid: frame.grid, random: &random)
        displacement = DisplacementGrid(model: model, frame: frame, random: &random)
        let columns = frame.toAnatomy.columns.map { SIMD4(SIMD3<Float>($0), 0) }
        let source = model.materials.grid.spacing
        let fine = (0..<3).map { frame.grid.spacing[$0] > 1.3 * source.min() }
        var offsets = [SIMD4<Float>.zero]
        for axis in 0..<3 where fine[axis] { offsets = offsets.flatMap { [$0 - 0.25 * columns[axis], $0 + 0.25 * columns[axis]] } }
        self.offsets = offsets
        let back = frame.deformation.affine.inverse!
        let low = model.materials.grid.affine(SIMD3<Double>(model.lower))
        let high = model.materials.grid.affine(SIMD3<Double>(model.upper))
        let body = Float(back((low + high) / 2).y)
        heights = Heights(stomach: model.organs[.stomach].map { Float(back($0.centroid).y) } ?? body, body: body)
    }

    /// HU and labels, in the storage order of the frame's grid.
    func paint() -> (hounsfield: [Float], labels: [UInt8]) {
        let shape = frame.grid.shape
        var hounsfield = [Float](repeating: -1000, count: frame.grid.count)
        var labels = [UInt8](repeating: 0, count: frame.grid.count)
        hounsfield.withUnsafeMutableBufferPointer { hounsfield in
            labels.withUnsafeMutableBufferPointer { labels in
                var row = [SIMD4<Float>](repeating: .zero, count: shape.x)
                for k in 0..<shape.z {
                    for j in 0..<shape.y {
                        displacement.anatomyPositions(&row, j: j, k: k)
                        let start = frame.grid.index(0, j, k)
                        paintRow(row, start: start, hounsfield: hounsfield, labels: labels)
                    }
                }
            }
        }
        return (hounsfield, labels)
    }

    private func paintRow(
        _ row: [SIMD4<Float>], start: Int, hounsfield: UnsafeMutableBufferPointer<Float>, labels: UnsafeMutableBufferPointer<UInt8>
    ) {
        let yRow = (0..<4).map { Float(frame.grid.affine[1, $0]) }
        let plane = frame.grid.shape.x * frame.grid.shape.y
        let (j, k) = (Float(start % plane / frame.grid.shape.x), Float(start / plane))
        let top = Float(model.materials.grid.shape.z) - 0.5
        for i in 0..<row.count {
            let p = row[i]
            guard p.z > -0.5, p.z < top else { continue }
            let s = trunkDistance(p)
            if s > 62 { continue }
            let y = yRow[0] * Float(i) + yRow[1] * j + yRow[2] * k + yRow[3]
            let context = VoxelContext(index: start + i, depth: s, height: y)
            if s > 8 {
                hounsfield[start + i] = unlabelled(context)
            } else {
                (hounsfield[start + i], labels[start + i]) = sample(p, context)
            }
        }
    }

    /// What the mixtures depend on at one voxel.
    private struct VoxelContext {
        var index: Int
        /// mm outside the trunk.
        var depth: Float
        /// RAS y in mm.
        var height: Float
    }

    @inline(__always)
    private func trunkDistance(_ p: SIMD4<Float>) -> Float {
        let shape = model.trunk.grid.shape
        let q = SIMD3(p.x, p.y, p.z) * SIMD3<Float>(model.trunkScale) + SIMD3<Float>(model.trunkOffset)
        guard q.x >= 0, q.y >= 0, q.z >= 0, q.x < Float(shape.x - 1), q.y < Float(shape.y - 1), q.z < Float(shape.z - 1) else { return 1000 }
        let (i, j, k) = (Int(q.x), Int(q.y), Int(q.z))
        let index = i + shape.x * (j + shape.y * k)
        return model.trunk.voxels.withUnsafeBufferPointer {
            trilinear(
                $0.baseAddress! + index, strideY: shape.x, strideZ: shape.x * shape.y, SIMD3(q.x - Float(i), q.y - Float(j), q.z - Float(k)))
        }
    }

    /// The average HU and the winning label of the sub-samples around anatomy position `p`.
    @inline(__always)
    private func sample(_ p: SIMD4<Float>, _ context: VoxelContext) -> (Float, UInt8) {
        let shape = model.materials.grid.shape
        var sum: Float = 0
        var votes: UInt64 = 0
        var previous = -1
        var value: Float = 0
        model.materials.voxels.withUnsafeBufferPointer { materials in
            for offset in offsets {
                let q = p + offset + 0.5
                var material = 0
                if q.x >= 0, q.y >= 0, q.z >= 0 {
                    let (i, j, k) = (Int(q.x), Int(q.y), Int(q.z))
                    if i < shape.x, j < shape.y, k < shape.z { material = Int(materials[i + shape.x * (j + shape.y * k)]) }
                }
                if material != previous {
                    value = intensity(of: material, context)
                    previous = material
                }
                sum += value
                votes += 1 << UInt64(4 * appearance.organ[material])
            }
        }
        return (sum / Float(offsets.count), winner(votes))
    }

    /// Votes are counted in four bits per label.
    @inline(__always)
    private func winner(_ votes: UInt64) -> UInt8 {
        var best = votes & 0xF
        if best == UInt64(offsets.count) { return 0 }
        var label: UInt8 = 0
        for candidate in 1..<UInt64(Organ.channelCount) {
            let count = (votes >> (4 * candidate)) & 0xF
            if count > 0, count >= best { (best, label) = (count, UInt8(candidate)) }
        }
        return label
    }

    @inline(__always)
    private func intensity(of material: Int, _ context: VoxelContext) -> Float {
        let n = context.index
        let plain = appearance.mean[material] + appearance.coarse[material] * texture.medium[n] + appearance.fine[material] * texture.fine[n]
        let content = appearance.content
        switch appearance.kind[material] {
        case .solid: return plain
        case .unlabelled: return unlabelled(context)
        case .liver:
            let distance = texture.coarse[n] * texture.coarse[n] + texture.branch[n] * texture.branch[n]
            let lesion = appearance.liverLesions * step(texture.coarse[n], 1.9, 0.15)
            return plain + appearance.liverVessels * max(0, 1 - distance * 14) - lesion
        case .kidney: return plain + appearance.renalStones * step(texture.fine[n] + 0.5 * texture.medium[n], 3.3, 0.4)
        case .lung:
            let vessel = max(0, texture.medium[n] + texture.fine[n] - 1.7) * 320
            let dependent = 0.35 * (heights.body - context.height)
            return min(40, plain + vessel + dependent)
        case .stomach:
            let gas = step(context.height - heights.stomach, content.stomachGasLevel, 4)
            let filling = content.stomach + content.stomachLumps * (texture.medium[n] + 0.4 * texture.fine[n])
            return filling + (-990 - filling) * gas
        case .colon:
            let gas = step(texture.coarse[n] + 0.012 * (context.height - heights.body), content.colonGas, 0.25)
            let filling = content.stool + content.stoolLumps * (0.7 * texture.medium[n] + 0.7 * texture.fine[n])
            return filling + (-985 - filling) * gas
        case .smallBowel:
            let gas = step(texture.coarse[n], content.smallBowelGas, 0.3)
            let filling = content.smallBowel + 10 * texture.fine[n]
            return filling + (-980 - filling) * gas
        }
    }

    /// 0 below `edge`, 1 above, linear over `width`.
    @inline(__always)
    private func step(_ x: Float, _ edge: Float, _ width: Float) -> Float { min(1, max(0, (x - edge) / width + 0.5)) }

    /// The layers around the labelled structures, from inside: visceral fat with vessels, wall muscle, subcutaneous fat, skin, air.
    @inline(__always)
    private func unlabelled(_ context: VoxelContext) -> Float {
        let n = context.index
        let s = context.depth
        let habitus = appearance.habitus
        func mean(_ tissue: Tissue) -> Float { appearance.tissueMean[Int(tissue.rawValue)] }
        let muscleEdge = habitus.muscle * (1 + 0.25 * texture.coarse[n])
        let outer = min(60, muscleEdge + max(2, habitus.fat * (1 + habitus.fatVariation * texture.broad[n])) + 3)
        let width: Float = 3
        let innerEdge = habitus.innerWall * (1 + 0.4 * texture.coarse[n])
        let fat = mean(.fat) + 5 * texture.fine[n]
        if s < -innerEdge - width {
            let strand = step(0.75 * texture.medium[n] + 0.65 * texture.fine[n], habitus.mesentery, 0.7)
            let visceral = fat + appearance.visceral.haze
            let dependent = 0.01 * (heights.body - context.height)
            let filling = visceral + (mean(.cyst) - visceral) * step(texture.coarse[n] + dependent, appearance.visceral.fluidThreshold, 0.2)
            return filling + (mean(.softTissue) - filling) * 0.9 * strand
        }
        let muscle = mean(.muscle) + 14 * texture.fine[n] - 6
        var value = fat + (muscle - fat) * step(s, -innerEdge, width)
        value += (fat - value) * step(s, muscleEdge, width)
        value += (mean(.skin) + 20 - value) * step(s, outer - 3, width)
        value += (-1000 - value) * step(s, outer, width)
        return value
    }
}
