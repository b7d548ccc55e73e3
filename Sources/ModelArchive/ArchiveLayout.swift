import Foundation

/// Where things lie in a model archive (a Clara Train 4.1 MMAR).
public struct ArchiveLayout: Sendable, Equatable {
    /// The archive's folder.
    public let root: URL

    public init(root: URL) { self.root = root.absoluteURL.standardizedFileURL }

    /// The folders of an archive, in the order of the published layout.
    public static let folders = ["commands", "config", "docs", "eval", "models", "resources"]

    public static let trainingConfiguration = "config/config_train.json"
    public static let finetuningConfiguration = "config/config_finetune.json"
    public static let pretrainingConfiguration = "config/config_pretrain.json"
    public static let validationConfiguration = "config/config_validation.json"
    public static let checkpointValidationConfiguration = "config/config_validation_ckpt.json"
    public static let inferenceConfiguration = "config/config_inference.json"
    public static let environment = "config/environment.json"

    /// A file of the archive, or the file itself when `path` is absolute.
    public func file(_ path: String) -> URL { URL(filePath: path, relativeTo: root.appending(path: "", directoryHint: .isDirectory)).absoluteURL }
}
