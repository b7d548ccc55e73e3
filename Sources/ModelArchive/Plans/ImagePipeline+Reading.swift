import Preprocessing
import Weights

extension ImagePipeline {
    /// The steps that a recipe takes, in its order.
    private static let order = ["Orientationd", "Spacingd", "ScaleIntensityRanged", "CropForegroundd", "SpatialPadd"]
    /// Steps that every reading implies.
    private static let implied: Set<String> = ["LoadImaged", "EnsureChannelFirstd", "AddChanneld", "ToTensord", "EnsureTyped"]

    /// Reads a chain of transforms.
    /// - Throws: `ArchiveError.configuration` for a step out of order or with values that Viscera does not compute.
    init(_ components: [Component]) throws(ArchiveError) {
        var reached = -1
        var labelSteps: Set<Bool> = []
        for component in components where !Self.implied.contains(component.name) {
            if let position = Self.order.firstIndex(of: component.name) {
                guard random.isEmpty else {
                    throw component.place.failure("\(component.name) stands behind a random transform; move it before all of them")
                }
                guard position > reached else {
                    throw component.place.failure(
                        "\(component.name) is out of order; Viscera knows each step once, in the order \(Self.order.joined(separator: ", "))")
                }
                reached = position
                try add(component)
                if component.name != "ScaleIntensityRanged" { labelSteps.insert(component.texts("keys")?.contains("label") == true) }
            } else {
                random.append(try RandomTransform(component))
            }
        }
        guard labelSteps.count < 2 else {
            throw components[0].place.failure("some geometric steps name the key 'label' and others do not; name it in all of them or in none")
        }
        transformsLabels = labelSteps.contains(true)
        do { try recipe.validate() } catch { throw components[0].place.failure("\(error)") }
    }

    private mutating func add(_ component: Component) throws(ArchiveError) {
        let keys = component.texts("keys") ?? []
        guard keys.contains("image"), keys.allSatisfy({ ["image", "label"].contains($0) }) else {
            throw component.place("keys").failure("expected 'image' or ['image', 'label'], found \(keys)")
        }
        switch component.name {
        case "Orientationd": recipe.orientation = try component.required("axcodes", component.text("axcodes"))
        case "Spacingd": try addSpacing(component, keys: keys)
        case "ScaleIntensityRanged":
            try component.require("keys", keys == ["image"], "'image' alone")
            let lower = try component.required("a_min", component.number("a_min"))
            let upper = try component.required("a_max", component.number("a_max"))
            try component.require("b_min", component.number("b_min") == 0, "0")
            try component.require("b_max", component.number("b_max") == 1, "1")
            try component.require("clip", component.flag("clip") == true, "true")
            recipe.intensity = IntensityWindow(lower: lower, upper: upper)
        case "CropForegroundd":
            try component.require("source_key", component.text("source_key") == "image", "'image'")
            try component.require("margin", (component.numbers("margin") ?? [0]).allSatisfy { $0 == 0 }, "0")
            try component.require("k_divisible", (component.numbers("k_divisible") ?? [1]).allSatisfy { $0 == 1 }, "1")
            recipe.cropsForeground = true
        default:
            try component.require("method", [nil, "symmetric"].contains(component.text("method")), "'symmetric'")
            try component.require("mode", (component.texts("mode") ?? ["constant"]).allSatisfy { $0 == "constant" }, "'constant'")
            recipe.minimumShape = try component.required("spatial_size", component.shape("spatial_size"))
        }
    }

    private mutating func addSpacing(_ component: Component, keys: [String]) throws(ArchiveError) {
        let modes = component.texts("mode") ?? ["bilinear"]
        let expected = keys.map { $0 == "label" ? "nearest" : "bilinear" }
        try component.require("mode", modes == expected || (keys.count == 1 && modes == expected), "\(expected) for the keys \(keys)")
        try component.require("padding_mode", (component.texts("padding_mode") ?? ["border"]).allSatisfy { $0 == "border" }, "'border'")
        recipe.spacing = try component.required("pixdim", component.numbers("pixdim"))
    }
}

extension RandomTransform {
    /// Reads a random transform.
    init(_ component: Component) throws(ArchiveError) {
        let probability = component.number("prob") ?? 0.1
        try component.require("prob", (0...1).contains(probability), "a probability 0…1")
        switch component.name {
        case "RandCropByPosNegLabeld":
            let (positive, negative) = (component.number("pos") ?? 1, component.number("neg") ?? 1)
            try component.require("pos", positive >= 0 && negative >= 0 && positive + negative > 0, "two shares of which one is above 0")
            self = .cropByLabel(
                shape: try component.required("spatial_size", component.shape("spatial_size")), positive: positive, negative: negative,
                samples: try Self.samples(component), threshold: component.number("image_threshold") ?? 0)
        case "RandSpatialCropSamplesd":
            try component.require("random_size", component.flag("random_size") == false, "false")
            try component.require("random_center", component.flag("random_center") ?? true, "true")
            self = .crop(shape: try component.required("roi_size", component.shape("roi_size")), samples: try Self.samples(component))
        case "RandFlipd":
            let axes = component.numbers("spatial_axis") ?? []
            try component.require(
                "spatial_axis", axes.count == 1 && (0...2).contains(axes[0]), "one axis, 0, 1 or 2; repeat the transform for others")
            self = .flip(axis: Int(axes[0]), probability: probability)
        case "RandRotate90d":
            let axes = (component.numbers("spatial_axes") ?? [0, 1]).map { Int($0) }
            let turns = component.integer("max_k") ?? 3
            try component.require("spatial_axes", axes.count == 2 && Set(axes).count == 2 && axes.allSatisfy((0...2).contains), "two different axes")
            try component.require("max_k", (1...3).contains(turns), "1, 2 or 3")
            self = .rotate90(axes: axes, turns: turns, probability: probability)
        case "RandShiftIntensityd": self = .shiftIntensity(offset: try Self.amplitude(component, "offsets"), probability: probability)
        case "RandScaleIntensityd": self = .scaleIntensity(factor: try Self.amplitude(component, "factors"), probability: probability)
        case "CopyItemsd": self = .copy(names: component.texts("names") ?? [])
        case "OneOf": self = try Self.choice(component)
        case "RandCoarseDropoutd":
            try component.require("fill_value", component["fill_value"] == nil, "nothing: holes are filled with noise")
            try component.require("max_holes", component["max_holes"] == nil, "nothing: the number of holes is fixed")
            self = .coarseDropout(
                key: try Self.key(component), holes: try component.required("holes", component.integer("holes")),
                smallest: try component.required("spatial_size", component.shape("spatial_size")), largest: try component.shape("max_spatial_size"),
                dropsHoles: component.flag("dropout_holes") ?? true, probability: probability)
        case "RandCoarseShuffled":
            try component.require("max_holes", component["max_holes"] == nil, "nothing: the number of blocks is fixed")
            try component.require("max_spatial_size", component["max_spatial_size"] == nil, "nothing: the size of blocks is fixed")
            self = .coarseShuffle(
                key: try Self.key(component), holes: try component.required("holes", component.integer("holes")),
                shape: try component.required("spatial_size", component.shape("spatial_size")), probability: probability)
        default: throw component.place.failure("\(component.name) is no random transform that Viscera knows")
        }
    }

    private static func samples(_ component: Component) throws(ArchiveError) -> Int {
        let samples = component.integer("num_samples") ?? 1
        try component.require("num_samples", samples >= 1, "at least 1")
        return samples
    }

    private static func key(_ component: Component) throws(ArchiveError) -> String {
        let keys = component.texts("keys") ?? []
        try component.require("keys", keys.count == 1, "one key: views that share their holes are not made")
        return keys[0]
    }

    /// The amplitude of a symmetric range.
    private static func amplitude(_ component: Component, _ name: String) throws(ArchiveError) -> Double {
        let values = try component.required(name, component.numbers(name))
        let isSymmetric = values.count == 1 || (values.count == 2 && values[0] == -values[1])
        try component.require(name, isSymmetric, "one number, for a range that is symmetric about 0")
        return abs(values[values.count - 1])
    }

    private static func choice(_ component: Component) throws(ArchiveError) -> RandomTransform {
        var reader = ComponentReader()
        var choices: [RandomTransform] = []
        for (index, element) in (component["transforms"]?.elements ?? []).enumerated() {
            if let found = try reader.component(element, slot: .transforms, at: component.place("transforms")[index]) {
                choices.append(try RandomTransform(found))
            }
        }
        let weights = component.numbers("weights") ?? [Double](repeating: 1, count: choices.count)
        try component.require("transforms", !choices.isEmpty, "at least one transform")
        try component.require("weights", weights.count == choices.count && weights.allSatisfy { $0 > 0 }, "one weight above 0 for each transform")
        return .oneOf(choices, weights: weights)
    }
}
