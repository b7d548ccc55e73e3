import Foundation
import Weights

/// A configuration file with its variables replaced: the sections and their components, disabled ones left out.
struct ConfigurationDocument {
    /// A part of a configuration: `train`, `validate`, or the whole file of a validation.
    struct Section: Equatable {
        /// Components by slot, in the order of the file; single slots hold at most one.
        var components: [ComponentSlot: [Component]] = [:]
        var place: ConfigurationPlace

        subscript(slot: ComponentSlot) -> [Component] { components[slot] ?? [] }

        /// The one component of a slot.
        func one(_ slot: ComponentSlot) throws(ArchiveError) -> Component {
            guard let component = self[slot].first else { throw place[slot.rawValue].failure("is missing or disabled; the section needs it") }
            return component
        }
    }

    let place: ConfigurationPlace
    let variables: ArchiveVariables
    /// The sections by name; a validation file has one, called "".
    private(set) var sections: [String: Section] = [:]
    /// The `model` member of a validation or inference file, which names weight files.
    private(set) var weights: JSONValue?
    /// What was accepted without an effect, in sentences.
    private(set) var notes: [String] = []

    private static let listSlots: Set<ComponentSlot> = [.loss, .transforms, .handlers, .postprocessing, .additionalMetrics]

    /// Names that settings may give although no variable is called so: switches of the programs that the scripts call.
    static let switches: Set<String> = [
        "CLARA_TRAIN_VERSION", "epochs", "use_gpu", "multi_gpu", "amp", "num_interval_per_valid", "learning_rate", "tf32", "determinism",
        "cudnn_benchmark", "dont_load_ckpt_model", "dont_load_ts_model", "print_conf", "DATA_ROOT", "DATASET_JSON", "PROCESSING_TASK",
        "MMAR_EVAL_OUTPUT_PATH", "MMAR_CKPT_DIR", "MMAR_CKPT", "MMAR_TORCHSCRIPT", "PRETRAIN_WEIGHTS_FILE", "TRAIN_DATALIST_KEY",
        "VAL_DATALIST_KEY", "INFER_DATALIST_KEY", "INPUT_CHANNELS", "OUTPUT_CHANNELS",
    ]

    /// - Parameters:
    ///   - configuration: the configuration file.
    ///   - environment: the environment file, or `nil`.
    /// - Throws: `ArchiveError.configuration` naming file and key path.
    init(configuration: URL, environment: URL?, settings: [ArchiveVariables.Setting]) throws(ArchiveError) {
        place = ConfigurationPlace(file: configuration.path)
        let members = try Self.members(of: configuration)
        let names: Set<String> = Set(["train", "validate", "model"] + ComponentSlot.allCases.map(\.rawValue))
        let globals = members.filter { !names.contains($0.name) }
        let known = try environment.map { url throws(ArchiveError) in try Self.members(of: url) } ?? []
        for member in known where member.value.members != nil || member.value.elements != nil {
            throw ConfigurationPlace(file: environment?.path ?? "", keyPath: member.name).failure("expected a text, a number or a truth value")
        }
        variables = ArchiveVariables(globals: globals, environment: known, settings: settings)
        var used: Set<String> = []
        let isTraining = members.contains { $0.name == "train" }
        if isTraining {
            for member in members where names.contains(member.name) && member.name != "train" && member.name != "validate" {
                throw place[member.name].failure("stands beside 'train'; move it into 'train' or 'validate'")
            }
            for name in ["train", "validate"] {
                guard let value = members.first(where: { $0.name == name })?.value else { continue }
                try read(value, called: name, at: place[name], used: &used)
            }
        } else {
            let body = members.filter { names.contains($0.name) && $0.name != "model" }
            try read(.object(body), called: "", at: place, used: &used)
            if let model = members.first(where: { $0.name == "model" })?.value {
                weights = try variables.substituted(model, at: place["model"], used: &used)
            }
        }
        try refuseStrangers(globals, environment: known, settings: settings, used: used)
    }

    /// The value of a variable or global.
    func value(_ name: String) throws(ArchiveError) -> JSONValue? {
        guard let value = variables[name] else { return nil }
        var used: Set<String> = []
        return try variables.substituted(value, at: place[name], used: &used)
    }

    /// A switch such as `amp`; `fallback` when it is not there.
    func flag(_ name: String, _ fallback: Bool) throws(ArchiveError) -> Bool {
        switch try value(name) {
        case nil, .null: return fallback
        case .bool(let flag): return flag
        case .some(let other): throw place[name].failure("expected true or false, found \(other.canonicalText)")
        }
    }

    private static func members(of url: URL) throws(ArchiveError) -> [JSONValue.Member] {
        let place = ConfigurationPlace(file: url.path)
        let data: Data
        do { data = try Data(contentsOf: url) } catch { throw place.failure("cannot be read; expected a JSON file") }
        do {
            guard let members = try JSONScanner.value(of: data, format: "JSON").members else { throw place.failure("expected a JSON object") }
            return members
        } catch let error as WeightError {
            throw place.failure("is no valid JSON: \(error.problem)")
        } catch let error as ArchiveError { throw error } catch { throw place.failure("\(error)") }
    }

    private mutating func read(
        _ value: JSONValue, called name: String, at place: ConfigurationPlace, used: inout Set<String>
    ) throws(ArchiveError) {
        guard let members = value.members else { throw place.failure("expected an object") }
        var section = Section(place: place)
        var reader = ComponentReader()
        for member in members {
            guard let slot = ComponentSlot(rawValue: member.name) else {
                let known = ComponentSlot.allCases.map(\.rawValue).joined(separator: ", ")
                throw place[member.name].failure("is not known; known are \(known)")
            }
            let place = place[member.name]
            let resolved = try variables.substituted(member.value, at: place, used: &used)
            guard let elements = resolved.elements else {
                section.components[slot] = try reader.component(resolved, slot: slot, at: place).map { [$0] } ?? []
                continue
            }
            guard Self.listSlots.contains(slot) else { throw place.failure("expected one component, found a list") }
            var components: [Component] = []
            for (index, element) in elements.enumerated() {
                if let found = try referred(element, slot: slot, at: place[index]) {
                    components.append(found)
                } else if element["ref"] == nil, let found = try reader.component(element, slot: slot, at: place[index]) {
                    components.append(found)
                }
            }
            section.components[slot] = components
        }
        notes += reader.notes
        sections[name] = section
    }

    /// The component of `train` that `{"ref": name}` means; `nil` when the element is no reference or is disabled.
    private func referred(_ element: JSONValue, slot: ComponentSlot, at place: ConfigurationPlace) throws(ArchiveError) -> Component? {
        guard let reference = element["ref"] else { return nil }
        for member in element.members ?? [] where !["ref", "disabled"].contains(member.name) {
            throw place[member.name].failure("stands beside 'ref'; a reference takes the component of 'train' as it is")
        }
        if element["disabled"] == .bool(true) { return nil }
        guard let name = reference.text, let found = sections["train"]?[slot].first(where: { $0.name == name }) else {
            let known = sections["train"]?[slot].map(\.name).joined(separator: ", ") ?? ""
            throw place["ref"].failure("train.\(slot.rawValue) has no enabled \(reference.canonicalText); it has \(known)")
        }
        return found
    }

    /// Globals and settings that are neither known nor used are mistakes of the writer.
    private func refuseStrangers(
        _ globals: [JSONValue.Member], environment: [JSONValue.Member], settings: [ArchiveVariables.Setting], used: Set<String>
    ) throws(ArchiveError) {
        let known = Self.switches.union(used)
        for member in globals where !known.contains(member.name) {
            throw place[member.name].failure(
                "is not known, and no {\(member.name)} refers to it; known are \(Self.switches.sorted().joined(separator: ", "))")
        }
        let settable = known.union(globals.map(\.name)).union(environment.map(\.name))
        for setting in settings where !settable.contains(setting.name) {
            throw ConfigurationPlace(file: "--set", keyPath: setting.name).failure("nothing in \(place.file) is called so; correct the name")
        }
    }
}
