/// The architecture that tensor shapes imply, with what had to be assumed.
public struct InferredArchitecture: Sendable, Equatable {
    /// The architecture; `nil` when the tensors belong to no network known here, or a size cannot be told.
    public var architecture: Architecture?
    /// What shapes do not tell and was assumed, in sentences.
    public var assumptions: [String] = []
    /// Why there is no architecture, or in which tensors the file deviates from it.
    public var problems: [String] = []

    /// Infers the architecture of weights under canonical names (see `NameMapping`).
    /// - Parameters:
    ///   - imageShape: the window [X, Y, Z] in voxels, when known; shapes tell only its number of tokens, and a cube is assumed.
    ///   - headCount: the number of attention heads, when known; shapes tell nothing, and heads of width 64 are assumed.
    public init(of state: StateDictionary, imageShape: [Int]? = nil, headCount: Int? = nil) {
        let prefix = state["vit.patch_embedding.position_embeddings"] == nil ? "" : "vit."
        guard let positions = state[prefix + "patch_embedding.position_embeddings"]?.shape, positions.count == 3, positions[1] > 0, positions[2] > 0
        else {
            problems = ["there are no position embeddings: the weights are not of a UNETR, auto-encoder or vision transformer"]
            return
        }
        var sizes = Architecture()
        sizes.hiddenSize = positions[2]
        readTransformer(state, prefix, &sizes)
        readRole(state, prefix, &sizes)
        readPatches(state, prefix, &sizes)
        chooseHeads(headCount, &sizes)
        chooseImage(imageShape, tokens: positions[1], &sizes)
        guard problems.isEmpty else { return }
        do { try sizes.validate() } catch {
            problems.append("\(error)")
            return
        }
        architecture = sizes
        compare(state, sizes)
    }

    private mutating func readTransformer(_ state: StateDictionary, _ prefix: String, _ sizes: inout Architecture) {
        var layers = 0
        while state["\(prefix)blocks.\(layers).norm1.weight"] != nil { layers += 1 }
        sizes.layerCount = layers
        if layers == 0 { problems.append("there are no transformer blocks") }
        sizes.mlpSize = state[prefix + "blocks.0.mlp.linear1.weight"]?.shape.first ?? 0
    }

    private mutating func readRole(_ state: StateDictionary, _ prefix: String, _ sizes: inout Architecture) {
        if let output = state["out.conv.conv.weight"]?.shape, output.count == 5, prefix == "vit." {
            // One class would leave nothing to choose between: such a network restores images.
            (sizes.kind, sizes.outChannels, sizes.featureSize) = (output[0] == 1 ? .restoringUNETR : .unetr, output[0], output[1])
        } else if let output = state["conv3d_transpose_1.weight"]?.shape, output.count == 5 {
            (sizes.kind, sizes.featureSize, sizes.outChannels) = (.vitAutoencoder, output[0], output[1])
            sizes.patchShape = output[2...].map { $0 < 1000 ? $0 * $0 : 0 }
        } else {
            (sizes.kind, sizes.outChannels, sizes.featureSize) = (.visionTransformer, 1, 16)
        }
    }

    private mutating func readPatches(_ state: StateDictionary, _ prefix: String, _ sizes: inout Architecture) {
        let name = prefix + "patch_embedding.patch_embeddings."
        if let shape = state[name + "weight"]?.shape, shape.count == 5 {
            sizes.patchProjection = .convolution
            sizes.inChannels = shape[1]
            sizes.patchShape = Array(shape[2...])
        } else if let shape = state[name + "1.weight"]?.shape, shape.count == 2 {
            sizes.patchProjection = .perceptron
            let voxels = sizes.patchShape.reduce(1, *)
            guard voxels > 0, shape[1] > 0, shape[1] % voxels == 0 else {
                problems.append("the patch projection takes \(shape[1]) values, which are no whole channels of a patch of \(sizes.patchShape)")
                return
            }
            sizes.inChannels = shape[1] / voxels
            if sizes.kind == .visionTransformer {
                assumptions.append("patches of 16³ voxels: a perceptron's weight tells only their product with the channels")
            }
        } else {
            problems.append("there is no patch projection for three dimensions")
        }
    }

    private mutating func chooseHeads(_ known: Int?, _ sizes: inout Architecture) {
        if let known {
            sizes.headCount = known
            return
        }
        let width = sizes.hiddenSize
        guard width <= 1_000_000 else { return }
        sizes.headCount = (1...max(width / 16, 1)).filter { width % $0 == 0 }.min { abs(width / $0 - 64) < abs(width / $1 - 64) } ?? 1
        assumptions.append("\(sizes.headCount) attention heads of width \(width / sizes.headCount): shapes do not tell their number")
    }

    private mutating func chooseImage(_ known: [Int]?, tokens: Int, _ sizes: inout Architecture) {
        if let known {
            sizes.imageShape = known
            guard known.count == 3, sizes.patchShape.allSatisfy({ $0 > 0 }), sizes.tokenCount == tokens else {
                problems.append("a window of \(known) does not have the file's \(tokens) tokens of \(sizes.patchShape) voxels")
                return
            }
            return
        }
        let side = Int(Double(tokens).squareRoot() > 1e6 ? 0 : Self.cubeRoot(tokens))
        guard side * side * side == tokens, sizes.patchShape.allSatisfy({ (1..<10_000).contains($0) }) else {
            problems.append("\(tokens) tokens are no cube: state the window's shape")
            return
        }
        sizes.imageShape = sizes.patchShape.map { $0 * side }
        assumptions.append("a cubic window of \(sizes.imageShape) voxels: shapes tell only its \(tokens) tokens")
    }

    /// The whole number whose cube is nearest to `value`.
    private static func cubeRoot(_ value: Int) -> Int {
        var root = 1
        while root * root * root < value, root < 100_000 { root += 1 }
        return root
    }

    /// Lists tensors that the architecture needs and the file lacks or shapes otherwise, and those that it has no place for.
    private mutating func compare(_ state: StateDictionary, _ sizes: Architecture) {
        let expected = sizes.tensors
        for tensor in expected {
            guard let found = state[tensor.name] else {
                problems.append("“\(tensor.name)” is missing")
                continue
            }
            if found.shape != tensor.shape { problems.append("“\(tensor.name)” has shape \(found.shape), expected \(tensor.shape)") }
        }
        let names = Set(expected.map(\.name))
        for name in state.names where !names.contains(name) { problems.append("“\(name)” has no place in the network") }
    }
}
