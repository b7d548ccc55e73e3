import CTorch

extension Tensor {
    /// Whether operations on this tensor are recorded for `backward()`.
    public var requiresGradient: Bool { ctorch_requires_gradient(handle) }

    /// Turns recording on or off for a tensor that was not computed from others.
    @discardableResult
    public func requiringGradient(_ value: Bool = true) throws(TorchError) -> Tensor {
        try check(ctorch_set_requires_gradient(handle, value), "requiringGradient", [summary])
        return self
    }

    /// Adds the gradient of this scalar (or of self·seed) to every recorded leaf's `gradient`.
    public func backward(_ seed: Tensor? = nil) throws(TorchError) {
        try check(ctorch_backward(handle, seed?.handle), "backward", [summary] + (seed.map { [$0.summary] } ?? []))
    }

    /// What `backward()` has accumulated here; nil before.
    public var gradient: Tensor? { ctorch_gradient(handle).map(Tensor.init(owning:)) }

    /// Replaces the accumulated gradient, nil to clear it.
    public func setGradient(_ gradient: Tensor?) throws(TorchError) {
        try check(ctorch_set_gradient(handle, gradient?.handle), "setGradient", [summary] + (gradient.map { [$0.summary] } ?? []))
    }

    /// The same storage outside the recorded computation.
    public func detached() throws(TorchError) -> Tensor { try made("detached", ctorch_detach(handle)) }
}

/// Runs `body` without recording gradients on this thread. Must not contain a suspension point.
public func withoutGradients<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
    let previous = ctorch_set_gradient_mode(false)
    defer { _ = ctorch_set_gradient_mode(previous) }
    return try body()
}
