/// Images of one series that lie in parallel planes on the same raster: the candidates for one volume.
struct DICOMGroup {
    var slices: [DICOMSlice]

    private var first: DICOMSlice { slices[0] }
    var identifier: String { first.seriesIdentifier }
    var isColour: Bool { first.componentCount != 1 }

    /// Sorts images into groups, those with most slices first, then CT, axial, as acquired; ties keep the order of the series' identifiers.
    static func grouping(_ slices: [DICOMSlice]) -> [DICOMGroup] {
        var groups: [DICOMGroup] = []
        for slice in slices {
            if let index = groups.firstIndex(where: { $0.admits(slice) }) {
                groups[index].slices.append(slice)
            } else {
                groups.append(DICOMGroup(slices: [slice]))
            }
        }
        return groups.sorted { left, right in
            let (a, b) = (left.rank, right.rank)
            return a == b ? left.identifier < right.identifier : b.lexicographicallyPrecedes(a)
        }
    }

    private var rank: [Int] {
        [slices.count, first.modality == "CT" ? 1 : 0, first.isAxial ? 1 : 0, first.isOriginal ? 1 : 0]
    }

    private func admits(_ slice: DICOMSlice) -> Bool {
        slice.seriesIdentifier == identifier && slice.size == first.size && slice.isLocalizer == first.isLocalizer
            && slice.componentCount == first.componentCount && norm(slice.directions.0 - first.directions.0) < 1e-3
            && norm(slice.directions.1 - first.directions.1) < 1e-3 && abs(slice.spacing.x - first.spacing.x) < 1e-4 * first.spacing.x
            && abs(slice.spacing.y - first.spacing.y) < 1e-4 * first.spacing.y
    }

    /// One line about the group, for the user to choose by.
    var summary: String {
        let plane = first.isAxial ? "axial" : "not axial"
        return
            "\(identifier) (\"\(first.seriesDescription)\", \(first.modality), \(slices.count) slices, \(first.size.x) × \(first.size.y), \(plane))"
    }

    var series: DICOMSeries {
        DICOMSeries(identifier: identifier, description: first.seriesDescription, modality: first.modality, sliceCount: slices.count)
    }
}
