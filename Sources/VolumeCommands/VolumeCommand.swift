import ArgumentParser

/// The commands that need no tensors: nothing here, nor below it, knows Torch.
package enum VolumeCommand {
    /// All of them, each with its name in its configuration.
    package static let all: [any ParsableCommand.Type] = [Evaluate.self, Inspect.self, PhantomCommand.self, DatasetCommand.self]
}
