import Torch

/// PyTorch's starting values.
package enum Initialisation {
    /// U(−1/√fanIn, 1/√fanIn): weights and biases of linear layers and convolutions.
    package static func uniform(_ shape: [Int], fanIn: Int, generator: Generator?) throws(TorchError) -> Tensor {
        let bound = 1 / Double(max(1, fanIn)).squareRoot()
        return try Tensor.rand(shape, in: -bound..<bound, generator: generator).requiringGradient()
    }

    /// N(0, deviation): position embeddings and perceptron patch projections.
    package static func normal(_ shape: [Int], deviation: Double, generator: Generator?) throws(TorchError) -> Tensor {
        try Tensor.randn(shape, mean: 0, deviation: deviation, generator: generator).requiringGradient()
    }

    package static func constant(_ value: Double, _ shape: [Int]) throws(TorchError) -> Tensor {
        try Tensor.full(value, shape).requiringGradient()
    }
}
