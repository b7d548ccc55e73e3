/// A number with the name that logs and plots show.
public struct NamedFigure: Sendable, Codable, Equatable {
    /// In lower camel case, e.g. `dice`, `crossEntropy`, `meanDice13Organs`.
    public var name: String
    public var value: Double

    public init(_ name: String, _ value: Double) {
        self.name = name
        self.value = value
    }
}
