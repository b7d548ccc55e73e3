import Weights

extension ArchiveBlueprint {
    /// The configurations and the file of variables.
    var configurations: [File] {
        let pairs: [(String, JSONValue)] = [
            (ArchiveLayout.trainingConfiguration, training(continues: false)), (ArchiveLayout.finetuningConfiguration, training(continues: true)),
            (ArchiveLayout.pretrainingConfiguration, pretraining), (ArchiveLayout.validationConfiguration, validation(usesCheckpoint: false)),
            (ArchiveLayout.checkpointValidationConfiguration, validation(usesCheckpoint: true)), (ArchiveLayout.inferenceConfiguration, inference),
            (ArchiveLayout.environment, environment),
        ]
        return pairs.map { File(path: $0, content: $1.prettyText) }
    }

    private var environment: JSONValue {
        [
            "CLARA_TRAIN_VERSION": "4.1.0", "PROCESSING_TASK": "segmentation", "DATA_ROOT": .string(dataRoot),
            "DATASET_JSON": .string("config/\(list)"), "PRETRAIN_DATA_ROOT": .string(pretrainingDataRoot),
            "PRETRAIN_DATASET_JSON": .string("config/\(pretrainingList)"), "TRAIN_DATALIST_KEY": "training", "VAL_DATALIST_KEY": "validation",
            "INFER_DATALIST_KEY": "test", "INPUT_CHANNELS": .integer(network.inChannels), "OUTPUT_CHANNELS": .integer(network.outChannels),
            "MMAR_EVAL_OUTPUT_PATH": "eval", "MMAR_CKPT_DIR": "models", "MMAR_CKPT": "models/model.pt", "MMAR_TORCHSCRIPT": "models/model.ts",
            "PRETRAIN_CKPT_DIR": "ssl_models", "PRETRAIN_WEIGHTS_FILE": "ssl_models/best_metric_model.pt",
        ]
    }

    // MARK: Pieces

    /// A component.
    func component(_ name: String, _ arguments: JSONValue = .object([])) -> JSONValue {
        arguments == .object([]) ? ["name": .string(name)] : ["name": .string(name), "args": arguments]
    }

    private func numbers(_ values: [Double]) -> JSONValue { .array(values.map { Int(exactly: $0).map(JSONValue.integer) ?? .double($0) }) }
    private func integers(_ values: [Int]) -> JSONValue { .array(values.map(JSONValue.integer)) }

    private var unetr: JSONValue {
        var arguments: [JSONValue.Member] = [
            .init("in_channels", "{INPUT_CHANNELS}"), .init("out_channels", "{OUTPUT_CHANNELS}"), .init("img_size", integers(network.imageShape)),
            .init("feature_size", .integer(network.featureSize)), .init("hidden_size", .integer(network.hiddenSize)),
            .init("mlp_dim", .integer(network.mlpSize)), .init("num_heads", .integer(network.headCount)),
        ]
        // MONAI's UNETR has twelve layers and no argument for them.
        if network.layerCount != 12 { arguments.append(.init("num_layers", .integer(network.layerCount))) }
        let projection: JSONValue = network.patchProjection == .convolution ? "conv" : "perceptron"
        arguments += [
            .init("pos_embed", projection), .init("norm_name", "instance"), .init("conv_block", true), .init("res_block", true),
            .init("dropout_rate", 0.0),
        ]
        return component("UNETR", .object(arguments))
    }

    private func loading(_ keys: JSONValue) -> [JSONValue] {
        [component("LoadImaged", ["keys": keys]), component("EnsureChannelFirstd", ["keys": keys])]
    }

    /// The deterministic steps of segmentation on `keys`.
    private func geometry(_ keys: JSONValue) -> [JSONValue] {
        let modes: JSONValue = keys.elements?.count == 2 ? ["bilinear", "nearest"] : ["bilinear"]
        return [
            component("Orientationd", ["keys": keys, "axcodes": "RAS"]),
            component("Spacingd", ["keys": keys, "pixdim": numbers(spacing), "mode": modes]), scaling(window),
            component("CropForegroundd", ["keys": keys, "source_key": "image"]),
        ]
    }

    private func scaling(_ window: [Double]) -> JSONValue {
        component(
            "ScaleIntensityRanged",
            [
                "keys": "image", "a_min": numbers(window).elements?[0] ?? 0, "a_max": numbers(window).elements?[1] ?? 1, "b_min": 0.0, "b_max": 1.0,
                "clip": true,
            ])
    }

    func data(_ kind: String, list: JSONValue = "{DATASET_JSON}", root: JSONValue = "{DATA_ROOT}", key: JSONValue) -> JSONValue {
        let arguments: JSONValue = kind == "CacheDataset" ? ["transform": "@pre_transforms", "cache_rate": 1.0] : ["transform": "@pre_transforms"]
        return [
            "name": .string(kind), "data_list_file_path": list, "data_file_base_dir": root, "data_list_key": key, "args": arguments,
        ]
    }

    func loader(batch: Int, shuffles: Bool) -> JSONValue {
        component("DataLoader", ["dataset": "@dataset", "batch_size": .integer(batch), "shuffle": .bool(shuffles)])
    }

    private func slidingWindow(overlap: Double) -> JSONValue {
        component(
            "SlidingWindowInferer",
            ["roi_size": integers(network.imageShape), "sw_batch_size": 4, "overlap": .double(overlap), "mode": "constant"])
    }

    func loadedCheckpoint(_ path: JSONValue, disabled: JSONValue, strict: Bool) -> JSONValue {
        [
            "name": "CheckpointLoader", "disabled": disabled,
            "args": ["load_path": path, "load_dict": ["model": "@model"], "strict": .bool(strict)],
        ]
    }

    func statistics(_ folder: JSONValue, _ tag: String?) -> [JSONValue] {
        let expression: JSONValue = tag == nil ? "lambda x: None" : "#monai.handlers.from_engine(['loss'], first=True)"
        var arguments: [JSONValue.Member] = []
        if let tag { arguments.append(.init("tag_name", .string(tag))) }
        arguments.append(.init("output_transform", expression))
        return [
            ["name": "StatsHandler", "rank": 0, "args": .object(arguments)],
            ["name": "TensorBoardStatsHandler", "rank": 0, "args": .object([JSONValue.Member("log_dir", folder)] + arguments)],
        ]
    }

    private static let fromEngine: JSONValue = "#monai.handlers.from_engine(['pred', 'label'])"

    // MARK: Files

    private func training(continues: Bool) -> JSONValue {
        let keys: JSONValue = ["image", "label"]
        let patch = component(
            "RandCropByPosNegLabeld",
            [
                "keys": keys, "label_key": "label", "spatial_size": integers(network.imageShape), "pos": 1, "neg": 1, "num_samples": 4,
                "image_key": "image", "image_threshold": 0,
            ])
        let flips = (0...2).map { component("RandFlipd", ["keys": keys, "spatial_axis": .integer($0), "prob": 0.1]) }
        let random =
            [patch] + flips + [
                component("RandRotate90d", ["keys": keys, "prob": 0.1, "max_k": 3]),
                component("RandShiftIntensityd", ["keys": "image", "offsets": 0.1, "prob": 0.5]),
            ]
        let post: [JSONValue] = [
            component("Activationsd", ["keys": "pred", "softmax": true]),
            component("AsDiscreted", ["keys": ["pred", "label"], "argmax": [true, false], "to_onehot": "{OUTPUT_CHANNELS}"]),
        ]
        let handlers: [JSONValue] =
            [
                loadedCheckpoint("{MMAR_CKPT}", disabled: "{dont_load_ckpt_model}", strict: true),
                loadedCheckpoint("{PRETRAIN_WEIGHTS_FILE}", disabled: "{dont_load_pretraining}", strict: false),
                component("LrScheduleHandler", ["lr_scheduler": "@lr_scheduler", "print_lr": true]),
                component("ValidationHandler", ["validator": "@evaluator", "epoch_level": true, "interval": "{num_interval_per_valid}"]),
            ] + statistics("{MMAR_CKPT_DIR}", "train_loss")
        let train: JSONValue = [
            "loss": component("DiceCELoss", ["to_onehot_y": true, "softmax": true]),
            "optimizer": component("Adam", ["params": "#@model.parameters()", "lr": "{learning_rate}"]),
            "lr_scheduler": component("StepLR", ["optimizer": "@optimizer", "step_size": 5000, "gamma": 0.1]), "model": unetr,
            "pre_transforms": .array(loading(keys) + geometry(keys) + random), "dataset": data("CacheDataset", key: "{TRAIN_DATALIST_KEY}"),
            "dataloader": loader(batch: 1, shuffles: true), "inferer": component("SimpleInferer"), "handlers": .array(handlers),
            "post_transforms": .array(post), "trainer": trainer("name", "SupervisedTrainer"),
        ]
        return globals(
            rate: 1e-4, epochs: continues ? 1260 : 3000, interval: 4, amp: true, continues: continues,
            sections: ["train": train, "validate": trainingValidation])
    }

    private var trainingValidation: JSONValue {
        let saver: JSONValue = [
            "name": "CheckpointSaver", "rank": 0,
            "args": [
                "save_dir": "{MMAR_CKPT_DIR}", "save_dict": ["model": "@model", "train_conf": "@conf"], "save_key_metric": true,
                "key_metric_filename": "model.pt", "save_final": true, "final_filename": "final_model.pt",
            ],
        ]
        let names = ["LoadImaged", "EnsureChannelFirstd", "Orientationd", "Spacingd", "ScaleIntensityRanged", "CropForegroundd"]
        return [
            "pre_transforms": .array(names.map { ["ref": .string($0)] }), "dataset": data("CacheDataset", key: "{VAL_DATALIST_KEY}"),
            "dataloader": loader(batch: 1, shuffles: false), "inferer": slidingWindow(overlap: 0.25),
            "handlers": .array(statistics("{MMAR_CKPT_DIR}", nil) + [saver]), "post_transforms": [["ref": "Activationsd"], ["ref": "AsDiscreted"]],
            "key_metric": [
                "name": "MeanDice", "log_label": "val_mean_dice", "args": ["include_background": false, "output_transform": Self.fromEngine],
            ], "evaluator": evaluator,
        ]
    }

    func trainer(_ key: String, _ name: String) -> JSONValue {
        .object([
            .init(key, .string(name)),
            .init(
                "args",
                [
                    "max_epochs": "{epochs}", "train_data_loader": "@dataloader", "network": "@model", "loss_function": "@loss",
                    "optimizer": "@optimizer", "inferer": "@inferer", "train_handlers": "@handlers", "amp": "{amp}",
                ]),
        ])
    }

    var evaluator: JSONValue {
        component(
            "SupervisedEvaluator",
            [
                "val_data_loader": "@dataloader", "network": "@model", "inferer": "@inferer", "postprocessing": "@post_transforms",
                "key_val_metric": "@key_metric", "val_handlers": "@handlers", "amp": "{amp}",
            ])
    }

    /// The globals of a training and its sections.
    func globals(rate: Double, epochs: Int, interval: Int, amp: Bool, continues: Bool, sections: JSONValue) -> JSONValue {
        let head: JSONValue = [
            "CLARA_TRAIN_VERSION": "4.1.0", "epochs": .integer(epochs), "use_gpu": true, "multi_gpu": false, "amp": .bool(amp),
            "num_interval_per_valid": .integer(interval), "learning_rate": .double(rate), "tf32": false, "determinism": ["random_seed": 0],
            "cudnn_benchmark": false, "dont_load_ckpt_model": .bool(!continues), "dont_load_pretraining": true,
        ]
        return .object((head.members ?? []) + (sections.members ?? []))
    }

    // MARK: Validation and inference

    private func validation(usesCheckpoint: Bool) -> JSONValue {
        let saver = component(
            "MetricsSaver",
            [
                "save_dir": "{MMAR_EVAL_OUTPUT_PATH}", "metrics": ["val_mean_dice"], "metric_details": ["val_mean_dice"],
                "batch_transform": "#monai.handlers.from_engine(['image_meta_dict'])", "summary_ops": "*", "save_rank": 0,
            ])
        // Only the image is resampled: Dice is computed on the grid of the label map as it was drawn.
        let steps = loading(["image", "label"]) + geometry(["image"])
        return evaluation(
            model: [
                ["ts_path": "{MMAR_TORCHSCRIPT}", "disabled": "{dont_load_ts_model}"],
                ["ckpt_path": "{MMAR_CKPT}", "disabled": "{dont_load_ckpt_model}"],
            ],
            switches: ["dont_load_ts_model": .bool(usesCheckpoint), "dont_load_ckpt_model": .bool(!usesCheckpoint)], steps: steps,
            key: "{VAL_DATALIST_KEY}", handlers: [saver],
            discrete: component("AsDiscreted", ["keys": ["pred", "label"], "argmax": [true, false], "to_onehot": "{OUTPUT_CHANNELS}"]),
            hasMetric: true)
    }

    private var inference: JSONValue {
        evaluation(
            model: [
                ["ts_path": "{MMAR_TORCHSCRIPT}", "disabled": "{dont_load_ts_model}"],
                ["ckpt_path": "{MMAR_CKPT}", "disabled": "{dont_load_ckpt_model}"],
            ], switches: ["dont_load_ts_model": true, "dont_load_ckpt_model": false], steps: loading(["image"]) + geometry(["image"]),
            key: "{INFER_DATALIST_KEY}", handlers: [], discrete: component("AsDiscreted", ["keys": "pred", "argmax": true]), hasMetric: false)
    }

    private func evaluation(
        model: JSONValue, switches: JSONValue, steps: [JSONValue], key: JSONValue, handlers: [JSONValue], discrete: JSONValue, hasMetric: Bool
    ) -> JSONValue {
        let inverse = component(
            "Invertd",
            [
                "keys": "pred", "transform": "@pre_transforms", "orig_keys": "image", "meta_keys": "pred_meta_dict", "nearest_interp": false,
                "to_tensor": true,
            ])
        let saving = component(
            "SaveImaged",
            [
                "keys": "pred", "meta_keys": "pred_meta_dict", "output_dir": "{MMAR_EVAL_OUTPUT_PATH}", "output_postfix": "seg", "resample": false,
                "squeeze_end_dims": true,
            ])
        let post = [component("Activationsd", ["keys": "pred", "softmax": true]), inverse, discrete, saving]
        let metric: JSONValue = [
            "key_metric": [
                "name": "MeanDice", "log_label": "val_mean_dice", "args": ["include_background": false, "output_transform": Self.fromEngine],
            ]
        ]
        let head: JSONValue = ["CLARA_TRAIN_VERSION": "4.1.0", "use_gpu": true, "multi_gpu": false, "amp": true]
        let body: JSONValue = [
            "model": model, "pre_transforms": .array(steps), "dataset": data("Dataset", key: key), "dataloader": loader(batch: 1, shuffles: false),
            "inferer": slidingWindow(overlap: 0.5),
            "handlers": .array([component("StatsHandler", ["output_transform": "lambda x: None"])] + handlers),
            "post_transforms": .array(post),
        ]
        var members: [JSONValue.Member] = []
        for part in hasMetric ? [head, switches, body, metric] : [head, switches, body] { members += part.members ?? [] }
        members.append(.init("evaluator", evaluator))
        return .object(members)
    }
}
