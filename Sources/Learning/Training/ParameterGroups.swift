import Torch

/// What holds for the parameters whose names begin with a prefix.
public struct ParameterRule: Codable, Sendable, Equatable {
    /// The beginning of parameter names, e.g. `vit.` for the encoder; empty for all.
    public var prefix: String
    /// What the learning rate is multiplied by; 0 freezes the parameters.
    public var factor: Double
    /// Steps, from the first of the run on, during which the parameters are frozen too; `nil` for none.
    public var heldSteps: Int?

    public init(prefix: String, factor: Double, heldSteps: Int? = nil) {
        self.prefix = prefix
        self.factor = factor
        self.heldSteps = heldSteps
    }
}

/// Adam or AdamW over groups of parameters that learn at different rates; frozen ones record no gradient and keep their values.
final class ParameterGroups {
    private let groups: [(factor: Double, optimizer: Adam)]
    /// The parameters that learn, in their order.
    let learning: [Tensor]
    /// How many numbers are frozen.
    let frozenCount: Int
    /// Parameters that are frozen until a step.
    private let held: [(tensor: Tensor, until: Int)]

    /// - Parameters:
    ///   - factor: what the learning rate of a parameter is multiplied by.
    ///   - heldSteps: until which step a parameter is frozen.
    init(
        _ parameters: [(name: String, tensor: Tensor)], options: AdamOptions, factor: (String) -> Double, heldSteps: (String) -> Int = { _ in 0 }
    ) throws(TorchError) {
        var members: [Double: [(name: String, tensor: Tensor)]] = [:]
        var frozen = 0
        var free: [Tensor] = []
        for parameter in parameters {
            let factor = factor(parameter.name)
            try parameter.tensor.requiringGradient(factor > 0)
            guard factor > 0 else {
                frozen += parameter.tensor.count
                continue
            }
            free.append(parameter.tensor)
            members[factor, default: []].append(parameter)
        }
        (learning, frozenCount) = (free, frozen)
        held = parameters.filter { factor($0.name) > 0 && heldSteps($0.name) > 0 }.map { ($0.tensor, heldSteps($0.name)) }
        groups = members.sorted { $0.key > $1.key }.map { ($0.key, Adam($0.value, options: options)) }
    }

    /// Freezes what is held at this step and releases the rest. A held parameter has no gradient, so that the optimizer passes it over.
    func hold(at step: Int) throws(TorchError) {
        for (tensor, until) in held { try tensor.requiringGradient(step >= until) }
    }

    /// Changes every learning parameter.
    func step(learningRate: Double) throws(TorchError) {
        for (factor, optimizer) in groups {
            optimizer.options.learningRate = learningRate * factor
            try optimizer.step()
        }
    }

    func clearGradients() throws(TorchError) {
        for group in groups { try group.optimizer.clearGradients() }
    }

    /// The moments by parameter name, live.
    func state() throws(TorchError) -> [(name: String, tensor: Tensor)] {
        var entries: [(name: String, tensor: Tensor)] = []
        for group in groups { entries += try group.optimizer.state() }
        return entries
    }

    /// Overwrites the moments by name.
    func restore(_ saved: [String: Tensor]) throws(TorchError) {
        for group in groups { try group.optimizer.restore(saved) }
    }
}
