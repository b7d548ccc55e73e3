#if arch(x86_64)
    /// The widest float of the machine, which nibabel computes rotations in.
    private typealias Extended = Float80
#else
    private typealias Extended = Double
#endif

extension NIfTIHeader {
    /// The affine to use, and what was repaired on the way.
    ///
    /// nibabel 5.4's choice: the sform if its code is set, else the qform if its code is set, else the spacing alone with the first axis
    /// running left and the origin at the centre. Then MONAI 1.6 `rectify_header_sform_qform`: an sform whose column lengths
    /// contradict the spacing gives way to the qform.
    package func affine() throws(GeometryFailure) -> (affine: Affine, warnings: [ImageWarning]) {
        var warnings: [ImageWarning] = []
        let header = sanitised(&warnings)
        var chosen: Affine
        if header.sformCode != 0 {
            chosen = sform
            if dimensions[0] <= 3, !header.spacingMatches(sform), case .some(let qform) = try? header.qform(), header.spacingMatches(qform) {
                chosen = qform.roundedToFloat
                warnings.append(
                    ImageWarning(
                        .geometry,
                        "the sform's voxel size \(text(sform.columnNorms)) mm contradicts the header's \(text(header.spacing)) mm: the qform is used")
                )
            } else if header.qformCode != 0, case .some(let qform) = try? header.qform() {
                warn(disagreementOf: qform, into: &warnings)
            }
        } else if header.qformCode != 0 {
            chosen = try header.qform()
        } else {
            chosen = header.baseAffine
            warnings.append(ImageWarning(.geometry, "the header gives no orientation (sform and qform codes are 0): left and right are a guess"))
        }
        guard chosen.isFinite, chosen.inverse != nil else { throw .singular(chosen) }
        return (chosen, warnings)
    }

    /// Why a header describes no geometry.
    package enum GeometryFailure: Error, Equatable {
        case singular(Affine)
        case badQuaternion(SIMD3<Double>)
    }

    /// The affine of the quaternion, as nibabel's `get_qform` computes it.
    package func qform() throws(GeometryFailure) -> Affine {
        let (x, y, z) = (Extended(quaternion.x), Extended(quaternion.y), Extended(quaternion.z))
        let rest = 1 - (x * x + y * y + z * z)
        let threshold = version == 1 ? 3 * Extended(Float.ulpOfOne) : 3 * Extended(Double.ulpOfOne)
        guard rest.isFinite, rest > -threshold else { throw .badQuaternion(quaternion) }
        let w = abs(rest) < threshold ? 0 : rest.squareRoot()
        let s = 2 / (w * w + x * x + y * y + z * z)
        let (sx, sy, sz) = (x * s, y * s, z * s)
        let columns: [[Extended]] = [
            [1 - (y * sy + z * sz), x * sy + w * sz, x * sz - w * sy],
            [x * sy - w * sz, 1 - (x * sx + z * sz), y * sz + w * sx],
            [x * sz + w * sy, y * sz - w * sx, 1 - (x * sx + y * sy)],
        ]
        let lengths = [pixelDimensions[1], pixelDimensions[2], pixelDimensions[3] * (pixelDimensions[0] < 0 ? -1 : 1)].map { Extended($0) }
        let scaled = (0..<3).map { axis in SIMD3<Double>((0..<3).map { Double(columns[axis][$0] * lengths[axis]) }) }
        return Affine(columns: scaled[0], scaled[1], scaled[2], translation: quaternionOffset)
    }

    /// The header with the faults mended that nibabel mends on loading: spacing positive and not zero, codes known.
    private func sanitised(_ warnings: inout [ImageWarning]) -> NIfTIHeader {
        var header = self
        for axis in 1...3 {
            header.pixelDimensions[axis] = abs(pixelDimensions[axis]) == 0 ? 1 : abs(pixelDimensions[axis])
            if header.pixelDimensions[axis] != pixelDimensions[axis], axis <= dimensions[0] {
                warnings.append(
                    ImageWarning(
                        .geometry,
                        "the header's voxel size along axis \(axis) is \(pixelDimensions[axis]) mm: \(header.pixelDimensions[axis]) is used"))
            }
        }
        if abs(header.pixelDimensions[0]) != 1 { header.pixelDimensions[0] = 1 }
        if !(0...5).contains(qformCode) { header.qformCode = 0 }
        if !(0...5).contains(sformCode) { header.sformCode = 0 }
        if units & 7 == 1 || units & 7 == 3 {
            warnings.append(ImageWarning(.geometry, "the header gives lengths in \(units & 7 == 1 ? "metres" : "micrometres"): they are taken as mm"))
        }
        return header
    }

    private var spacing: SIMD3<Double> { SIMD3(pixelDimensions[1], pixelDimensions[2], pixelDimensions[3]) }

    /// Whether the column lengths of `affine` equal the spacing, by the tolerances of numpy's `allclose`.
    private func spacingMatches(_ affine: Affine) -> Bool {
        let norms = affine.columnNorms
        return (0..<min(3, max(1, dimensions[0]))).allSatisfy {
            let length = norms[$0] == 0 ? 1 : norms[$0]
            return abs(spacing[$0] - length) <= 1e-8 + 1e-5 * length
        }
    }

    /// nibabel's affine of a header without orientation.
    private var baseAffine: Affine {
        let scale = SIMD3(-pixelDimensions[1], pixelDimensions[2], pixelDimensions[3])
        let centre = SIMD3(Double(shape.x - 1), Double(shape.y - 1), Double(shape.z - 1)) / 2
        return .diagonal(scale, translation: -centre * scale)
    }

    /// Warns when the qform places a corner of the volume more than a tenth of a voxel away from where the sform does.
    private func warn(disagreementOf qform: Affine, into warnings: inout [ImageWarning]) {
        let far = SIMD3(Double(shape.x - 1), Double(shape.y - 1), Double(shape.z - 1))
        var greatest = 0.0
        for corner in 0..<8 {
            let point = SIMD3(corner & 1 == 0 ? 0 : far.x, corner & 2 == 0 ? 0 : far.y, corner & 4 == 0 ? 0 : far.z)
            greatest = max(greatest, norm(sform(point) - qform(point)))
        }
        guard greatest > 0.1 * sform.columnNorms.min() else { return }
        warnings.append(
            ImageWarning(
                .geometry, "sform and qform disagree by up to \(text(greatest)) mm: the sform is used; both are kept in the output"))
    }

    private func text(_ value: Double) -> String { String((value * 1000).rounded() / 1000) }
    private func text(_ value: SIMD3<Double>) -> String { "\(text(value.x)) × \(text(value.y)) × \(text(value.z))" }
}

extension Affine {
    /// With every entry rounded to what 32 bits hold.
    package var roundedToFloat: Affine { Affine(rowMajor: rowMajor.map { Double(Float($0)) }) }
}
