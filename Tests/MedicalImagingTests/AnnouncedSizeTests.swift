import Foundation
import MedicalImaging
import TestSupport
import Testing

@Suite struct AnnouncedSizeTests {
    @Test(arguments: ["scan.nii", "scan.nii.gz"])
    func aNIfTIFileSaysHowLargeItIs(name: String) throws {
        let folder = try TemporaryDirectory()
        let grid = VoxelGrid(shape: SIMD3(5, 6, 7), affine: .diagonal(SIMD3(-2, 1.5, 3)))
        let file = folder.file(name)
        try ImageFile.write(Volume<Float>(grid: grid, repeating: 40), to: file)
        let size = try #require(AnnouncedSize(of: file))
        #expect(size.voxelCount == 210 && size.storedBytes % 210 == 0 && size.storedBytes > 0)
        // Spacings are stored in single precision.
        #expect(abs(size.extent - 210 * 9) < 1e-3)
    }

    @Test func otherFilesSayNothing() throws {
        let folder = try TemporaryDirectory()
        let file = folder.file("text.nii.gz")
        try Data("no scan".utf8).write(to: file)
        #expect(AnnouncedSize(of: file) == nil)
        #expect(AnnouncedSize(of: folder.url) == nil)
        #expect(AnnouncedSize(of: folder.file("missing.nii")) == nil)
    }
}
