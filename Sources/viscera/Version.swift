/// The version of the tool.
enum Version {
    /// As in a release's name: major, minor, patch.
    static let number = "0.1.0"
}
