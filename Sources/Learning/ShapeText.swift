/// A number of voxels along three axes for messages, as in 512 × 512 × 90.
func text(of shape: SIMD3<Int>) -> String { "\(shape.x) × \(shape.y) × \(shape.z)" }
