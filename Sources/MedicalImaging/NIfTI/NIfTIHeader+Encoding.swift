import Foundation

extension NIfTIHeader {
    /// The header of a single file in little-endian order, without the four bytes that announce extensions.
    package var encoded: Data { version == 1 ? encodedAsVersion1 : encodedAsVersion2 }

    private var encodedAsVersion1: Data {
        var fields = FieldWriter(size: 348)
        fields.put(Int32(348), at: 0)
        fields.put(UInt8(ascii: "r"), at: 38)
        fields.put(dimensionInfo, at: 39)
        for (index, length) in dimensions.enumerated() { fields.put(Int16(clamping: length), at: 40 + 2 * index) }
        fields.put(Int16(clamping: intentCode), at: 68)
        fields.put(Int16(clamping: datatype), at: 70)
        fields.put(Int16(clamping: (voxelType?.size ?? 0) * 8), at: 72)
        fields.put(Int16(clamping: sliceStart), at: 74)
        for (index, length) in pixelDimensions.enumerated() { fields.put(float: length, at: 76 + 4 * index) }
        fields.put(float: Double(voxelOffset), at: 108)
        fields.put(float: slope, at: 112)
        fields.put(float: intercept, at: 116)
        fields.put(Int16(clamping: sliceEnd), at: 120)
        fields.put(UInt8(clamping: sliceCode), at: 122)
        fields.put(UInt8(clamping: units), at: 123)
        fields.put(float: sliceDuration, at: 132)
        fields.put(float: timeOffset, at: 136)
        fields.put(description, at: 148)
        fields.put(auxiliaryFile, at: 228)
        fields.put(Int16(clamping: qformCode), at: 252)
        fields.put(Int16(clamping: sformCode), at: 254)
        for axis in 0..<3 {
            fields.put(float: quaternion[axis], at: 256 + 4 * axis)
            fields.put(float: quaternionOffset[axis], at: 268 + 4 * axis)
        }
        for (index, entry) in sform.rowMajor.enumerated() { fields.put(float: entry, at: 280 + 4 * index) }
        fields.put(Array("n+1\0".utf8), at: 344)
        return fields.bytes
    }

    private var encodedAsVersion2: Data {
        var fields = FieldWriter(size: 540)
        fields.put(Int32(540), at: 0)
        fields.put([0x6E, 0x2B, 0x32, 0, 0x0D, 0x0A, 0x1A, 0x0A], at: 4)
        fields.put(Int16(clamping: datatype), at: 12)
        fields.put(Int16(clamping: (voxelType?.size ?? 0) * 8), at: 14)
        for (index, length) in dimensions.enumerated() { fields.put(Int64(length), at: 16 + 8 * index) }
        for (index, length) in pixelDimensions.enumerated() { fields.put(length.bitPattern, at: 104 + 8 * index) }
        fields.put(Int64(voxelOffset), at: 168)
        fields.put(slope.bitPattern, at: 176)
        fields.put(intercept.bitPattern, at: 184)
        fields.put(sliceDuration.bitPattern, at: 208)
        fields.put(timeOffset.bitPattern, at: 216)
        fields.put(Int64(sliceStart), at: 224)
        fields.put(Int64(sliceEnd), at: 232)
        fields.put(description, at: 240)
        fields.put(auxiliaryFile, at: 320)
        fields.put(Int32(clamping: qformCode), at: 344)
        fields.put(Int32(clamping: sformCode), at: 348)
        for axis in 0..<3 {
            fields.put(quaternion[axis].bitPattern, at: 352 + 8 * axis)
            fields.put(quaternionOffset[axis].bitPattern, at: 376 + 8 * axis)
        }
        for (index, entry) in sform.rowMajor.enumerated() { fields.put(entry.bitPattern, at: 400 + 8 * index) }
        fields.put(Int32(clamping: sliceCode), at: 496)
        fields.put(Int32(clamping: units), at: 500)
        fields.put(Int32(clamping: intentCode), at: 504)
        fields.put(dimensionInfo, at: 524)
        return fields.bytes
    }
}

/// Little-endian numbers at given places of a header.
private struct FieldWriter {
    var bytes: Data

    init(size: Int) { bytes = Data(count: size) }

    mutating func put(_ value: some FixedWidthInteger, at offset: Int) {
        bytes.withUnsafeMutableBytes { $0.storeBytes(of: value.littleEndian, toByteOffset: offset, as: type(of: value)) }
    }

    mutating func put(float value: Double, at offset: Int) { put(Float(value).bitPattern, at: offset) }

    mutating func put(_ raw: [UInt8], at offset: Int) { bytes.replaceSubrange(offset..<offset + raw.count, with: raw) }
}
