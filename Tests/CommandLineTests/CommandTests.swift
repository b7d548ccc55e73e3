import Foundation
import MedicalImaging
import TestSupport
import Testing

/// The commands as a user calls them, on small inputs.
@Suite(.serialized) struct CommandTests {
    private let folder: TemporaryDirectory
    private let ball: URL
    private let labels: URL

    init() throws {
        folder = try TemporaryDirectory()
        ball = folder.file("ball.nii.gz")
        labels = folder.file("truth.nii.gz")
        try ImageFile.write(Fixtures.ball(), to: ball)
        try ImageFile.write(Fixtures.ballLabels(), to: labels)
    }

    @Test func helpAndVersion() async throws {
        for arguments in [["--help"], ["segment", "--help"], ["help", "evaluate"]] {
            let outcome = try await Tool.run(arguments)
            #expect(outcome.status == 0)
            #expect(outcome.output.contains("USAGE: viscera"))
        }
        #expect(try await Tool.run(["--help"]).output.contains("Research use only"))
        #expect(try await Tool.run(["--version"]).output.hasPrefix("viscera "))
        #expect(try await Tool.run(["--generate-completion-script", "bash"]).output.contains("viscera"))
    }

    @Test func inspectVolume() async throws {
        let outcome = try await Tool.run(["inspect", ball.path])
        #expect(outcome.status == 0)
        for text in ["NIfTI", "24 × 20 × 16 voxels", "3.000 × 3.000 × 3.000 mm", "LPS"] { #expect(outcome.output.contains(text), "\(text)") }
        let object = try await Tool.run(["inspect", labels.path, "--json"]).json()
        #expect(object["shape"] as? [Int] == [24, 20, 16])
        let found = try #require(object["labels"] as? [[String: Any]])
        #expect(found.map { $0["name"] as? String } == ["spleen", "liver"])
    }

    @Test func convertKeepsVoxelsAndPlace() async throws {
        let target = folder.file("copy.nii")
        #expect(try await Tool.run(["convert", ball.path, target.path, "--quiet"]).status == 0)
        #expect(try ImageFile.read(target).volume == Fixtures.ball())
    }

    @Test func evaluateItself() async throws {
        let object = try await Tool.run(["evaluate", labels.path, labels.path, "--json"])
        #expect(object.status == 0)
        let csv = folder.file("scores.csv")
        let outcome = try await Tool.run(["evaluate", labels.path, labels.path, "--csv", csv.path])
        #expect(outcome.output.split(separator: "\n").contains { $0.hasPrefix("liver") && $0.contains("1.000") })
        #expect(outcome.output.split(separator: "\n").contains { $0.hasPrefix("aorta") && $0.contains("absent") })
        let lines = try String(contentsOf: csv, encoding: .utf8).split(whereSeparator: \.isNewline)
        #expect(lines.count == 14)
    }

    @Test func evaluateFolders() async throws {
        for name in ["predicted", "known"] {
            try FileManager.default.createDirectory(at: folder.file(name), withIntermediateDirectories: false)
            for number in 1...2 { try ImageFile.write(Fixtures.ballLabels(), to: folder.file("\(name)/case\(number).nii.gz")) }
        }
        #expect(try await Tool.run(["evaluate", folder.file("predicted").path, folder.file("known").path]).status == 0)
        // One broken case: the other is still scored, and the run fails.
        try Data("oops".utf8).write(to: folder.file("predicted/case2.nii.gz"))
        let outcome = try await Tool.run(["evaluate", folder.file("predicted").path, folder.file("known").path])
        #expect(outcome.status == 65)
        #expect(outcome.errors.count == 1)
        #expect(outcome.output.contains("liver"))
        #expect(outcome.messages.contains("case2"))
    }

    @Test func evaluateOtherStorageOrder() async throws {
        // The same labels with axes i and k exchanged and the new i and j reversed.
        let labels = Fixtures.ballLabels()
        let (old, shape) = (labels.grid, SIMD3(16, 20, 24))
        let affine = Affine(
            columns: -old.affine.columns[2], -old.affine.columns[1], old.affine.columns[0], translation: old.affine(SIMD3(0, 19, 15)))
        var stored = LabelMap(grid: VoxelGrid(shape: shape, affine: affine), repeating: 0)
        for k in 0..<24 { for j in 0..<20 { for i in 0..<16 { stored[i, j, k] = labels[k, 19 - j, 15 - i] } } }
        let url = folder.file("other.nii.gz")
        try ImageFile.write(stored, to: url)
        let outcome = try await Tool.run(["evaluate", url.path, self.labels.path])
        #expect(outcome.status == 0, "\(outcome.messages)")
        for organ in ["liver", "spleen"] {
            #expect(outcome.output.split(separator: "\n").contains { $0.hasPrefix(organ) && $0.contains("1.000") }, "\(outcome.output)")
        }
    }

    @Test func evaluateOtherGrid() async throws {
        var moved = Fixtures.ballLabels()
        moved.grid.affine.translation.z += 10
        let url = folder.file("moved.nii.gz")
        try ImageFile.write(moved, to: url)
        try await Tool.expectFailure(["evaluate", url.path, labels.path], status: 65, mentioning: "different grids")
    }

    @Test func doctorComputesKnownNumbers() async throws {
        let outcome = try await Tool.run(["doctor", "--json"])
        let checks = try #require(try outcome.json()["checks"] as? [[String: Any]])
        let cpu = try #require(checks.first { $0["name"] as? String == "cpu" })
        #expect(cpu["state"] as? String == "passed", "\(cpu)")
    }

    @Test func quietSaysNothing() async throws {
        let outcome = try await Tool.run(["convert", ball.path, folder.file("quiet.nii").path, "--quiet"])
        #expect(outcome.status == 0)
        #expect(outcome.output.isEmpty && outcome.messages.isEmpty)
    }
}
