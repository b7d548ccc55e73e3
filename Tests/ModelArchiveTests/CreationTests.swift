import Datasets
import Foundation
import ModelArchive
import TestSupport
import Testing

@Suite struct CreationTests {
    private let folder: TemporaryDirectory
    private let layout: ArchiveLayout

    init() throws {
        folder = try TemporaryDirectory()
        layout = ArchiveLayout(root: folder.file("an archive"))
        try Fixtures.blueprint.create(at: layout.root)
    }

    @Test func theLayoutIsThePublishedOne() throws {
        let expected =
            ArchiveLayout.folders
            + ["set_env", "train", "train_multi_gpu", "finetune", "pretrain", "validate", "validate_ckpt", "infer", "export"].map {
                "commands/\($0).sh"
            }
            + ["train", "finetune", "pretrain", "validation", "validation_ckpt", "inference"].map { "config/config_\($0).json" }
            + ["config/environment.json", "docs/Readme.md", "docs/license.txt", "resources/log.config"]
        for path in expected { #expect(FileManager.default.fileExists(atPath: layout.root.appending(path: path).path), "\(path)") }
        for split in PublishedSplit.allCases {
            let list = try DatalistFile(contentsOf: layout.root.appending(path: "config/\(split.fileName)"))
            #expect(list.contentHash == split.list(in: layout.root).contentHash)
        }
        let readme = try String(contentsOf: layout.root.appending(path: "docs/Readme.md"), encoding: .utf8)
        #expect(readme.contains("Research use only"))
    }

    @Test func nothingIsOverwritten() throws {
        #expect(throws: ArchiveError.occupied(path: layout.root.path)) { try Fixtures.blueprint.create(at: layout.root) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == ["an archive"])
    }

    @Test(arguments: [
        ("train.sh", "train", "config_train", " dont_load_ckpt_model=True"),
        ("finetune.sh", "train", "config_finetune", " dont_load_ckpt_model=False"),
        ("pretrain.sh", "train", "config_pretrain", " dont_load_ckpt_model=True"),
        ("validate.sh", "archive validate", "config_validation", " dont_load_ts_model=False dont_load_ckpt_model=True"),
        ("validate_ckpt.sh", "archive validate", "config_validation_ckpt", " dont_load_ts_model=True dont_load_ckpt_model=False"),
        ("infer.sh", "archive infer", "config_inference", ""), ("export.sh", "archive export", "config_train", ""),
    ])
    func scriptsWorkFromAnyFolderAndPassArgumentsOn(script: String, command: String, configuration: String, settings: String) async throws {
        // An `echo` stands for viscera.
        let outcome = try await Program.run(
            layout.root.appending(path: "commands/\(script)"), ["epochs=3", "DATA_ROOT=/some where"],
            environment: ["PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin", "VISCERA": "echo"], in: URL(filePath: "/"))
        #expect(outcome.status == 0, "\(outcome.messages)")
        let expected =
            "\(command) -m \(layout.root.path) -c config/\(configuration).json -e config/environment.json --set print_conf=True\(settings) "
            + "epochs=3 DATA_ROOT=/some where"
        #expect(outcome.output == expected + "\n" && outcome.messages.isEmpty, "\(outcome)")
    }
}
