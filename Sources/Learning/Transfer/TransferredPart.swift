/// What is carried from one network into another.
public enum TransferredPart: String, Sendable, CaseIterable {
    /// The transformer, as published.
    case encoder
    /// Transformer and convolutions, all but the last layer.
    case network
}
