/// The version of the tool.
package enum Version {
    /// As in a release's name: major, minor, patch.
    package static let number = "0.1.0"

    /// What `viscera --version` says.
    package static let text = "viscera \(number)"
}
