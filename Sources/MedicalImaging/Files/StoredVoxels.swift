import Foundation

/// The voxels of a file as they lie there, axis i fastest, and how to read them.
package struct StoredVoxels {
    /// The bytes, of which `offset ..< offset + count * type.size` are voxels.
    package var bytes: Data
    package var offset: Int
    package var count: Int
    package var type: VoxelType
    /// Whether the bytes of a voxel lie in the other order than this machine's.
    package var isSwapped: Bool
    /// The factor that turns a stored value into the voxel's value, with the `intercept`; `nil` when stored values are taken as they are.
    package var rescale: (slope: Double, intercept: Double)?

    package init(bytes: Data, offset: Int, count: Int, type: VoxelType, isSwapped: Bool, rescale: (slope: Double, intercept: Double)? = nil) {
        self.bytes = bytes
        self.offset = offset
        self.count = count
        self.type = type
        self.isSwapped = isSwapped
        self.rescale = rescale
    }

    /// Every voxel's value: slope and intercept are applied in double precision and the result rounded once, as nibabel and MONAI do.
    package func floats() -> [Float] {
        switch type {
        case .uint8: converted(UInt8.self)
        case .int8: converted(Int8.self)
        case .uint16: converted(UInt16.self)
        case .int16: converted(Int16.self)
        case .uint32: converted(UInt32.self)
        case .int32: converted(Int32.self)
        case .uint64: converted(UInt64.self)
        case .int64: converted(Int64.self)
        case .float32: converted(Float.self)
        case .float64: converted(Double.self)
        }
    }

    /// Every voxel as a label, or the first (in storage order) that is no integer from 0 to 255.
    package func labels() -> Result<[UInt8], NotALabel> {
        switch type {
        case .uint8: labels(UInt8.self)
        case .int8: labels(Int8.self)
        case .uint16: labels(UInt16.self)
        case .int16: labels(Int16.self)
        case .uint32: labels(UInt32.self)
        case .int32: labels(Int32.self)
        case .uint64: labels(UInt64.self)
        case .int64: labels(Int64.self)
        case .float32: labels(Float.self)
        case .float64: labels(Double.self)
        }
    }

    /// A voxel that is no label.
    package struct NotALabel: Error, Equatable {
        package var value: Double
        package var index: Int
    }

    private func converted<Scalar: StoredScalar>(_: Scalar.Type) -> [Float] {
        [Float](unsafeUninitializedCapacity: count) { output, initializedCount in
            bytes.withUnsafeBytes { input in
                guard let base = input.baseAddress, let target = output.baseAddress else { return }
                nonisolated(unsafe) let source = base + offset
                nonisolated(unsafe) let output = target
                let rescale = rescale
                let isSwapped = isSwapped
                Self.inBlocks(count) { range in
                    for index in range {
                        var value = source.loadUnaligned(fromByteOffset: index * MemoryLayout<Scalar>.size, as: Scalar.self)
                        if isSwapped { value = value.reversed }
                        output[index] = rescale.map { Float(value.double * $0.slope + $0.intercept) } ?? value.float
                    }
                }
            }
            initializedCount = count
        }
    }

    private func labels<Scalar: StoredScalar>(_: Scalar.Type) -> Result<[UInt8], NotALabel> {
        var failure: NotALabel?
        let labels = [UInt8](unsafeUninitializedCapacity: count) { output, initializedCount in
            bytes.withUnsafeBytes { input in
                for index in 0..<count {
                    var stored = input.loadUnaligned(fromByteOffset: offset + index * MemoryLayout<Scalar>.size, as: Scalar.self)
                    if isSwapped { stored = stored.reversed }
                    let value = rescale.map { stored.double * $0.slope + $0.intercept } ?? stored.double
                    guard let label = UInt8(exactly: value) else {
                        failure = NotALabel(value: value, index: index)
                        return
                    }
                    output[index] = label
                    initializedCount = index + 1
                }
            }
        }
        return failure.map(Result.failure) ?? .success(labels)
    }

    /// Runs `body` over blocks of `0 ..< count` on all cores.
    static func inBlocks(_ count: Int, _ body: (Range<Int>) -> Void) {
        let block = 1 << 20
        concurrently((count + block - 1) / block) { number in
            body(number * block..<min(count, (number + 1) * block))
        }
    }
}
