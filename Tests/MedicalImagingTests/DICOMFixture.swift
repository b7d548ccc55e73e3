import Foundation

/// A small DICOM image, written element by element (explicit little-endian), for series that are odd in one way.
struct DICOMFixture {
    var series = "1.2.3.4"
    var instance = 1
    var description = "abdomen"
    var modality = "CT"
    var imageType = "ORIGINAL\\PRIMARY\\AXIAL"
    var acquisition = 1
    var columns = 4
    var rows = 3
    var position = SIMD3<Double>(-10, -20, 0)
    var orientation: [Double] = [1, 0, 0, 0, 1, 0]
    /// Distance of rows, then of columns, as the standard orders them.
    var spacing = SIMD2<Double>(0.8, 0.7)
    var slope = 1.0
    var intercept = -1024.0
    /// Stored values, rows from the top.
    var stored: [Int16] = (0..<12).map { $0 }
    /// Whether the position and orientation are written.
    var isPlaced = true

    /// A CT slice at `z` mm whose stored values are `value`, `value + 1`, ….
    init(z: Double, value: Int16 = 0) {
        position.z = z
        instance = Int((z * 10).rounded()) + 1000
        stored = (0..<12).map { value + $0 }
    }

    private func text(_ numbers: [Double]) -> String { numbers.map { "\($0)" }.joined(separator: "\\") }

    /// The whole file.
    var file: Data {
        let imageClass = "1.2.840.10008.5.1.4.1.1.2"
        let identifier = "\(series).\(instance).\(acquisition)"
        var meta = Data()
        meta += Self.element(0x0002, 0x0001, "OB", Data([0, 1]))
        meta += Self.element(0x0002, 0x0002, "UI", imageClass)
        meta += Self.element(0x0002, 0x0003, "UI", identifier)
        meta += Self.element(0x0002, 0x0010, "UI", "1.2.840.10008.1.2.1")
        meta += Self.element(0x0002, 0x0012, "UI", "1.2.3.99")
        var file = Data(count: 128) + Data("DICM".utf8)
        file += Self.element(0x0002, 0x0000, "UL", Data(bytes(UInt32(meta.count)))) + meta
        file += Self.element(0x0008, 0x0008, "CS", imageType) + Self.element(0x0008, 0x0016, "UI", imageClass)
        file += Self.element(0x0008, 0x0018, "UI", identifier) + Self.element(0x0008, 0x0060, "CS", modality)
        file += Self.element(0x0008, 0x103E, "LO", description) + Self.element(0x0018, 0x0050, "DS", "3")
        file += Self.element(0x0020, 0x000D, "UI", "1.2.3") + Self.element(0x0020, 0x000E, "UI", series)
        file += Self.element(0x0020, 0x0012, "IS", "\(acquisition)") + Self.element(0x0020, 0x0013, "IS", "\(instance)")
        if isPlaced {
            file += Self.element(0x0020, 0x0032, "DS", text([position.x, position.y, position.z]))
            file += Self.element(0x0020, 0x0037, "DS", text(orientation))
        }
        file += Self.element(0x0028, 0x0002, "US", Data(bytes(UInt16(1)))) + Self.element(0x0028, 0x0004, "CS", "MONOCHROME2")
        file += Self.element(0x0028, 0x0010, "US", Data(bytes(UInt16(rows)))) + Self.element(0x0028, 0x0011, "US", Data(bytes(UInt16(columns))))
        file += Self.element(0x0028, 0x0030, "DS", text([spacing.x, spacing.y]))
        for (element, value) in [(UInt16(0x0100), UInt16(16)), (0x0101, 16), (0x0102, 15), (0x0103, 1)] {
            file += Self.element(0x0028, element, "US", Data(bytes(value)))
        }
        file += Self.element(0x0028, 0x1052, "DS", "\(intercept)") + Self.element(0x0028, 0x1053, "DS", "\(slope)")
        return file + Self.element(0x7FE0, 0x0010, "OW", Data(stored.flatMap { bytes($0.littleEndian) }))
    }

    private static func element(_ group: UInt16, _ element: UInt16, _ type: String, _ text: String) -> Data {
        var value = Data(text.utf8)
        if value.count % 2 == 1 { value.append(type == "UI" ? 0 : 0x20) }
        return self.element(group, element, type, value)
    }

    private static func element(_ group: UInt16, _ element: UInt16, _ type: String, _ value: Data) -> Data {
        let isLong = type == "OB" || type == "OW"
        let length = isLong ? [0, 0] + bytes(UInt32(value.count)) : bytes(UInt16(value.count))
        return Data(bytes(group) + bytes(element) + Array(type.utf8) + length) + value
    }
}
