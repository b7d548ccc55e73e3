import MedicalImaging

/// The scanner and the room: table, blur, noise, streaks, shading, field of view.
struct Scanner {
    private let options: PaintOptions
    private let grid: VoxelGrid
    /// Standard deviations of the blur in mm, in plane and along the axis.
    private let blur: (plane: Double, axial: Double)
    private let noise: Float
    private let noiseStep: Double

    init(options: PaintOptions, grid: VoxelGrid, random: inout RandomStream) {
        self.options = options
        self.grid = grid
        let thickness = options.artefacts ? random.uniform(0.5, 6) : 1
        blur = (random.uniform(0.4, options.artefacts ? 1.7 : 0.8), thickness / 3.46)
        let u = random.unit()
        noise = Float(options.noise.lowerBound + (options.noise.upperBound - options.noise.lowerBound) * u * u)
        noiseStep = random.uniform(1, 1.6)
    }

    /// Turns ideal intensities into an image, in place.
    func scan(_ image: inout [Float], random: inout RandomStream) {
        if options.artefacts, random.chance(0.65) { addTable(&image, random: &random) }
        let sigma = SIMD3(blur.plane, blur.plane, blur.axial) / grid.spacing
        for axis in 0..<3 { smooth(&image, axis: axis, sigma: sigma[axis]) }
        if options.artefacts {
            if random.chance(0.35) { shade(&image, random: &random) }
            if random.chance(0.3) { addStreaks(&image, random: &random) }
        }
        addNoise(&image, random: &random)
        if options.artefacts, random.chance(0.2) { truncate(&image, random: &random) }
        image.withUnsafeMutableBufferPointer { image in
            for index in image.indices { image[index] = min(3071, max(-1024, image[index])) }
        }
    }

    private func addNoise(_ image: inout [Float], random: inout RandomStream) {
        let plane = max(1, noiseStep)
        let field = SmoothNoise.field(shape: grid.shape, step: SIMD3(plane, plane, 1), random: &random)
        let sigma = noise
        image.withUnsafeMutableBufferPointer { image in
            for index in image.indices { image[index] += sigma * field[index] }
        }
    }

    private func shade(_ image: inout [Float], random: inout RandomStream) {
        let field = SmoothNoise.field(shape: grid.shape, step: 120 / grid.spacing, random: &random)
        let amplitude = Float(random.uniform(1, 8))
        for index in image.indices where image[index] > -300 { image[index] += amplitude * field[index] }
    }

    /// A curved slab of foam with a denser cover under the lowest point of the body.
    private func addTable(_ image: inout [Float], random: inout RandomStream) {
        let shape = grid.shape
        var back = Float.infinity
        let rows = (0..<2).map { r in (0..<4).map { Float(grid.affine[r, $0]) } }
        let (x, y) = (rows[0], rows[1])
        let k = shape.z / 2
        for j in 0..<shape.y {
            for i in 0..<shape.x where image[grid.index(i, j, k)] > -400 {
                back = min(back, y[0] * Float(i) + y[1] * Float(j) + y[2] * Float(k) + y[3])
            }
        }
        guard back.isFinite else { return }
        let centre = x[0] * Float(shape.x / 2) + x[1] * Float(shape.y / 2) + x[3] + Float(random.uniform(-20, 20))
        let curvature = Float(random.uniform(0, 0.0012))
        let (gap, thickness, cover) = (Float(random.uniform(-1, 12)), Float(random.uniform(10, 45)), Float(random.uniform(1.5, 5)))
        let (coverValue, foam) = (Float(random.uniform(-500, 100)), Float(random.uniform(-980, -850)))
        let reach = Float(random.uniform(180, 260))
        for k in 0..<shape.z {
            for j in 0..<shape.y {
                let y0 = y[1] * Float(j) + y[2] * Float(k) + y[3]
                let x0 = x[1] * Float(j) + x[2] * Float(k) + x[3] - centre
                if abs(y[0]) < 1e-6, y0 > back + 80 { continue }
                for i in 0..<shape.x {
                    let lateral = x[0] * Float(i) + x0
                    let depth = back - gap + curvature * lateral * lateral - (y[0] * Float(i) + y0)
                    guard depth > 0, depth < thickness, abs(lateral) < reach else { continue }
                    let index = grid.index(i, j, k)
                    guard image[index] < -700 else { continue }
                    image[index] = depth < cover || depth > thickness - cover ? coverValue : foam
                }
            }
        }
    }

    /// Faint rays from one or two points of each slice, as from dense bone or metal.
    private func addStreaks(_ image: inout [Float], random: inout RandomStream) {
        let amplitude = Float(random.uniform(3, 18))
        let centre = SIMD2(Float(grid.shape.x) * Float(random.uniform(0.3, 0.7)), Float(grid.shape.y) * Float(random.uniform(0.2, 0.7)))
        let count = 256
        var rays = (0..<count * 2).map { _ in random.quickNormal() }
        for n in 0..<count { rays[n + count] = rays[n] }
        let (from, to) = (random.index(grid.shape.z), random.index(grid.shape.z))
        let falloff = Float(random.uniform(60, 200))
        let spacing = Float(grid.spacing.x)
        var angles = [Float](repeating: 0, count: grid.shape.x * grid.shape.y)
        for j in 0..<grid.shape.y {
            for i in 0..<grid.shape.x {
                let d = SIMD2(Float(i), Float(j)) - centre
                let r = (d.x * d.x + d.y * d.y).squareRoot() * spacing
                let position = diamondAngle(d) * Float(count)
                let base = Int(position)
                let t = position - Float(base)
                let ray = rays[base % count] * (1 - t) + rays[(base + 1) % count] * t
                angles[i + grid.shape.x * j] = amplitude * ray / (1 + r / falloff) * min(1, r / 10)
            }
        }
        let plane = grid.shape.x * grid.shape.y
        for k in min(from, to)...max(from, to) {
            let sign: Float = k % 2 == 0 ? 1 : 0.6
            for n in 0..<plane { image[k * plane + n] += sign * angles[n] }
        }
    }

    /// The direction of `d` as a number in [0, 1), without trigonometry.
    private func diamondAngle(_ d: SIMD2<Float>) -> Float {
        let sum = abs(d.x) + abs(d.y)
        if sum == 0 { return 0 }
        let turn = d.y >= 0 ? (d.x >= 0 ? d.y / sum : 1 - d.x / sum) : (d.x < 0 ? 2 - d.y / sum : 3 + d.x / sum)
        return min(0.99999, turn / 4)
    }

    /// Outside a circle there is nothing.
    private func truncate(_ image: inout [Float], random: inout RandomStream) {
        let spacing = grid.spacing
        let extent = SIMD2(Double(grid.shape.x) * spacing.x, Double(grid.shape.y) * spacing.y)
        let radius = extent.max() * random.uniform(0.42, 0.56)
        let centre = extent * 0.5 + SIMD2(random.normal(0, 12), random.normal(0, 12))
        for j in 0..<grid.shape.y {
            for i in 0..<grid.shape.x {
                let d = SIMD2(Double(i) * spacing.x, Double(j) * spacing.y) - centre
                guard d.x * d.x + d.y * d.y > radius * radius else { continue }
                for k in 0..<grid.shape.z { image[grid.index(i, j, k)] = -1024 }
            }
        }
    }

    /// Gaussian smoothing along one axis; borders repeat. Kernels narrower than a fifth of a voxel are skipped.
    private func smooth(_ image: inout [Float], axis: Int, sigma: Double) {
        guard sigma > 0.2 else { return }
        let radius = max(1, min(12, Int((2.5 * sigma).rounded(.up))))
        var kernel = (-radius...radius).map { exponential(-Double($0 * $0) / (2 * sigma * sigma)) }
        let total = kernel.reduce(0, +)
        kernel = kernel.map { $0 / total }
        let weights = kernel.map { Float($0) }
        let shape = grid.shape
        let inner = axis == 0 ? 1 : axis == 1 ? shape.x : shape.x * shape.y
        let count = shape[axis]
        let outer = grid.count / (inner * count)
        let source = image
        source.withUnsafeBufferPointer { source in
            image.withUnsafeMutableBufferPointer { image in
                for o in 0..<outer {
                    for n in 0..<count {
                        let to = image.baseAddress! + (o * count + n) * inner
                        for i in 0..<inner { to[i] = 0 }
                        for (tap, w) in weights.enumerated() {
                            let m = min(count - 1, max(0, n + tap - radius))
                            let from = source.baseAddress! + (o * count + m) * inner
                            for i in 0..<inner { to[i] += w * from[i] }
                        }
                    }
                }
            }
        }
    }
}
