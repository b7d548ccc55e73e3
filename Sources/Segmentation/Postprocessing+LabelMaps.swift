import MedicalImaging
import Weights

extension Postprocessing {
    /// The labels of which only the largest connected component is kept.
    /// - Parameter labelNames: the names of the model's labels.
    public func labels(in labelNames: [UInt8: String]) -> Set<UInt8> { Set(labelNames.filter { largestComponents.contains($0.value) }.keys) }

    /// A network's label map as it shall be seen, and how many voxels of each label that took away.
    /// - Parameters:
    ///   - map: the labels on the volume's own grid, as `Segmenter` returns them.
    ///   - labelNames: the names of the model's labels.
    public func applied(to map: LabelMap, labelNames: [UInt8: String]) -> (labels: LabelMap, removedVoxels: [UInt8: Int]) {
        let treated = labels(in: labelNames)
        return treated.isEmpty ? (map, [:]) : map.keepingLargestComponents(of: treated)
    }
}
