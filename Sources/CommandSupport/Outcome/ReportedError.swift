/// An error of a library that says for itself how the tool ends because of it.
package protocol ReportedError: Error {
    /// The message for the reader and the number for the shell.
    var failure: ToolFailure { get }
}
