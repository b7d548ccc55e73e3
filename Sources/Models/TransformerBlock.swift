import Torch
import TorchNN

/// Multi-head self-attention; queries, keys and values come from one product laid out [q | k | v] × head × dimension.
public struct SelfAttention: Module {
    public static let stateNames = ["output": "out_proj"]

    public let output: Linear
    public let qkv: Linear
    private let headCount: Int

    init(width: Int, headCount: Int, generator: Generator?) throws(TorchError) {
        output = try Linear(width, width, generator: generator)
        qkv = try Linear(width, 3 * width, bias: false, generator: generator)
        self.headCount = headCount
    }

    /// [batch, tokens, width] → the same
    func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
        let (tokens, width) = (x.shape[1], x.shape[2])
        // [3, batch, heads, tokens, width / heads]
        let split = try qkv(x).reshaped(to: [-1, tokens, 3, headCount, width / headCount]).permuted([2, 0, 3, 1, 4])
        let query = try split.indexed(0)
        let attended = try query.scaledDotProductAttention(key: split.indexed(1), value: split.indexed(2))
        return try output(attended.permuted([0, 2, 1, 3]).reshaped(to: [-1, tokens, width]))
    }
}

/// Two linear layers with the exact GELU between them.
public struct Perceptron: Module {
    public let linear1: Linear
    public let linear2: Linear

    init(width: Int, hidden: Int, generator: Generator?) throws(TorchError) {
        linear1 = try Linear(width, hidden, generator: generator)
        linear2 = try Linear(hidden, width, generator: generator)
    }

    func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor { try linear2(linear1(x).gelu()) }
}

/// A pre-norm transformer block: x += attention(norm1(x)); x += mlp(norm2(x)).
public struct TransformerBlock: Module {
    public static let stateNames = ["attention": "attn"]

    public let mlp: Perceptron
    public let norm1: LayerNorm
    public let attention: SelfAttention
    public let norm2: LayerNorm

    init(_ configuration: VisionTransformerConfiguration, generator: Generator?) throws(TorchError) {
        let width = configuration.hiddenSize
        mlp = try Perceptron(width: width, hidden: configuration.mlpSize, generator: generator)
        norm1 = try LayerNorm(width)
        attention = try SelfAttention(width: width, headCount: configuration.headCount, generator: generator)
        norm2 = try LayerNorm(width)
    }

    /// [batch, tokens, width] → the same
    func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
        let attended = try x + attention(norm1(x))
        return try attended + mlp(norm2(attended))
    }
}
