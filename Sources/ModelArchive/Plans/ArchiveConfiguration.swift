import Foundation
import Learning
import Weights

/// A configuration of an archive, ready to be read as a plan.
public struct ArchiveConfiguration: Sendable {
    /// The archive.
    public let layout: ArchiveLayout
    let document: ConfigurationDocument

    /// Reads a configuration, replaces its variables and checks every component.
    /// - Parameters:
    ///   - configuration: the file, relative to the archive unless absolute.
    ///   - environment: the file of variables, likewise; `nil` for none.
    ///   - settings: settings of the command line, which win over both.
    /// - Throws: `ArchiveError.configuration` naming file and key path.
    public init(
        layout: ArchiveLayout, configuration: String, environment: String?, settings: [ArchiveVariables.Setting] = []
    ) throws(ArchiveError) {
        guard FileManager.default.fileExists(atPath: layout.root.path) else {
            throw .layout(folder: layout.root.path, reason: "does not exist; make one with 'viscera archive create'")
        }
        self.layout = layout
        document = try ConfigurationDocument(
            configuration: layout.file(configuration), environment: environment.map(layout.file), settings: settings)
        for name in ["use_gpu", "multi_gpu", "amp", "print_conf", "tf32", "cudnn_benchmark"] { _ = try document.flag(name, false) }
        if let task = try document.value("PROCESSING_TASK")?.text, task != "segmentation" {
            throw document.place["PROCESSING_TASK"].failure("expected 'segmentation', found '\(task)'")
        }
    }

    /// Whether the configuration describes a training.
    public var isTraining: Bool { document.sections["train"] != nil }

    /// Whether the configuration describes a self-supervised pre-training.
    public var isPretraining: Bool {
        guard let plan = try? trainingPlan(), case .autoencoder = plan.network else { return false }
        return true
    }

    /// Whether several processes are expected to train together.
    public var usesSeveralProcesses: Bool { (try? document.flag("multi_gpu", false)) ?? false }

    /// Whether a GPU may be used.
    public var usesGPU: Bool { (try? document.flag("use_gpu", true)) ?? true }

    /// Whether the variables are to be printed first.
    public var printsVariables: Bool { (try? document.flag("print_conf", false)) ?? false }

    /// The variables and their values as text, sorted by name; settings of the command line are in.
    public var variables: [(name: String, value: String)] {
        document.variables.names.map { ($0, document.variables[$0].map { $0.text ?? $0.canonicalText } ?? "") }
    }

    /// A path of a configuration: relative to the archive.
    func url(_ path: String) -> URL { layout.file(path) }

    /// The data set of a section.
    func data(_ section: ConfigurationDocument.Section) throws(ArchiveError) -> DataSource {
        let component = try section.one(.dataset)
        func setting(_ name: String) throws(ArchiveError) -> String? {
            guard let value = component.settings.first(where: { $0.name == name })?.value, value != .null else { return nil }
            guard let text = value.text, !text.isEmpty else { throw component.place[name].failure("expected a path, found \(value.canonicalText)") }
            return text
        }
        guard let list = try setting("data_list_file_path") else { throw component.place["data_list_file_path"].failure("is missing") }
        guard let key = try setting("data_list_key") else { throw component.place["data_list_key"].failure("is missing") }
        let base = try setting("data_file_base_dir")
        return DataSource(list: url(list), base: base.map { url($0) }, section: key, cache: try cache(component))
    }

    /// What a data set says about its cache (MONAI 1.6): `CacheDataset` holds a number or a share of the volumes, `SmartCacheDataset` exchanges some of
    /// them each epoch, `PersistentDataset` keeps them in a folder. `Dataset` says nothing: as many volumes are held as fit.
    private func cache(_ component: Component) throws(ArchiveError) -> CacheOptions {
        var cache = CacheOptions()
        (cache.rate, cache.count, cache.replaceRate) = (
            component.number("cache_rate"), component.integer("cache_num"), component.number("replace_rate")
        )
        cache.folder = component.text("cache_dir").map { url($0).path }
        if component.name == "SmartCacheDataset" {
            _ = try component.required("replace_rate", cache.replaceRate)
            if cache.rate == nil, cache.count == nil { cache.rate = 1 }
        }
        do { try cache.validate() } catch {
            let name = ["cache.rate": "cache_rate", "cache.count": "cache_num", "cache.replaceRate": "replace_rate", "cache.folder": "cache_dir"]
            guard case .configuration(let path, let reason) = error else { throw component.place.failure("\(error)") }
            throw component.place(name[path] ?? path).failure(reason)
        }
        return cache
    }

    /// The sliding window of a section, or `nil` when windows are taken as they come.
    func window(_ section: ConfigurationDocument.Section) throws(ArchiveError) -> WindowSettings? {
        let component = try section.one(.inferer)
        guard component.name == "SlidingWindowInferer" else { return nil }
        var window = WindowSettings(shape: try component.required("roi_size", component.shape("roi_size")))
        window.batchSize = component.integer("sw_batch_size") ?? 1
        window.overlap = component.number("overlap") ?? 0.25
        try component.require("sw_batch_size", window.batchSize >= 1, "at least 1")
        try component.require("overlap", window.overlap >= 0 && window.overlap < 1, "a share of at least 0 and less than 1")
        let mode = component.text("mode") ?? "constant"
        try component.require("mode", ["constant", "gaussian"].contains(mode), "'constant' or 'gaussian'")
        window.blending = mode == "constant" ? .constant : .gaussian
        return window
    }

    /// The metrics of a section, the key one first.
    func metrics(_ section: ConfigurationDocument.Section) throws(ArchiveError) -> [MetricPlan] {
        var metrics: [MetricPlan] = []
        for component in section[.metric] + section[.additionalMetrics] {
            let kind: MetricPlan.Kind =
                switch component.name {
                case "MeanDice": .meanDice
                case "Accuracy": .accuracy
                default: .meanAbsoluteError
                }
            guard let label = component.logLabel else {
                throw component.place["log_label"].failure("is missing; a metric needs a name for its files")
            }
            metrics.append(MetricPlan(kind: kind, label: label, includesBackground: component.flag("include_background") ?? true))
        }
        return metrics
    }

    /// Checks that a chain of postprocessing is one that Viscera computes: softmax, inverse, argmax, largest parts, saving.
    func checkPostprocessing(_ components: [Component]) throws(ArchiveError) {
        let order = ["Activationsd", "Invertd", "AsDiscreted", "KeepLargestConnectedComponentd", "SaveImaged"]
        var reached = -1
        for component in components where component.name != "ToTensord" {
            let position = order.firstIndex(of: component.name) ?? 0
            guard position > reached else {
                throw component.place.failure("\(component.name) is out of order; expected \(order.joined(separator: ", "))")
            }
            reached = position
            switch component.name {
            case "Activationsd": try component.require("softmax", component.flag("softmax") == true, "true")
            case "Invertd":
                let flags = component["nearest_interp"]?.elements ?? [component["nearest_interp"] ?? .bool(true)]
                try component.require("nearest_interp", flags == [.bool(false)], "false: probabilities are interpolated linearly")
            case "AsDiscreted":
                let flags = component["argmax"]?.elements ?? [component["argmax"] ?? .bool(false)]
                try component.require("argmax", flags.first == .bool(true), "true for the prediction")
            case "KeepLargestConnectedComponentd":
                try component.require("applied_labels", component["applied_labels"] == nil, "nothing: every organ keeps its largest part")
                try component.require("independent", component.flag("independent") ?? true, "true")
            default:
                try component.require("resample", component.flag("resample") == false, "false: Invertd has brought labels to the file's grid")
                try component.require("output_ext", [nil, ".nii.gz"].contains(component.text("output_ext")), "'.nii.gz'")
                try component.require("separate_folder", component.flag("separate_folder") ?? true, "true")
            }
        }
    }
}
