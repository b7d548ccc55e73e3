import MedicalImaging

extension InverseMap {
    /// The probability of every class at one original voxel.
    ///
    /// - Parameters:
    ///   - probabilities: `channelCount` volumes of the processed shape, one after the other, each in C order (k fastest).
    private func probabilities(at point: SIMD3<Double>, of probabilities: [Float], channelCount: Int) -> [Double] {
        let shape = processedGrid.shape
        let low = SIMD3<Int>(point.rounded(.down))
        var sums = [Double](repeating: 0, count: channelCount)
        for corner in 0..<8 {
            let index = low &+ SIMD3(corner & 1, corner >> 1 & 1, corner >> 2 & 1)
            guard foregroundBox.contains(index) else { continue }
            let distance = SIMD3<Double>(index) - point
            let weight = (1 - abs(distance.x)) * (1 - abs(distance.y)) * (1 - abs(distance.z))
            guard weight > 0 else { continue }
            for channel in 0..<channelCount {
                sums[channel] += weight * Double(probabilities[((channel * shape.x + index.x) * shape.y + index.y) * shape.z + index.z])
            }
        }
        return sums
    }

    /// The label map on the original grid, computed voxel by voxel from the definition: un-crop with zeros, interpolate, take the class of the highest
    /// probability and the lowest class on ties. The oracle that fast implementations are tested against.
    ///
    /// - Parameters:
    ///   - probabilities: `channelCount` volumes of the processed shape, one after the other, each in C order (k fastest).
    ///   - channelCount: The number of classes, background first; at most 256.
    /// - Precondition: `probabilities.count` is `channelCount` times the number of processed voxels.
    package func naiveLabels(probabilities: [Float], channelCount: Int) -> LabelMap {
        precondition(probabilities.count == channelCount * processedGrid.count, "one probability per class and processed voxel")
        precondition((1...256).contains(channelCount), "labels are stored in a byte")
        var labels = LabelMap(grid: originalGrid, repeating: 0)
        for k in 0..<originalGrid.shape.z {
            for j in 0..<originalGrid.shape.y {
                for i in 0..<originalGrid.shape.x {
                    let values = self.probabilities(at: coordinate(i, j, k), of: probabilities, channelCount: channelCount)
                    var best = 0
                    for channel in 1..<max(channelCount, 1) where values[channel] > values[best] { best = channel }
                    labels[i, j, k] = UInt8(best)
                }
            }
        }
        return labels
    }
}
