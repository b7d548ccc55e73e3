import CTorch

/// The numbers of Adam and AdamW.
public struct AdamOptions: Sendable, Codable, Equatable {
    /// Step size; may be changed between steps by a schedule.
    public var learningRate: Double = 1e-4
    public var beta1: Double = 0.9
    public var beta2: Double = 0.999
    public var epsilon: Double = 1e-8
    public var weightDecay: Double = 0
    /// Whether the decay acts on the weights directly (AdamW) or is added to the gradient (Adam).
    public var decouplesWeightDecay: Bool = true

    public init(learningRate: Double = 1e-4, weightDecay: Double = 0, decouplesWeightDecay: Bool = true) {
        self.learningRate = learningRate
        self.weightDecay = weightDecay
        self.decouplesWeightDecay = decouplesWeightDecay
    }
}

/// Adam with bias correction (Kingma and Ba), or AdamW (Loshchilov and Hutter), in one fused pass over all parameters.
///
/// The state is made at the first step, laid out as the parameters are. To resume exactly, save `state()` and give it to `restore(_:)`.
public final class Adam {
    public var options: AdamOptions
    /// The named parameters being optimised, in a fixed order.
    public let parameters: [(name: String, tensor: Tensor)]
    private var averages: [Tensor] = []
    private var squaredAverages: [Tensor] = []
    private var steps: [Tensor] = []

    public init(_ parameters: [(name: String, tensor: Tensor)], options: AdamOptions = AdamOptions()) {
        self.parameters = parameters
        self.options = options
    }

    /// Changes every parameter that has a gradient. Parameters without one keep their value and their step count.
    public func step() throws(TorchError) {
        try makeState()
        var gradients: [Tensor] = []
        var indices: [Int] = []
        for (index, parameter) in parameters.enumerated() {
            guard let gradient = parameter.tensor.gradient else { continue }
            gradients.append(gradient)
            indices.append(index)
        }
        guard !indices.isEmpty else { return }
        let how = CTorchAdam(
            learning_rate: options.learningRate, beta1: options.beta1, beta2: options.beta2, epsilon: options.epsilon,
            weight_decay: options.weightDecay, decoupled: options.decouplesWeightDecay)
        let succeeded = withExtendedLifetime(gradients) {
            ctorch_adam_step(
                indices.map { parameters[$0].tensor.handle }, gradients.map(\.handle), indices.map { averages[$0].handle },
                indices.map { squaredAverages[$0].handle }, indices.map { steps[$0].handle }, indices.count, how)
        }
        try check(succeeded, "Adam step")
    }

    /// Forgets the gradients of all parameters.
    public func clearGradients() throws(TorchError) {
        for parameter in parameters { try parameter.tensor.setGradient(nil) }
    }

    /// The state by parameter name: `<name>.step`, `<name>.average`, `<name>.squaredAverage`. The tensors are live, not copies.
    public func state() throws(TorchError) -> [(name: String, tensor: Tensor)] {
        try makeState()
        return parameters.indices.flatMap { index in
            let name = parameters[index].name
            return [(name + ".step", steps[index]), (name + ".average", averages[index]), (name + ".squaredAverage", squaredAverages[index])]
        }
    }

    /// Overwrites the state by name; every entry must be present with its shape.
    public func restore(_ saved: [String: Tensor]) throws(TorchError) {
        for (name, tensor) in try state() {
            guard let source = saved[name] else {
                throw .operation("restore Adam", operands: [], reason: "the saved state has no entry \(name)")
            }
            guard source.shape == tensor.shape else {
                throw .operation("restore Adam \(name)", operands: [tensor.summary, source.summary], reason: "the shapes differ")
            }
            try tensor.assign(source)
        }
    }

    private func makeState() throws(TorchError) {
        guard steps.count != parameters.count else { return }
        for (_, parameter) in parameters {
            averages.append(try parameter.zerosLike())
            squaredAverages.append(try parameter.zerosLike())
            steps.append(try Tensor.zeros([], device: parameter.device))
        }
    }
}

/// Scales the gradients of the parameters so that their joint L2 norm is at most `maximum`; returns the norm before.
@discardableResult
public func clipGradientNorm(_ parameters: [Tensor], to maximum: Double) throws(TorchError) -> Double {
    let gradients = parameters.compactMap(\.gradient)
    let total = withExtendedLifetime(gradients) { ctorch_clip_gradient_norm(gradients.map(\.handle), gradients.count, maximum) }
    return try Tensor.made("clipGradientNorm", total).item()
}

extension Tensor {
    /// Zeros of the same shape, type, device and memory layout.
    public func zerosLike() throws(TorchError) -> Tensor { try made("zerosLike", ctorch_zeros_like(handle)) }
}
