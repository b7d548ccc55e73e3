import MedicalImaging
import Synchronization

/// How often each label occurs in a reference, in a prediction and in both at once, and the boxes that hold it in either.
struct LabelOverlap: Sendable {
    /// Voxels per label, 256 entries.
    private(set) var reference = [Int](repeating: 0, count: 256)
    private(set) var prediction = [Int](repeating: 0, count: 256)
    private(set) var shared = [Int](repeating: 0, count: 256)
    /// Per label, the smallest box that holds it in reference and prediction together; meaningless for absent labels and for background.
    private(set) var boxes = [VoxelBox](repeating: VoxelBox(lower: SIMD3(repeating: .max), upper: .zero), count: 256)

    private init() {}

    /// - Precondition: Both maps have the same shape.
    init(reference: LabelMap, prediction: LabelMap) {
        let total = Mutex(LabelOverlap())
        concurrentSlabs(of: reference.grid.shape.z) { planes in
            let part = LabelOverlap(reference, prediction, planes: planes)
            total.withLock { $0.add(part) }
        }
        self = total.withLock { $0 }
    }

    private init(_ reference: LabelMap, _ prediction: LabelMap, planes: Range<Int>) {
        let grid = reference.grid
        reference.voxels.withUnsafeBufferPointer { reference in
            prediction.voxels.withUnsafeBufferPointer { prediction in
                for k in planes {
                    for j in 0..<grid.shape.y {
                        let row = grid.index(0, j, k)
                        for i in 0..<grid.shape.x {
                            let (r, p) = (Int(reference[row + i]), Int(prediction[row + i]))
                            self.reference[r] += 1
                            self.prediction[p] += 1
                            if r == p { shared[r] += 1 }
                            if r != 0 { include(SIMD3(i, j, k), in: r) }
                            if p != 0, p != r { include(SIMD3(i, j, k), in: p) }
                        }
                    }
                }
            }
        }
    }

    private mutating func include(_ index: SIMD3<Int>, in label: Int) {
        boxes[label].lower = pointwiseMin(boxes[label].lower, index)
        boxes[label].upper = pointwiseMax(boxes[label].upper, index &+ 1)
    }

    private mutating func add(_ other: LabelOverlap) {
        for label in 0..<256 {
            reference[label] += other.reference[label]
            prediction[label] += other.prediction[label]
            shared[label] += other.shared[label]
            boxes[label].lower = pointwiseMin(boxes[label].lower, other.boxes[label].lower)
            boxes[label].upper = pointwiseMax(boxes[label].upper, other.boxes[label].upper)
        }
    }

    /// Twice the shared voxels over the sum of both; NaN when the reference has none, 0 when only the reference has any.
    func dice(_ label: Int) -> Double {
        guard reference[label] > 0 else { return .nan }
        return 2 * Double(shared[label]) / Double(reference[label] + prediction[label])
    }
}
