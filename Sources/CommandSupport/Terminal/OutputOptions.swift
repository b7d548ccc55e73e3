import ArgumentParser

/// The options that every command has.
package struct OutputOptions: ParsableArguments {
    @Flag(name: .long, help: "Write the result as JSON on standard output.")
    package var json = false

    @Flag(name: .shortAndLong, help: "Write nothing but results and errors.")
    package var quiet = false

    package init() {}

    /// Where the command speaks.
    package var console: Console { Console(isQuiet: quiet, isJSON: json) }

    /// The options as another process takes them.
    package var arguments: [String] { (json ? ["--json"] : []) + (quiet ? ["--quiet"] : []) }
}
