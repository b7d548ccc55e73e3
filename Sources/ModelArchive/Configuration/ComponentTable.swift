/// The place of a component in a configuration, which decides which components may stand there.
enum ComponentSlot: String, Sendable, CaseIterable {
    case loss, optimizer
    case schedule = "lr_scheduler"
    case model
    case transforms = "pre_transforms"
    case dataset, dataloader, inferer, handlers
    case postprocessing = "post_transforms"
    case metric = "key_metric"
    case additionalMetrics = "additional_metrics"
    case trainer, evaluator
}

/// What an argument must be.
enum ArgumentKind: Sendable, Equatable {
    case number, integer, flag, text
    /// One number or a list of numbers.
    case numbers
    /// One whole number or a list of them.
    case integers
    /// One text or a list of texts.
    case texts
    /// One truth value or a list of them.
    case flags
    /// A truth value or a count, or a list of them.
    case counts
    /// A reference or a known expression.
    case object
    /// A map of names to references, or a list of names.
    case objects
    /// A list of components of the same slot.
    case components
}

/// The components that Viscera knows, by slot, with all their arguments: those of Clara Train 4.1's samples that a UNETR or its pre-training needs.
enum ComponentTable {
    typealias Schema = [String: ArgumentKind]

    /// Arguments that are accepted and change nothing here, with the reason.
    static let withoutEffect: [String: String] = [
        "num_workers": "patches are prepared by threads of Viscera's own", "num_init_workers": "volumes are read by threads of Viscera's own",
        "num_replace_workers": "volumes are read by threads of Viscera's own", "reader": "the format is told by the content",
        "device": "the device is chosen with --device", "sw_device": "the device is chosen with --device", "progress": "see --quiet",
        "to_tensor": "there are no tensors between steps", "print_lr": "the rate is part of every progress line",
        "map_location": "weights are read on the CPU", "align_corners": "voxel centres are aligned as MONAI does by default",
        "dtype": "volumes are read in single precision", "image_only": "the grid always travels with the voxels",
        "allow_smaller": "smaller volumes are padded", "save_rank": "there is one process",
    ]

    static let schemas: [ComponentSlot: [String: Schema]] = [
        .loss: losses, .optimizer: optimizers, .schedule: schedules, .model: models, .transforms: transforms, .dataset: datasets,
        .dataloader: [
            "DataLoader": ["dataset": .object, "batch_size": .integer, "shuffle": .flag, "num_workers": .integer, "drop_last": .flag]
        ], .inferer: inferers, .handlers: handlers, .postprocessing: postprocessing, .metric: metrics, .additionalMetrics: metrics,
        .trainer: trainers,
        .evaluator: [
            "SupervisedEvaluator": [
                "val_data_loader": .object, "network": .object, "inferer": .object, "postprocessing": .object, "key_val_metric": .object,
                "additional_metrics": .object, "val_handlers": .object, "amp": .flag, "device": .text,
            ]
        ],
    ]

    /// Paths of code that stand for components known here; other code is never run.
    static let paths: [String: String] = [
        "vit_network.ViTAutoEnc": "ViTAutoEnc", "monai.networks.nets.UNETR": "UNETR", "monai.networks.nets.unetr.UNETR": "UNETR",
        "monai.networks.nets.ViTAutoEnc": "ViTAutoEnc", "viscera.SelfSupervisedTrainer": "SelfSupervisedTrainer",
        "monai.losses.ContrastiveLoss": "ContrastiveLoss", "monai.losses.DiceCELoss": "DiceCELoss", "torch.nn.L1Loss": "L1Loss",
    ]

    private static let losses: [String: Schema] = [
        "DiceCELoss": dice.merging(["lambda_dice": .number, "lambda_ce": .number, "label_smoothing": .number]) { $1 }, "DiceLoss": dice,
        "L1Loss": [:], "ContrastiveLoss": ["temperature": .number, "batch_size": .integer],
    ]
    private static let dice: Schema = [
        "include_background": .flag, "to_onehot_y": .flag, "softmax": .flag, "sigmoid": .flag, "squared_pred": .flag, "jaccard": .flag,
        "reduction": .text, "smooth_nr": .number, "smooth_dr": .number, "batch": .flag,
    ]

    private static let optimizers: [String: Schema] = ["Adam": adam, "AdamW": adam]
    private static let adam: Schema = [
        "params": .object, "lr": .number, "betas": .numbers, "eps": .number, "weight_decay": .number, "amsgrad": .flag,
    ]

    private static let schedules: [String: Schema] = [
        "StepLR": ["optimizer": .object, "step_size": .integer, "gamma": .number],
        "CosineAnnealingLR": ["optimizer": .object, "T_max": .integer, "eta_min": .number],
        "WarmupCosineSchedule": ["optimizer": .object, "warmup_steps": .integer, "t_total": .integer, "cycles": .number],
    ]

    private static let models: [String: Schema] = [
        "UNETR": [
            "in_channels": .integer, "out_channels": .integer, "img_size": .integers, "feature_size": .integer, "hidden_size": .integer,
            "mlp_dim": .integer, "num_heads": .integer, "num_layers": .integer, "pos_embed": .text, "proj_type": .text, "norm_name": .text,
            "conv_block": .flag, "res_block": .flag, "dropout_rate": .number, "spatial_dims": .integer,
        ],
        "ViTAutoEnc": [
            "in_channels": .integer, "out_channels": .integer, "img_size": .integers, "patch_size": .integers, "deconv_chns": .integer,
            "hidden_size": .integer, "mlp_dim": .integer, "num_layers": .integer, "num_heads": .integer, "pos_embed": .text, "proj_type": .text,
            "dropout_rate": .number, "spatial_dims": .integer,
        ],
    ]

    private static let transforms: [String: Schema] = [
        "LoadImaged": ["keys": .texts, "reader": .text, "dtype": .text, "image_only": .flag], "EnsureChannelFirstd": ["keys": .texts],
        "AddChanneld": ["keys": .texts], "ToTensord": ["keys": .texts], "EnsureTyped": ["keys": .texts],
        "Orientationd": ["keys": .texts, "axcodes": .text],
        "Spacingd": ["keys": .texts, "pixdim": .numbers, "mode": .texts, "padding_mode": .texts, "align_corners": .flags],
        "ScaleIntensityRanged": ["keys": .texts, "a_min": .number, "a_max": .number, "b_min": .number, "b_max": .number, "clip": .flag],
        "CropForegroundd": [
            "keys": .texts, "source_key": .text, "select_fn": .object, "margin": .integers, "k_divisible": .integers, "allow_smaller": .flag,
        ],
        "SpatialPadd": ["keys": .texts, "spatial_size": .integers, "method": .text, "mode": .texts],
        "RandCropByPosNegLabeld": [
            "keys": .texts, "label_key": .text, "spatial_size": .integers, "pos": .number, "neg": .number, "num_samples": .integer,
            "image_key": .text,
            "image_threshold": .number, "allow_smaller": .flag,
        ],
        "RandSpatialCropSamplesd": ["keys": .texts, "roi_size": .integers, "num_samples": .integer, "random_size": .flag, "random_center": .flag],
        "RandFlipd": ["keys": .texts, "spatial_axis": .integers, "prob": .number],
        "RandRotate90d": ["keys": .texts, "prob": .number, "max_k": .integer, "spatial_axes": .integers],
        "RandShiftIntensityd": ["keys": .texts, "offsets": .numbers, "prob": .number],
        "RandScaleIntensityd": ["keys": .texts, "factors": .numbers, "prob": .number],
        "CopyItemsd": ["keys": .texts, "times": .integer, "names": .texts], "OneOf": ["transforms": .components, "weights": .numbers],
        "RandCoarseDropoutd": [
            "keys": .texts, "prob": .number, "holes": .integer, "spatial_size": .integers, "max_holes": .integer, "max_spatial_size": .integers,
            "dropout_holes": .flag, "fill_value": .numbers,
        ],
        "RandCoarseShuffled": [
            "keys": .texts, "prob": .number, "holes": .integer, "spatial_size": .integers, "max_holes": .integer, "max_spatial_size": .integers,
        ],
    ]

    private static let datasets: [String: Schema] = [
        "Dataset": ["transform": .object],
        "CacheDataset": ["transform": .object, "cache_num": .integer, "cache_rate": .number, "num_workers": .integer],
        "SmartCacheDataset": [
            "transform": .object, "cache_num": .integer, "cache_rate": .number, "replace_rate": .number, "num_init_workers": .integer,
            "num_replace_workers": .integer,
        ], "PersistentDataset": ["transform": .object, "cache_dir": .text],
    ]

    private static let inferers: [String: Schema] = [
        "SimpleInferer": [:],
        "SlidingWindowInferer": [
            "roi_size": .integers, "sw_batch_size": .integer, "overlap": .number, "mode": .text, "device": .text, "sw_device": .text,
            "progress": .flag,
        ],
    ]

    private static let statistics: Schema = ["tag_name": .text, "output_transform": .object]
    private static let handlers: [String: Schema] = [
        "CheckpointLoader": ["load_path": .text, "load_dict": .objects, "strict": .flag, "map_location": .text],
        "LrScheduleHandler": ["lr_scheduler": .object, "print_lr": .flag],
        "ValidationHandler": ["validator": .object, "interval": .integer, "epoch_level": .flag], "StatsHandler": statistics,
        "TensorBoardStatsHandler": statistics.merging(["log_dir": .text]) { $1 }, "SmartCacheHandler": ["smart_cacher": .object],
        "EarlyStopHandler": ["patience": .integer, "min_delta": .number, "epoch_level": .flag],
        "CheckpointSaver": [
            "save_dir": .text, "save_dict": .objects, "save_key_metric": .flag, "key_metric_filename": .text, "key_metric_negative_sign": .flag,
            "save_final": .flag, "final_filename": .text, "save_interval": .integer,
        ],
        "MetricsSaver": [
            "save_dir": .text, "metrics": .texts, "metric_details": .texts, "batch_transform": .object, "summary_ops": .texts, "save_rank": .integer,
        ],
    ]

    private static let postprocessing: [String: Schema] = [
        "Activationsd": ["keys": .texts, "softmax": .flag, "sigmoid": .flag], "ToTensord": ["keys": .texts],
        "AsDiscreted": ["keys": .texts, "argmax": .flags, "to_onehot": .counts, "n_classes": .integer, "num_classes": .integer],
        "Invertd": [
            "keys": .texts, "transform": .object, "orig_keys": .texts, "meta_keys": .texts, "nearest_interp": .flags, "to_tensor": .flags,
            "device": .text,
        ],
        "SaveImaged": [
            "keys": .texts, "meta_keys": .texts, "output_dir": .text, "output_postfix": .text, "output_ext": .text, "resample": .flag,
            "squeeze_end_dims": .flag, "separate_folder": .flag,
        ], "KeepLargestConnectedComponentd": ["keys": .texts, "applied_labels": .integers, "independent": .flag],
    ]

    private static let metrics: [String: Schema] = [
        "MeanDice": ["include_background": .flag, "output_transform": .object], "Accuracy": ["output_transform": .object],
        "MeanAbsoluteError": ["output_transform": .object],
    ]

    private static let training: Schema = [
        "max_epochs": .integer, "train_data_loader": .object, "network": .object, "loss_function": .object, "optimizer": .object, "inferer": .object,
        "postprocessing": .object, "key_train_metric": .object, "additional_metrics": .object, "train_handlers": .object, "amp": .flag,
        "device": .text,
    ]
    private static let trainers: [String: Schema] = ["SupervisedTrainer": training, "SelfSupervisedTrainer": training]
}
