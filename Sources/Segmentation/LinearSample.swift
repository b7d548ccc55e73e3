/// The two neighbouring voxels along one axis between which a coordinate lies, and their weights in linear interpolation.
///
/// A neighbour outside of the volume weighs nothing: probabilities there count as zero. `lower` is then a valid position all the same.
package struct LinearSample: Sendable, Equatable {
    package var lower: Int32
    package var upper: Int32
    package var lowerWeight: Float
    package var upperWeight: Float

    /// The sample at `coordinate` (in voxels) along an axis whose voxels `inside` count.
    ///
    /// Coordinates within a millionth of a whole voxel are taken as whole, so that rounding noise in affines neither reads a
    /// neighbour nor paints a rim outside of the volume.
    /// - Precondition: `inside` is not empty.
    @inline(__always) package init(_ coordinate: Double, inside: Range<Int>) {
        let nearest = coordinate.rounded()
        let position = abs(coordinate - nearest) < 1e-6 ? nearest : coordinate
        let (first, last) = (Int32(inside.lowerBound), Int32(inside.upperBound - 1))
        guard position > Double(first) - 1, position < Double(last) + 1 else {
            self.init(lower: first, upper: first, lowerWeight: 0, upperWeight: 0)
            return
        }
        let floor = Int32(position.rounded(.down))
        let fraction = position - Double(floor)
        self.init(
            lower: max(floor, first), upper: min(floor + 1, last), lowerWeight: floor < first ? 0 : Float(1 - fraction),
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
