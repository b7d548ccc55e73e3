import Weights

extension ArchiveBlueprint {
    /// The configuration of self-supervised pre-training: the published recipe (specification §1.2 and §1.3).
    var pretraining: JSONValue {
        let patch: JSONValue = .array(network.imageShape.map(JSONValue.integer))
        let autoencoder: JSONValue = [
            "path": "vit_network.ViTAutoEnc",
            "args": [
                "in_channels": "{INPUT_CHANNELS}", "img_size": patch, "patch_size": [16, 16, 16], "hidden_size": .integer(network.hiddenSize),
                "mlp_dim": .integer(network.mlpSize), "num_layers": .integer(network.layerCount), "num_heads": .integer(network.headCount),
                "pos_embed": network.patchProjection == .convolution ? "conv" : "perceptron",
            ],
        ]
        let random: [JSONValue] =
            [
                component("RandSpatialCropSamplesd", ["keys": "image", "roi_size": patch, "num_samples": 2, "random_size": false]),
                component("CopyItemsd", ["keys": "image", "times": 2, "names": ["gt_image", "image_2"]]),
            ] + corruption(of: "image") + corruption(of: "image_2")
        let handlers: [JSONValue] =
            [
                loadedCheckpoint("{PRETRAIN_WEIGHTS_FILE}", disabled: "{dont_load_ckpt_model}", strict: true),
                component("ValidationHandler", ["validator": "@evaluator", "epoch_level": true, "interval": "{num_interval_per_valid}"]),
            ] + statistics("{PRETRAIN_CKPT_DIR}", "train_loss")
        let train: JSONValue = [
            "loss": [component("L1Loss"), component("ContrastiveLoss", ["temperature": 0.05])],
            "optimizer": component("Adam", ["params": "#@model.parameters()", "lr": "{learning_rate}"]), "model": autoencoder,
            "pre_transforms": .array(steps(patch) + random),
            "dataset": data("CacheDataset", list: "{PRETRAIN_DATASET_JSON}", root: "{PRETRAIN_DATA_ROOT}", key: "{TRAIN_DATALIST_KEY}"),
            "dataloader": loader(batch: 4, shuffles: true), "inferer": component("SimpleInferer"), "handlers": .array(handlers),
            "trainer": trainer("path", "viscera.SelfSupervisedTrainer"),
        ]
        var result = globals(
            rate: 1e-4, epochs: 400, interval: 2, amp: false, continues: false,
            sections: ["train": train, "validate": pretrainingValidation(steps(patch) + random)])
        result = .object((result.members ?? []).filter { $0.name != "dont_load_pretraining" })
        return result
    }

    /// The deterministic steps: stored axes, no reorientation.
    private func steps(_ patch: JSONValue) -> [JSONValue] {
        func numbers(_ values: [Double]) -> [JSONValue] { values.map { Int(exactly: $0).map(JSONValue.integer) ?? .double($0) } }
        let window = numbers(pretrainingWindow)
        return [
            component("LoadImaged", ["keys": "image"]), component("EnsureChannelFirstd", ["keys": "image"]),
            component("Spacingd", ["keys": "image", "pixdim": .array(numbers(pretrainingSpacing)), "mode": "bilinear"]),
            component(
                "ScaleIntensityRanged", ["keys": "image", "a_min": window[0], "a_max": window[1], "b_min": 0.0, "b_max": 1.0, "clip": true]),
            component("CropForegroundd", ["keys": "image", "source_key": "image"]),
            component("SpatialPadd", ["keys": "image", "spatial_size": patch]),
        ]
    }

    /// Inner or outer cutout, then shuffled blocks.
    private func corruption(of key: String) -> [JSONValue] {
        func cutout(smallest: Int, largest: Int, dropsHoles: Bool) -> JSONValue {
            component(
                "RandCoarseDropoutd",
                [
                    "keys": .string(key), "prob": 1.0, "holes": 6, "spatial_size": .integer(smallest), "max_spatial_size": .integer(largest),
                    "dropout_holes": .bool(dropsHoles),
                ])
        }
        let choices: JSONValue = [cutout(smallest: 5, largest: 32, dropsHoles: true), cutout(smallest: 20, largest: 64, dropsHoles: false)]
        return [
            component("OneOf", ["transforms": choices]),
            component("RandCoarseShuffled", ["keys": .string(key), "prob": 0.8, "holes": 10, "spatial_size": 8]),
        ]
    }

    private func pretrainingValidation(_ transforms: [JSONValue]) -> JSONValue {
        let saver: JSONValue = [
            "name": "CheckpointSaver", "rank": 0,
            "args": [
                "save_dir": "{PRETRAIN_CKPT_DIR}", "save_dict": ["state_dict": "@model"], "save_key_metric": true,
                "key_metric_filename": "best_metric_model.pt", "key_metric_negative_sign": true,
            ],
        ]
        return [
            "pre_transforms": .array(transforms),
            "dataset": data("CacheDataset", list: "{PRETRAIN_DATASET_JSON}", root: "{PRETRAIN_DATA_ROOT}", key: "{VAL_DATALIST_KEY}"),
            "dataloader": loader(batch: 4, shuffles: false), "inferer": component("SimpleInferer"), "handlers": [saver],
            "key_metric": ["name": "MeanAbsoluteError", "log_label": "val_l1"], "evaluator": evaluator,
        ]
    }
}
