/// The shell scripts of an archive: they work from any folder and pass extra arguments on as variables (`train.sh epochs=100`).
enum CommandScripts {
    static let files: [ArchiveBlueprint.File] = [
        .init(path: "commands/set_env.sh", content: setEnvironment, isExecutable: true),
        script(
            "train.sh", "Fine-tunes the UNETR on labelled CT. With dont_load_pretraining=False it starts from PRETRAIN_WEIGHTS_FILE.",
            "train", ArchiveLayout.trainingConfiguration, "dont_load_ckpt_model=True"),
        script(
            "train_multi_gpu.sh", "Fine-tunes on the GPUs that torchrun starts processes for (two, or NUMBER_OF_GPUS).", "train",
            ArchiveLayout.trainingConfiguration, "dont_load_ckpt_model=True multi_gpu=True learning_rate=2e-4",
            launcher: "torchrun --standalone --nproc_per_node=\"${NUMBER_OF_GPUS:-2}\" --no-python "),
        script(
            "finetune.sh", "Trains on from the weights in MMAR_CKPT.", "train", ArchiveLayout.finetuningConfiguration, "dont_load_ckpt_model=False"),
        script(
            "pretrain.sh", "Pre-trains the transformer on unlabelled CT.", "train", ArchiveLayout.pretrainingConfiguration,
            "dont_load_ckpt_model=True"),
        script(
            "validate.sh", "Scores the exported model at the images' own resolution; writes metrics to eval/.", "archive validate",
            ArchiveLayout.validationConfiguration, "dont_load_ts_model=False dont_load_ckpt_model=True"),
        script(
            "validate_ckpt.sh", "Scores the checkpoint at the images' own resolution; writes metrics to eval/.", "archive validate",
            ArchiveLayout.checkpointValidationConfiguration, "dont_load_ts_model=True dont_load_ckpt_model=False"),
        script("infer.sh", "Segments the images of the list; writes label maps to eval/.", "archive infer", ArchiveLayout.inferenceConfiguration, ""),
        script("export.sh", "Exports the checkpoint for use elsewhere.", "archive export", ArchiveLayout.trainingConfiguration, ""),
    ]

    private static func script(
        _ name: String, _ purpose: String, _ command: String, _ configuration: String, _ settings: String, launcher: String = ""
    ) -> ArchiveBlueprint.File {
        let set = settings.isEmpty ? "" : " " + settings
        let content = """
            #!/usr/bin/env bash
            # \(purpose)
            # Arguments NAME=VALUE replace variables of the configuration.
            set -euo pipefail
            # shellcheck source-path=SCRIPTDIR source=set_env.sh
            . "$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/set_env.sh"

            exec \(launcher)"$VISCERA" \(command) -m "$MMAR_ROOT" -c \(configuration) \\
                -e config/environment.json --set print_conf=True\(set) "$@"

            """
        return .init(path: "commands/\(name)", content: content, isExecutable: true)
    }

    private static let setEnvironment = """
        #!/usr/bin/env bash
        # Read by the other scripts: where the archive lies, and the viscera that they run.
        MMAR_ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
        export MMAR_ROOT
        # VISCERA may name another executable.
        export VISCERA="${VISCERA:-viscera}"

        """
}
