import Torch

/// An exponential moving average of a network's parameters; early steps average over fewer weights so that the start is forgotten quickly.
final class WeightAverage {
    /// The averaged tensors, in the order of the parameters.
    private(set) var averages: [(name: String, tensor: Tensor)]
    private let decay: Double

    init(_ parameters: [(name: String, tensor: Tensor)], decay: Double) throws(TorchError) {
        self.decay = decay
        averages = []
        for (name, tensor) in parameters { averages.append((name, try tensor.detached().cloned())) }
    }

    /// Moves the average towards the parameters after step `step` (0-based); frozen parameters are their own average.
    func update(_ parameters: [(name: String, tensor: Tensor)], step: Int) throws(TorchError) {
        let kept = min(decay, Double(step + 1) / Double(step + 10))
        try withoutGradients { () throws(TorchError) in
            for index in averages.indices where parameters[index].tensor.requiresGradient {
                let average = averages[index].tensor
                try average.assign(average * kept + parameters[index].tensor * (1 - kept))
            }
        }
    }

    /// Replaces the averages with saved ones.
    func restore(_ saved: [String: Tensor]) throws(TorchError) {
        for (name, tensor) in averages { if let value = saved[name] { try tensor.assign(value) } }
    }
}
