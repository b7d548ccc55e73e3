import MedicalImaging
import Phantoms

/// A hand-made anatomy of ellipsoids at 3 mm: a liver on the right, a spleen on the left, kidneys, aorta, a spine, a muscle ring.
enum BlockAnatomy {
    /// Label, centre and half-axes in RAS mm.
    static let shapes: [(label: UInt8, centre: SIMD3<Double>, radius: SIMD3<Double>)] = [
        (5, SIMD3(-25, -75, 0), SIMD3(20, 15, 400)), (6, SIMD3(25, -75, 0), SIMD3(20, 15, 400)),
        (100, SIMD3(0, -55, 0), SIMD3(20, 18, 400)), (44, SIMD3(70, 10, 20), SIMD3(50, 60, 55)),
        (84, SIMD3(-85, -30, 30), SIMD3(25, 32, 40)), (42, SIMD3(-50, -45, -30), SIMD3(25, 20, 45)),
        (43, SIMD3(50, -50, -70), SIMD3(25, 20, 25)), (3, SIMD3(-8, -28, 0), SIMD3(10, 10, 400)),
        (86, SIMD3(-50, 35, 20), SIMD3(35, 30, 40)),
    ]

    /// The patient stored RAS.
    static func map() -> LabelMap { paint(.diagonal(SIMD3(3, 3, 3), translation: SIMD3(-126, -100.5, -120))) }

    /// The same patient stored LPS.
    static func leftPosteriorSuperior() -> LabelMap {
        paint(Affine(columns: SIMD3(-3, 0, 0), SIMD3(0, -3, 0), SIMD3(0, 0, 3), translation: SIMD3(126, 100.5, -120)))
    }

    private static func paint(_ affine: Affine) -> LabelMap {
        let grid = VoxelGrid(shape: SIMD3(85, 68, 81), affine: affine)
        var map = LabelMap(grid: grid, repeating: 0)
        for k in 0..<grid.shape.z {
            for j in 0..<grid.shape.y {
                for i in 0..<grid.shape.x {
                    let x = affine(SIMD3(Double(i), Double(j), Double(k)))
                    for shape in shapes {
                        let d = (x - shape.centre) / shape.radius
                        if (d * d).sum() <= 1 {
                            map[i, j, k] = shape.label
                            break
                        }
                    }
                }
            }
        }
        return map
    }
}

extension Phantom {
    /// Voxels of each organ.
    func counts() -> [Organ: Int] {
        var counts = [UInt8: Int]()
        for label in labels.voxels { counts[label, default: 0] += 1 }
        return Dictionary(uniqueKeysWithValues: counts.compactMap { entry in Organ(rawValue: entry.key).map { ($0, entry.value) } })
    }

    /// The centroid of an organ in RAS mm.
    func centroid(of organ: Organ) -> SIMD3<Double> {
        var (sum, count) = (SIMD3<Double>.zero, 0.0)
        visit { position, label, _ in
            if label == organ.rawValue {
                sum += position
                count += 1
            }
        }
        return sum / count
    }

    /// The median HU of an organ.
    func median(of organ: Organ) -> Float {
        let values = zip(labels.voxels, image.voxels).filter { $0.0 == organ.rawValue }.map(\.1).sorted()
        return values.isEmpty ? .nan : values[values.count / 2]
    }

    private func visit(_ body: (SIMD3<Double>, UInt8, Float) -> Void) {
        var index = 0
        for k in 0..<labels.grid.shape.z {
            for j in 0..<labels.grid.shape.y {
                for i in 0..<labels.grid.shape.x {
                    body(labels.grid.affine(SIMD3(Double(i), Double(j), Double(k))), labels.voxels[index], image.voxels[index])
                    index += 1
                }
            }
        }
    }
}
