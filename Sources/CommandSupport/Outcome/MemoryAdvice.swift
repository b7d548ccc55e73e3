/// What to do when a command needs more memory than there is.
package enum MemoryAdvice {
    /// The advice for the command that runs.
    package static var ofThisCommand: String { text(command: CommandLine.arguments.dropFirst().first { !$0.hasPrefix("-") }) }

    /// The options of a command that spare memory, in a sentence.
    package static func text(command: String?) -> String {
        let words =
            switch command {
            case "segment": "give a smaller --batch, a --max-memory that the work is fitted into, or for TorchScript programs a smaller --roi"
            case "train":
                "give a smaller --batch, --micro-batch, --roi or --network, --checkpoint-activations, or a smaller --memory, in which fewer volumes are held"
            case "pretrain":
                "give a smaller --batch, --crops, --micro-batch or --network, --checkpoint-activations, or a smaller --memory, in which fewer volumes are held"
            case "validate", "benchmark": "give a smaller --batch"
            default: "take a smaller network or window"
            }
        return "end other programs, or \(words)"
    }
}
