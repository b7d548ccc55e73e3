import MedicalImaging
import Preprocessing
import Testing

@Suite struct OrientationTests {
    @Test func codesAreReadAndWritten() {
        #expect(AxisOrientation.all.count == 48)
        #expect(Set(AxisOrientation.all).count == 48)
        for orientation in AxisOrientation.all { #expect(AxisOrientation(code: orientation.code) == orientation) }
        #expect(AxisOrientation(code: "lps")?.signs == SIMD3(-1, -1, 1))
        #expect(AxisOrientation(code: "PIR")?.axes == SIMD3(1, 2, 0))
    }

    @Test(arguments: ["", "RA", "RASX", "RRS", "RLA", "RAX", "ras ", "РAS"])
    func nonsenseCodesAreRefused(code: String) { #expect(AxisOrientation(code: code) == nil) }

    @Test func everyOrientationIsFoundInItsAffine() {
        for orientation in AxisOrientation.all {
            #expect(AxisOrientation(of: affine(orientation, spacing: SIMD3(0.7, 0.8, 5))) == orientation)
        }
    }

    @Test func obliqueAffinesTakeTheNearestAxes() {
        // 20° about the patient's left–right axis, 10° about the long axis, columns permuted and flipped.
        let (c, s, d, t) = (0.939692620785908, 0.342020143325669, 0.984807753012208, 0.17364817766693)
        let x = SIMD3(d, t * c, t * s)
        let y = SIMD3(-t, d * c, d * s)
        let z = SIMD3(0, -s, c)
        #expect(AxisOrientation(of: Affine(columns: z * -3, x * 0.7, y * -0.7, translation: .zero))?.code == "IRP")
    }

    @Test func tiesGoToTheFirstAxisInOrder() {
        // Exactly 45° in the plane, as nibabel decides it.
        let affine = Affine(columns: SIMD3(1, 1, 0), SIMD3(-1, 1, 0), SIMD3(0, 0, 1), translation: .zero)
        let orientation = AxisOrientation(of: affine)
        #expect(orientation.map { Set([$0.axes.x, $0.axes.y, $0.axes.z]) } == [0, 1, 2])
        #expect(orientation?.axes.z == 2)
    }

    @Test func degenerateAffinesHaveNone() {
        #expect(AxisOrientation(of: Affine.diagonal(SIMD3(1, 0, 1))) == nil)
        #expect(AxisOrientation(of: Affine.diagonal(SIMD3(1, .nan, 1))) == nil)
        #expect(AxisOrientation(of: Affine.diagonal(SIMD3(1, 1, .infinity))) == nil)
        #expect(AxisOrientation(of: Affine(columns: SIMD3(1, 0, 0), SIMD3(1, 0, 0), SIMD3(0, 0, 1), translation: .zero)) == nil)
    }

    @Test func reorientingKeepsEveryVoxelInItsPlace() {
        for stored in AxisOrientation.all {
            let grid = VoxelGrid(shape: SIMD3(3, 4, 5), affine: affine(stored, spacing: SIMD3(1, 2, 3)))
            let step = Reorientation(from: stored, to: .ras)
            let reoriented = step.applied(to: grid)
            #expect(reoriented.orientation == .ras)
            let map = step.indexMap(storedShape: grid.shape)
            for index in [SIMD3<Double>(0, 0, 0), SIMD3(1, 2, 1), SIMD3<Double>(reoriented.shape &- 1)] {
                #expect(reoriented.affine(index) == grid.affine(map(index)))
            }
        }
    }
}
