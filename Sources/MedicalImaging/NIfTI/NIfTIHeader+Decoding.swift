import Foundation

extension NIfTIHeader {
    /// Why bytes are no NIfTI header.
    package enum DecodingFailure: Error, Equatable {
        /// No NIfTI header at all.
        case notNIfTI
        /// A header of ANALYZE 7.5, the ancestor of NIfTI, which knows no orientation.
        case analyze
        /// It starts as a NIfTI header but its magic string is wrong.
        case badMagic(String)
        case tooShort(found: Int, expected: Int)
    }

    /// The header at the start of `bytes`; its values are taken as they are, to be judged later.
    package init(decoding bytes: Data) throws(DecodingFailure) {
        guard bytes.count >= 4 else { throw .notNIfTI }
        let little = FieldReader(bytes: bytes, isBigEndian: false)
        switch (little.int32(0), FieldReader(bytes: bytes, isBigEndian: true).int32(0)) {
        case (348, _): try self.init(version1: little)
        case (_, 348): try self.init(version1: FieldReader(bytes: bytes, isBigEndian: true))
        case (540, _): try self.init(version2: little)
        case (_, 540): try self.init(version2: FieldReader(bytes: bytes, isBigEndian: true))
        default: throw .notNIfTI
        }
    }

    private init(version1 fields: FieldReader) throws(DecodingFailure) {
        guard fields.bytes.count >= 348 else { throw .tooShort(found: fields.bytes.count, expected: 348) }
        self.init()
        let magic = fields.raw(344, 4)
        guard magic == Array("n+1\0".utf8) || magic == Array("ni1\0".utf8) else {
            if magic.allSatisfy({ $0 == 0 }) { throw .analyze }
            throw .badMagic(String(decoding: magic.prefix { $0 != 0 }, as: UTF8.self))
        }
        version = 1
        isBigEndian = fields.isBigEndian
        isPair = magic[1] == UInt8(ascii: "i")
        dimensionInfo = fields.raw(39, 1)[0]
        dimensions = (0..<8).map { fields.int16(40 + 2 * $0) }
        intentCode = fields.int16(68)
        datatype = fields.int16(70)
        sliceStart = fields.int16(74)
        pixelDimensions = (0..<8).map { fields.float(76 + 4 * $0) }
        voxelOffset = Int(exactly: fields.float(108).rounded(.towardZero)) ?? -1
        (slope, intercept) = (fields.float(112), fields.float(116))
        sliceEnd = fields.int16(120)
        sliceCode = Int(fields.raw(122, 1)[0])
        units = Int(fields.raw(123, 1)[0])
        (sliceDuration, timeOffset) = (fields.float(132), fields.float(136))
        description = fields.raw(148, 80)
        auxiliaryFile = fields.raw(228, 24)
        (qformCode, sformCode) = (fields.int16(252), fields.int16(254))
        quaternion = SIMD3(fields.float(256), fields.float(260), fields.float(264))
        quaternionOffset = SIMD3(fields.float(268), fields.float(272), fields.float(276))
        sform = Affine(rowMajor: (0..<12).map { fields.float(280 + 4 * $0) })
    }

    private init(version2 fields: FieldReader) throws(DecodingFailure) {
        guard fields.bytes.count >= 540 else { throw .tooShort(found: fields.bytes.count, expected: 540) }
        self.init()
        let magic = fields.raw(4, 8)
        guard magic.prefix(4) == Array("n+2\0".utf8)[...] || magic.prefix(4) == Array("ni2\0".utf8)[...] else {
            throw .badMagic(String(decoding: magic.prefix { $0 != 0 }, as: UTF8.self))
        }
        version = 2
        isBigEndian = fields.isBigEndian
        isPair = magic[1] == UInt8(ascii: "i")
        datatype = fields.int16(12)
        dimensions = (0..<8).map { fields.int64(16 + 8 * $0) }
        pixelDimensions = (0..<8).map { fields.double(104 + 8 * $0) }
        voxelOffset = fields.int64(168)
        (slope, intercept) = (fields.double(176), fields.double(184))
        (sliceDuration, timeOffset) = (fields.double(208), fields.double(216))
        (sliceStart, sliceEnd) = (fields.int64(224), fields.int64(232))
        description = fields.raw(240, 80)
        auxiliaryFile = fields.raw(320, 24)
        (qformCode, sformCode) = (fields.int32(344), fields.int32(348))
        quaternion = SIMD3(fields.double(352), fields.double(360), fields.double(368))
        quaternionOffset = SIMD3(fields.double(376), fields.double(384), fields.double(392))
        sform = Affine(rowMajor: (0..<12).map { fields.double(400 + 8 * $0) })
        (sliceCode, units, intentCode) = (fields.int32(496), fields.int32(500), fields.int32(504))
        dimensionInfo = fields.raw(524, 1)[0]
    }
}

/// Numbers at given places of a header, in either byte order.
private struct FieldReader {
    var bytes: Data
    var isBigEndian: Bool

    private func integer<Value: FixedWidthInteger>(_ offset: Int, _: Value.Type) -> Value {
        let stored = bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: Value.self) }
        return isBigEndian ? Value(bigEndian: stored) : Value(littleEndian: stored)
    }

    func int16(_ offset: Int) -> Int { Int(integer(offset, Int16.self)) }
    func int32(_ offset: Int) -> Int { Int(integer(offset, Int32.self)) }
    func int64(_ offset: Int) -> Int { Int(integer(offset, Int64.self)) }
    func float(_ offset: Int) -> Double { Double(Float(bitPattern: integer(offset, UInt32.self))) }
    func double(_ offset: Int) -> Double { Double(bitPattern: integer(offset, UInt64.self)) }
    func raw(_ offset: Int, _ count: Int) -> [UInt8] { Array(bytes.dropFirst(offset).prefix(count)) }
}
