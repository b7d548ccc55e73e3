import ArgumentParser

/// The options that every command has.
struct OutputOptions: ParsableArguments {
    @Flag(name: .long, help: "Write the result as JSON on standard output.")
    var json = false

    @Flag(name: .shortAndLong, help: "Write nothing but results and errors.")
    var quiet = false

    /// Where the command speaks.
    var console: Console { Console(isQuiet: quiet, isJSON: json) }
}
