import Foundation

extension NRRDHeader {
    private var space: String { fields["space"]?.lowercased() ?? "" }

    /// The affine in RAS+ of a header whose space is left-anterior-superior, which ITK before 5.3 turns by half a circle; `nil` for others.
    func leftAnteriorSuperiorAffine() throws(Fault) -> Affine? {
        guard space == "las" || space == "left-anterior-superior" else { return nil }
        let columns = Self.vectors(fields["spacedirections"] ?? "")
        let origin = Self.vectors(fields["spaceorigin"] ?? "")
        guard columns.count == 3, origin.count == 1 || fields["spaceorigin"] == nil else {
            throw Fault(reason: "it has \(columns.count) space directions of three numbers and \(origin.count) space origins, expected 3 and 1")
        }
        func turned(_ vector: SIMD3<Double>) -> SIMD3<Double> { SIMD3(0 - vector.x, vector.y, vector.z) }
        return Affine(
            columns: turned(columns[0]), turned(columns[1]), turned(columns[2]), translation: turned(origin.first ?? .zero))
    }

    /// What the header leaves to be guessed about where the voxels lie.
    var warnings: [ImageWarning] {
        var found: [ImageWarning] = []
        let anatomical = ["right-anterior-superior", "ras", "left-anterior-superior", "las", "left-posterior-superior", "lps"]
        if !anatomical.contains(where: { space == $0 || space.hasPrefix($0 + "-time") || space == $0 + "t" }) {
            let said = space.isEmpty ? "no space" : "space: \(space)"
            found.append(ImageWarning(.geometry, "the header gives no orientation (\(said)): left-posterior-superior is a guess"))
        }
        let lengths = words("sizes").compactMap { Int($0) }
        let spacings = words("spacings").map { Double($0) ?? .nan }
        let directions = Self.directions(fields["spacedirections"] ?? "")
        for (axis, length) in lengths.enumerated() where length > 1 {
            let isGiven = axis < directions.count && directions[axis] != "none" || axis < spacings.count && spacings[axis].isFinite
            if !isGiven, fields["axismins"] == nil, fields["axismaxs"] == nil {
                found.append(ImageWarning(.geometry, "the header gives no voxel size along axis \(axis + 1): 1 mm is assumed"))
            }
        }
        let units = Set((fields["spaceunits"] ?? fields["units"] ?? "").split(separator: "\"").map { $0.trimmingCharacters(in: .whitespaces) })
        for unit in units.subtracting(["", "mm", "millimeter", "millimetre"]).sorted() {
            found.append(ImageWarning(.geometry, "the header gives lengths in \(unit): they are taken as mm"))
        }
        return found
    }

    /// The entries of a list of vectors: what stands in brackets, or the word `none`.
    private static func directions(_ text: String) -> [String] {
        text.split(whereSeparator: { $0 == "(" || $0 == ")" }).flatMap { part in
            part.contains(",") ? [String(part)] : part.split(separator: " ").map(String.init)
        }
    }

    private static func vectors(_ text: String) -> [SIMD3<Double>] {
        directions(text).compactMap { entry in
            let numbers = entry.split(separator: ",").compactMap { Double($0.trimmingCharacters(in: .whitespaces)) }
            return numbers.count == 3 ? SIMD3(numbers[0], numbers[1], numbers[2]) : nil
        }
    }
}
