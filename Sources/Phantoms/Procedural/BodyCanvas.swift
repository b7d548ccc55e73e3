import MedicalImaging

/// A label map that implicit shapes are drawn into, in RAS mm.
struct BodyCanvas {
    private(set) var map: LabelMap
    private let origin: SIMD3<Float>
    private let spacing: Float

    /// A canvas over the box from `lower` to `upper`, in mm.
    init(lower: SIMD3<Double>, upper: SIMD3<Double>, spacing: Double) {
        let shape = SIMD3<Int>(((upper - lower) / spacing).rounded(.up)) &+ 1
        let grid = VoxelGrid(shape: shape, affine: .diagonal(SIMD3(repeating: spacing), translation: lower))
        map = LabelMap(grid: grid, repeating: 0)
        origin = SIMD3<Float>(lower)
        self.spacing = Float(spacing)
    }

    /// Which voxels a shape may take.
    enum Rule {
        /// Everything.
        case replacing
        /// Only unlabelled voxels.
        case filling
    }

    /// Labels the voxels of the box `lower`…`upper` (mm) whose position satisfies `contains`.
    @inline(__always)
    mutating func draw(
        _ label: UInt8, from lower: SIMD3<Float>, to upper: SIMD3<Float>, _ rule: Rule = .replacing, where contains: (SIMD3<Float>) -> Bool
    ) {
        let shape = map.grid.shape
        let first = pointwiseMax(SIMD3<Int>(((lower - origin) / spacing).rounded(.down)), SIMD3<Int>.zero)
        let last = pointwiseMin(SIMD3<Int>(((upper - origin) / spacing).rounded(.up)), shape &- 1)
        guard first.x <= last.x, first.y <= last.y, first.z <= last.z else { return }
        map.voxels.withUnsafeMutableBufferPointer { voxels in
            for k in first.z...last.z {
                for j in first.y...last.y {
                    let row = shape.x * (j + shape.y * k)
                    for i in first.x...last.x where rule == .replacing || voxels[row + i] == 0 {
                        if contains(origin + spacing * SIMD3(Float(i), Float(j), Float(k))) { voxels[row + i] = label }
                    }
                }
            }
        }
    }

    /// Draws a superquadric: |x|ⁿ + |y|ⁿ + |z|ⁿ ≤ 1 in its own axes; n = 2 is an ellipsoid.
    mutating func draw(_ label: UInt8, _ blob: Blob, _ rule: Rule = .replacing) {
        let reach = SIMD3<Float>(repeating: blob.radii.max())
        draw(label, from: blob.centre - reach, to: blob.centre + reach, rule) { blob.contains($0) }
    }

    /// Draws a tube of varying radius.
    mutating func draw(_ label: UInt8, _ tube: Tube, _ rule: Rule = .replacing) {
        for bead in tube.beads(pitch: max(spacing, 2)) {
            let reach = SIMD3<Float>(repeating: bead.w)
            let centre = SIMD3(bead.x, bead.y, bead.z)
            let square = bead.w * bead.w
            draw(label, from: centre - reach, to: centre + reach, rule) {
                let d = $0 - centre
                return (d * d).sum() <= square
            }
        }
    }
}

/// A superquadric in RAS mm.
struct Blob {
    var centre: SIMD3<Float>
    var radii: SIMD3<Float>
    /// Turns about x, y, z in radians, patient to own axes.
    var angles: SIMD3<Double> = .zero
    /// 2 for an ellipsoid, 4 for a rounded box.
    var exponent: Int = 2

    init(_ centre: SIMD3<Float>, _ radii: SIMD3<Float>, angles: SIMD3<Double> = .zero, exponent: Int = 2) {
        self.centre = centre
        self.radii = radii
        self.angles = angles
        self.exponent = exponent
        let turn = Affine.rotation(angles)
        rows = (0..<3).map { SIMD3<Float>(SIMD3(turn[$0, 0], turn[$0, 1], turn[$0, 2])) }
    }

    private var rows: [SIMD3<Float>]

    @inline(__always)
    func contains(_ x: SIMD3<Float>) -> Bool { level(x) <= 1 }

    /// Below 1 inside, 1 on the surface.
    @inline(__always)
    func level(_ x: SIMD3<Float>) -> Float {
        let d = x - centre
        let q = SIMD3((rows[0] * d).sum(), (rows[1] * d).sum(), (rows[2] * d).sum()) / radii
        let square = q * q
        return exponent == 2 ? square.sum() : (square * square).sum()
    }
}

/// A tube along a Catmull-Rom spline through knots (x, y, z, radius), in RAS mm.
struct Tube {
    var knots: [SIMD4<Float>]

    init(_ knots: [SIMD4<Float>]) { self.knots = knots }

    /// Spheres along the tube, no farther apart than `pitch` or half a radius.
    func beads(pitch: Float) -> [SIMD4<Float>] {
        guard knots.count > 1 else { return knots }
        var beads = [SIMD4<Float>]()
        for n in 0..<knots.count - 1 {
            let (p1, p2) = (knots[n], knots[n + 1])
            let p0 = n > 0 ? knots[n - 1] : 2 * p1 - p2
            let p3 = n + 2 < knots.count ? knots[n + 2] : 2 * p2 - p1
            var d = p2 - p1
            d.w = 0
            let length = (d * d).sum().squareRoot()
            let steps = max(1, Int(1.3 * length / max(pitch, 0.5 * min(p1.w, p2.w))))
            for s in 0..<steps {
                let t = Float(s) / Float(steps)
                let a = 2 * p1 + (p2 - p0) * t
                let b = (2 * p0 - 5 * p1 + 4 * p2 - p3) * (t * t)
                let c = (3 * p1 - p0 - 3 * p2 + p3) * (t * t * t)
                var bead = (a + b + c) * 0.5
                bead.w = p1.w + (p2.w - p1.w) * t
                beads.append(bead)
            }
        }
        beads.append(knots[knots.count - 1])
        return beads
    }
}
