import Datasets

extension ArchiveBlueprint {
    /// The papers of the archive.
    var documents: [File] {
        [
            File(path: "docs/Readme.md", content: readme), File(path: "docs/license.txt", content: license),
            File(path: "resources/log.config", content: logging),
        ]
    }

    private var readme: String {
        """
        # \(title)

        **Research use only. Not a medical device; not for diagnosis or treatment.**

        A model archive in the layout of Clara Train 4.1, run by Viscera without Python. The network is a UNETR
        (\(network.imageShape.map(String.init).joined(separator: " × ")) voxels, \(network.outChannels) channels) whose transformer can be
        pre-trained on unlabelled CT. Labels: 0 background, 1 spleen, 2 right kidney, 3 left kidney, 4 gallbladder, 5 esophagus, 6 liver, 7 stomach,
        8 aorta, 9 inferior vena cava, 10 portal and splenic veins, 11 pancreas, 12 right adrenal gland, 13 left adrenal gland.

        ## Data

        Write the folders of your data into `config/environment.json` (`DATA_ROOT`, `PRETRAIN_DATA_ROOT`). `viscera dataset prepare` lays out
        BTCV and TCIA's "CT Images in COVID-19" as the lists in `config` expect them; `viscera dataset check` looks for what would spoil a training.
        The published list `\(PublishedSplit.tcia.fileName)` has 23 patients both in training and in validation.

        ## Commands

        | script | what it does |
        |---|---|
        | `commands/pretrain.sh` | pre-trains the transformer; writes `ssl_models/best_metric_model.pt` |
        | `commands/train.sh` | trains the UNETR; `dont_load_pretraining=False` starts from the pre-trained transformer; writes `models/model.pt` |
        | `commands/train_multi_gpu.sh` | the same under `torchrun`, one process per GPU |
        | `commands/finetune.sh` | trains on from `models/model.pt` |
        | `commands/validate_ckpt.sh` | scores `models/model.pt` on the grid of the label maps; writes metrics to `eval` |
        | `commands/validate.sh` | the same with the exported `models/model.ts` |
        | `commands/infer.sh` | writes label maps of the section `test` to `eval` |
        | `commands/export.sh` | exports `models/model.pt` |

        Every script works from any folder and takes variables as arguments: `commands/train.sh epochs=100 learning_rate=2e-4`. A variable of the
        command line wins over `config/environment.json`, which wins over the configuration. `VISCERA` may name the executable to run.

        ## Limits

        Trained on adults' portal-venous CT, the network knows nothing of other phases, of children or of unusual anatomy. A score of one split says
        little about other scanners. Look at every result.

        """
    }

    private var license: String {
        """
        The scripts, configurations and texts of this archive are licensed under the Apache License, Version 2.0
        (https://www.apache.org/licenses/LICENSE-2.0), and come without warranty of any kind.

        Weights that are trained with it are subject to the terms of the data that they are trained on. BTCV (Synapse
        syn3193805) and TCIA's "CT Images in COVID-19" have terms of use of their own; they are not part of this archive.

        Research use only: not a medical device, not for diagnosis or treatment.

        """
    }

    private var logging: String {
        """
        [loggers]
        keys=root,modelLogger

        [handlers]
        keys=consoleHandler

        [formatters]
        keys=fullFormatter

        [logger_root]
        level=INFO
        handlers=consoleHandler

        [logger_modelLogger]
        level=DEBUG
        handlers=consoleHandler
        qualname=modelLogger
        propagate=0

        [handler_consoleHandler]
        class=StreamHandler
        level=DEBUG
        formatter=fullFormatter
        args=(sys.stdout,)

        [formatter_fullFormatter]
        format=%(asctime)s - %(name)s - %(levelname)s - %(message)s

        """
    }
}
