import ArgumentParser
import CommandSupport
import Foundation

/// The part of `viscera inspect` that needs LibTorch; `inspect` starts it.
struct InspectProgram: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect-program", abstract: "Say what a TorchScript program is.", shouldDisplay: false)

    @Argument(help: "A TorchScript program; it is loaded, which may execute code of the file.", completion: .file())
    var file: String

    @Flag(help: "List every tensor.")
    var tensors = false

    @OptionGroup(title: "Messages") var messages: OutputOptions

    func run() throws {
        let found = try ScriptInspection.of(URL(filePath: file))
        messages.console.result(found.text(listsTensors: tensors))
        try messages.console.json(found)
    }
}
