import MedicalImaging

/// A random map from the phantom's grid back to the anatomy: an affine part (body size and posture) and displacements on a control
/// grid (a smooth elastic field and one push and swelling per organ).
struct Deformation: Sendable {
    /// RAS mm of the phantom to RAS mm of the anatomy, without the displacements.
    let affine: Affine
    /// How much larger than the anatomy the body is, along right, anterior and superior.
    let bodyScale: SIMD3<Double>
    private let waves: Double
    private let organWarps: [OrganWarp]

    private struct OrganWarp {
        /// In the anatomy's RAS mm.
        var centre: SIMD3<Double>
        var radius: Double
        var shift: SIMD3<Double>
        var swelling: Double
    }

    /// - Parameter centre: the fixed point of the affine part, RAS mm of the anatomy.
    init(model: AnatomyModel, centre: SIMD3<Double>, strength: Double, random: inout RandomStream) {
        let common = random.normal(0, 0.07)
        func scale(_ spread: Double) -> Double { min(1.3, max(0.78, 1 + strength * (0.04 + common + random.normal(0, spread)))) }
        bodyScale = SIMD3(scale(0.07), scale(0.08), scale(0.07))
        let degree = Double.pi / 180
        let angles = SIMD3(random.normal(0, 3), random.normal(0, 2.5), random.normal(0, 4)) * (degree * strength)
        let shear = SIMD3(random.normal(0, 0.03), random.normal(0, 0.03), random.normal(0, 0.03)) * strength
        let linear = Affine.rotation(angles) * Affine.diagonal(1 / bodyScale) * Affine.shear(shear)
        affine = Affine(
            columns: linear.columns[0], linear.columns[1], linear.columns[2], translation: centre - linear.linear(centre))
        waves = strength
        var warps = [OrganWarp]()
        for organ in Organ.allCases {
            guard let shape = model.organs[organ] else { continue }
            let reach = max(18, shape.radius * random.uniform(0.9, 1.3))
            let push = (organ == .liver ? 4 : min(7, 0.2 * reach)) * strength
            let shift = SIMD3(random.normal(0, push), random.normal(0, push), random.normal(0, push * 1.3))
            let (growth, spread) = Deformation.growth(of: organ)
            warps.append(OrganWarp(centre: shape.centroid, radius: reach, shift: shift, swelling: strength * random.normal(growth, spread)))
        }
        if let stomach = model.organs[.stomach] {
            // The belly: flat or protruding.
            let centre = SIMD3(centre.x, stomach.centroid.y + 20, stomach.centroid.z - 60)
            warps.append(
                OrganWarp(
                    centre: centre, radius: 110, shift: SIMD3(0, strength * random.normal(5, 8), 0), swelling: strength * random.normal(0, 0.1)))
        }
        organWarps = warps
    }

    /// Mean and spread of the relative swelling of an organ: hollow organs vary most.
    private static func growth(of organ: Organ) -> (Double, Double) {
        switch organ {
        case .stomach: (0.15, 0.22)
        case .gallbladder: (0, 0.22)
        case .leftKidney, .rightKidney: (0.12, 0.12)
        case .liver: (0, 0.06)
        default: (0, 0.14)
        }
    }

    /// Displacements in mm at the nodes of a control grid whose node (a, b, c) lies at phantom position `position(a, b, c)`.
    func displacements(nodes: SIMD3<Int>, spacing: SIMD3<Double>, grid: Affine, random: inout RandomStream) -> [SIMD3<Float>] {
        var field = [SIMD3<Float>](repeating: .zero, count: nodes.x * nodes.y * nodes.z)
        for (wavelength, amplitude) in [(110.0, 6.5), (42.0, 2.5)] {
            for axis in 0..<3 {
                let wave = SmoothNoise.field(shape: nodes, step: wavelength / spacing, random: &random)
                let scale = Float(amplitude * waves * random.uniform(0.5, 1.2))
                for n in field.indices { field[n][axis] += scale * wave[n] }
            }
        }
        var index = 0
        for c in 0..<nodes.z {
            for b in 0..<nodes.y {
                for a in 0..<nodes.x {
                    let here = affine(grid(SIMD3(Double(a), Double(b), Double(c))))
                    var sum = SIMD3<Double>.zero
                    for warp in organWarps {
                        let d = here - warp.centre
                        let r = dot(d, d) / (2 * warp.radius * warp.radius)
                        if r < 8 { sum -= fastExponential(-r) * (warp.shift + warp.swelling * d) }
                    }
                    field[index] += SIMD3<Float>(sum)
                    index += 1
                }
            }
        }
        return field
    }
}

/// exp(x) for -8 < x <= 0, to a part in a thousand: (1 + x / 1024)^1024.
@inline(__always)
private func fastExponential(_ x: Double) -> Double {
    var y = 1 + x / 1024
    for _ in 0..<10 { y *= y }
    return y
}

extension Affine {
    /// Rotations about x, then y, then z, by `angles` in radians.
    static func rotation(_ angles: SIMD3<Double>) -> Affine {
        func turn(_ axis: Int, _ angle: Double) -> Affine {
            let (s, c) = sineCosine(angle)
            var result = Affine.identity
            let (a, b) = ((axis + 1) % 3, (axis + 2) % 3)
            result[a, a] = c
            result[a, b] = -s
            result[b, a] = s
            result[b, b] = c
            return result
        }
        return turn(2, angles.z) * turn(1, angles.y) * turn(0, angles.x)
    }

    /// A shear: x by y, y by z, x by z.
    static func shear(_ s: SIMD3<Double>) -> Affine {
        Affine(columns: SIMD3(1, 0, 0), SIMD3(s.x, 1, 0), SIMD3(s.z, s.y, 1), translation: .zero)
    }
}
