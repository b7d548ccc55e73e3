import Models

extension NetworkPlan {
    /// Reads the `model` section.
    /// - Throws: `ArchiveError.configuration` for sizes that cannot be or that Viscera does not build.
    init(_ component: Component) throws(ArchiveError) {
        var transformer = VisionTransformerConfiguration()
        transformer.inChannels = component.integer("in_channels") ?? 1
        if let shape = try component.shape("img_size") { transformer.imageShape = shape }
        transformer.hiddenSize = component.integer("hidden_size") ?? 768
        transformer.mlpSize = component.integer("mlp_dim") ?? 3072
        transformer.headCount = component.integer("num_heads") ?? 12
        transformer.layerCount = component.integer("num_layers") ?? 12
        try component.require("spatial_dims", [nil, 3].contains(component.integer("spatial_dims")), "3")
        try component.require("dropout_rate", (component.number("dropout_rate") ?? 0) == 0, "0")
        // MONAI up to 1.3 calls the projection pos_embed, later versions proj_type.
        let argument = component["proj_type"] == nil ? "pos_embed" : "proj_type"
        let isAutoencoder = component.name == "ViTAutoEnc"
        let projection = component.text(argument) ?? (isAutoencoder ? "conv" : "perceptron")
        try component.require(argument, ["conv", "perceptron"].contains(projection), "'conv' or 'perceptron'")
        transformer.patchProjection = projection == "conv" ? .convolution : .perceptron
        do {
            if isAutoencoder {
                if let patch = try component.shape("patch_size") { transformer.patchShape = patch }
                try component.require("out_channels", [nil, transformer.inChannels].contains(component.integer("out_channels")), "in_channels")
                try transformer.validate(path: component.place["args"].keyPath)
                self = .autoencoder(transformer, decoderChannels: component.integer("deconv_chns") ?? 16)
            } else {
                let network = try Self.unetr(component, transformer)
                try network.validate(path: component.place["args"].keyPath)
                self = .unetr(network)
            }
        } catch let error as ConfigurationError {
            throw component.place.failure("\(error)")
        } catch let error as ArchiveError { throw error } catch { throw component.place.failure("\(error)") }
    }

    private static func unetr(_ component: Component, _ transformer: VisionTransformerConfiguration) throws(ArchiveError) -> UNETRConfiguration {
        try component.require("norm_name", [nil, "instance"].contains(component.text("norm_name")), "'instance'")
        try component.require("conv_block", component.flag("conv_block") ?? true, "true")
        try component.require("res_block", component.flag("res_block") ?? true, "true")
        var network = UNETRConfiguration()
        network.inChannels = transformer.inChannels
        network.outChannels = try component.required("out_channels", component.integer("out_channels"))
        network.imageShape = transformer.imageShape
        network.featureSize = component.integer("feature_size") ?? 16
        network.hiddenSize = transformer.hiddenSize
        network.mlpSize = transformer.mlpSize
        network.headCount = transformer.headCount
        network.layerCount = transformer.layerCount
        network.patchProjection = transformer.patchProjection
        return network
    }
}

extension LossPlan {
    /// Reads the `loss` section: one component, or the two of pre-training.
    init(_ components: [Component], at place: ConfigurationPlace) throws(ArchiveError) {
        let names = components.map(\.name)
        if let dice = components.first, names.count == 1, ["DiceCELoss", "DiceLoss"].contains(dice.name) {
            self = .diceCrossEntropy(try DiceOptions(dice))
        } else if names.first == "L1Loss", names.count == 1 || names == ["L1Loss", "ContrastiveLoss"] {
            let temperature = components.count == 2 ? components[1].number("temperature") ?? 0.05 : nil
            if let temperature { try components[1].require("temperature", temperature > 0, "a number above 0") }
            self = .reconstruction(temperature: temperature)
        } else {
            throw place.failure("expected DiceCELoss, DiceLoss, L1Loss, or the list of L1Loss and ContrastiveLoss, found \(names)")
        }
    }
}

extension LossPlan.DiceOptions {
    fileprivate init(_ component: Component) throws(ArchiveError) {
        try component.require("softmax", component.flag("softmax") == true, "true: every voxel has one label")
        try component.require("to_onehot_y", component.flag("to_onehot_y") == true, "true: label maps hold label values")
        try component.require("sigmoid", component.flag("sigmoid") != true, "false")
        try component.require("jaccard", component.flag("jaccard") != true, "false")
        try component.require("reduction", [nil, "mean"].contains(component.text("reduction")), "'mean'")
        diceWeight = component.number("lambda_dice") ?? 1
        crossEntropyWeight = component.name == "DiceLoss" ? 0 : component.number("lambda_ce") ?? 1
        includesBackground = component.flag("include_background") ?? true
        squaresPredictions = component.flag("squared_pred") ?? false
        poolsBatch = component.flag("batch") ?? false
        numeratorSmoothing = component.number("smooth_nr") ?? 1e-5
        denominatorSmoothing = component.number("smooth_dr") ?? 1e-5
        labelSmoothing = component.number("label_smoothing") ?? 0
    }
}

extension OptimizerPlan {
    /// Reads the `optimizer` section; numbers that are left out are PyTorch's.
    init(_ component: Component) throws(ArchiveError) {
        isDecoupled = component.name == "AdamW"
        learningRate = component.number("lr") ?? 1e-3
        weightDecay = component.number("weight_decay") ?? (isDecoupled ? 0.01 : 0)
        betas = component.numbers("betas") ?? [0.9, 0.999]
        epsilon = component.number("eps") ?? 1e-8
        try component.require("lr", learningRate > 0 && learningRate.isFinite, "a number above 0")
        try component.require("weight_decay", weightDecay >= 0, "a number of at least 0")
        try component.require("betas", betas.count == 2 && betas.allSatisfy { (0..<1).contains($0) }, "two numbers in 0 ..< 1")
        try component.require("eps", epsilon > 0, "a number above 0")
        try component.require("amsgrad", component.flag("amsgrad") != true, "false")
    }
}

extension SchedulePlan {
    /// Reads the `lr_scheduler` section.
    init(_ component: Component) throws(ArchiveError) {
        func positive(_ name: String) throws(ArchiveError) -> Int {
            let value = try component.required(name, component.integer(name))
            try component.require(name, value > 0, "at least 1")
            return value
        }
        switch component.name {
        case "StepLR": self = .step(epochs: try positive("step_size"), factor: component.number("gamma") ?? 0.1)
        case "CosineAnnealingLR": self = .cosine(epochs: try positive("T_max"), floor: component.number("eta_min") ?? 0)
        default:
            try component.require("cycles", [nil, 0.5].contains(component.number("cycles")), "0.5")
            self = .warmUpCosine(warmUp: try positive("warmup_steps"), total: try positive("t_total"))
        }
    }
}
