import MedicalImaging
import Segmentation

/// Segmentation as written in a textbook: all logits, all probabilities, then interpolation and argmax at each original voxel.
struct NaiveSegmentation {
    var predictor: any WindowPredictor
    var plan: WindowPlan
    var blending: Blending

    /// Probabilities [channels, X, Y, Z] in C order.
    func probabilities(of volume: Volume<Float>) throws -> [[Double]] {
        let (shape, window) = (plan.shape, plan.window)
        let count = shape.x * shape.y * shape.z
        let weights = blending.weights(for: window)
        var sums = [[Double]](repeating: [Double](repeating: 0, count: count), count: predictor.channelCount)
        var votes = [Double](repeating: 0, count: count)
        for origin in plan.origins {
            let positions = self.positions(origin)
            let input = positions.map { $0.map { volume[$0.x, $0.y, $0.z] } ?? 0 }
            let logits = try predictor.predict(input, count: 1)
            for (index, position) in positions.enumerated() {
                guard let position else { continue }
                let voxel = (position.x * shape.y + position.y) * shape.z + position.z
                votes[voxel] += Double(weights[index])
                for channel in 0..<predictor.channelCount {
                    sums[channel][voxel] += Double(weights[index] * logits[channel * input.count + index])
                }
            }
        }
        for voxel in 0..<count {
            let logits = sums.map { $0[voxel] / votes[voxel] }
            let powers = logits.map { exponential($0 - logits.max()!) }
            let sum = powers.reduce(0, +)
            for channel in powers.indices { sums[channel][voxel] = powers[channel] / sum }
        }
        return sums
    }

    /// The voxels of a window in C order, `nil` outside of the volume.
    private func positions(_ origin: SIMD3<Int>) -> [SIMD3<Int>?] {
        (0..<plan.window.x).flatMap { x in
            (0..<plan.window.y).flatMap { y in
                (0..<plan.window.z).map { z in
                    let position = origin &+ SIMD3(x, y, z)
                    let isInside = all(position .>= 0) && all(position .< plan.shape)
                    return isInside ? position : nil
                }
            }
        }
    }

    /// The label at each original voxel, and how far the greatest probability is ahead of the second.
    func labels(of volume: Volume<Float>, shape: SIMD3<Int>, coordinate: (SIMD3<Int>) -> SIMD3<Double>) throws -> [(label: UInt8, margin: Double)] {
        let probabilities = try probabilities(of: volume)
        var result: [(label: UInt8, margin: Double)] = []
        for k in 0..<shape.z {
            for j in 0..<shape.y {
                for i in 0..<shape.x {
                    let mixture = mix(probabilities, at: coordinate(SIMD3(i, j, k)))
                    let label = mixture.firstIndex(of: mixture.max()!)!
                    let second = mixture.enumerated().filter { $0.offset != label }.map(\.element).max()!
                    result.append((mixture[label] == 0 ? 0 : UInt8(label), mixture[label] == 0 ? 1 : mixture[label] - second))
                }
            }
        }
        return result
    }

    /// Trilinear interpolation with zeros outside of the volume.
    private func mix(_ probabilities: [[Double]], at point: SIMD3<Double>) -> [Double] {
        let floor = point.rounded(.down)
        var mixture = [Double](repeating: 0, count: probabilities.count)
        for corner in 0..<8 {
            let bits = SIMD3(Double(corner & 1), Double(corner >> 1 & 1), Double(corner >> 2))
            let position = floor + bits
            let share = SIMD3(repeating: 1) - (point - position).replacing(with: position - point, where: position .> point)
            let weight = share.x * share.y * share.z
            let voxel = SIMD3<Int>(Int(position.x), Int(position.y), Int(position.z))
            guard weight > 0, all(voxel .>= 0), all(voxel .< plan.shape) else { continue }
            let index = (voxel.x * plan.shape.y + voxel.y) * plan.shape.z + voxel.z
            for channel in mixture.indices { mixture[channel] += weight * probabilities[channel][index] }
        }
        return mixture
    }
}
