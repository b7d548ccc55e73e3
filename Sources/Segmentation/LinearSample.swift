/// The two neighbouring voxels along one axis between which a coordinate lies, and their weights in linear interpolation.
///
/// A neighbour outside of the volume weighs nothing: probabilities there count as zero. `lower` is then a valid position all the same.
package struct LinearSample: Sendable, Equatable {
    package var lower: Int32
    package var upper: Int32
    package var lowerWeight: Float
    package var upperWeight: Float

    /// The sample at `coordinate` (in voxels) along an axis of `count` voxels.
    ///
    /// Coordinates within a millionth of a whole voxel are taken as whole, so that rounding noise in affines neither reads a
    /// neighbour nor paints a rim outside of the volume.
    @inline(__always) package init(_ coordinate: Double, count: Int) {
        let nearest = coordinate.rounded()
        let position = abs(coordinate - nearest) < 1e-6 ? nearest : coordinate
        guard position > -1, position < Double(count) else {
            self.init(lower: 0, upper: 0, lowerWeight: 0, upperWeight: 0)
            return
        }
        let floor = Int32(position.rounded(.down))
        let fraction = position - Double(floor)
        let last = Int32(count - 1)
        self.init(
            lower: max(floor, 0), upper: min(floor + 1, last), lowerWeight: floor < 0 ? 0 : Float(1 - fraction),
            upperWeight: floor + 1 > last ? 0 : Float(fraction))
    }

    @inline(__always) init(lower: Int32, upper: Int32, lowerWeight: Float, upperWeight: Float) {
        self.lower = lower
        self.upper = upper
        self.lowerWeight = lowerWeight
        self.upperWeight = upperWeight
    }

    /// Whether no neighbour lies inside the volume.
    @inline(__always) package var isOutside: Bool { lowerWeight == 0 && upperWeight == 0 }

    /// The last plane that must be known before the cell of this sample is, along an axis of `count` planes.
    @inline(__always) func lastPlane(count: Int) -> Int { min(Int(lower) + 1, count - 1) }
}
