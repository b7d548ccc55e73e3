import Torch

/// The layers of the network, with this project's kernels and with LibTorch's own. Shapes are those of UNETR at 96³.
enum NetworkKernels {
    static var all: [() throws -> KernelPair] {
        [
            { try convolution(1, 16, 96) }, { try convolution(16, 16, 96) }, { try convolution(32, 16, 96) }, { try convolution(32, 32, 48) },
            { try convolution(64, 32, 48) }, { try convolution(64, 64, 24) }, { try convolution(128, 64, 24) },
            { try convolution(16, 16, 96, gradients: true) }, { try convolution(32, 32, 48, gradients: true) },
            { try pointwise(32, 16, 96) }, { try pointwise(16, 14, 96) }, { try doubling(32, 16, 48) }, { try doubling(64, 32, 24) },
            { try doubling(32, 16, 48, gradients: true) },
            { try normalisation(16, 96, gradients: false) }, { try normalisation(16, 96, gradients: true) }, loss,
        ]
    }

    /// The layer both ways; with gradients forward and backward together.
    private static func pair(_ name: String, _ operands: [Tensor], gradients: Bool, _ layer: @escaping ([Tensor]) throws -> Tensor) -> KernelPair {
        func run(_ own: Bool) throws {
            Kernels.use(own)
            defer { Kernels.use(true) }
            guard gradients else {
                _ = try withoutGradients { try layer(operands) }
                return
            }
            let copies = try operands.map { try $0.detached().requiringGradient() }
            let output = try layer(copies)
            try output.backward(output.detached())
        }
        return KernelPair(name: name + (gradients ? ", forward and backward" : ""), plain: { try run(false) }, ours: { try run(true) })
    }

    private static func volume(_ channels: Int, _ side: Int, seed: UInt64 = 1) throws -> Tensor {
        try Tensor.randn([1, channels, side, side, side], generator: Generator(seed: seed)).channelsLast()
    }

    private static func convolution(_ inputs: Int, _ outputs: Int, _ side: Int, gradients: Bool = false) throws -> KernelPair {
        let weight = try Tensor.randn([outputs, inputs, 3, 3, 3], deviation: 0.1, generator: Generator(seed: 2))
        return pair("convolution 3×3×3, \(inputs)→\(outputs), \(side)³", [try volume(inputs, side), weight], gradients: gradients) {
            try $0[0].conv3d($0[1], padding: [1, 1, 1])
        }
    }

    private static func pointwise(_ inputs: Int, _ outputs: Int, _ side: Int) throws -> KernelPair {
        let weight = try Tensor.randn([outputs, inputs, 1, 1, 1], generator: Generator(seed: 2))
        return pair("convolution 1×1×1, \(inputs)→\(outputs), \(side)³", [try volume(inputs, side), weight], gradients: false) {
            try $0[0].conv3d($0[1])
        }
    }

    private static func doubling(_ inputs: Int, _ outputs: Int, _ side: Int, gradients: Bool = false) throws -> KernelPair {
        let weight = try Tensor.randn([inputs, outputs, 2, 2, 2], generator: Generator(seed: 2))
        return pair("transposed 2×2×2, \(inputs)→\(outputs), \(side)³→\(2 * side)³", [try volume(inputs, side), weight], gradients: gradients) {
            try $0[0].convTranspose3d($0[1], stride: [2, 2, 2])
        }
    }

    private static func normalisation(_ channels: Int, _ side: Int, gradients: Bool) throws -> KernelPair {
        let operands = [try volume(channels, side), try volume(channels, side, seed: 3)]
        return pair("norm + norm, leaky ReLU, \(channels)×\(side)³", operands, gradients: gradients) {
            try $0[0].normalizedLeakyReLU(adding: $0[1], normalizingShortcut: true)
        }
    }

    /// Dice and cross entropy; the plain version is composed of LibTorch's operations as PyTorch users write it.
    private static func loss() throws -> KernelPair {
        let logits = try volume(14, 96)
        let labels = try Tensor.randn([1, 96, 96, 96], deviation: 6, generator: Generator(seed: 4)).abs().clamped(to: 0...13).to(.uint8)
        func run(_ loss: (Tensor) throws -> Tensor) throws {
            let copy = try logits.detached().requiringGradient()
            try loss(copy).backward()
        }
        return KernelPair(
            name: "Dice and cross entropy, 14×96³, forward and backward",
            plain: {
                try run { logits in
                    let classes = try labels.to(.int64)
                    let truth = try classes.oneHot(classes: 14).permuted([0, 4, 1, 2, 3]).to(.float32)
                    let probability = try logits.softmax(axis: 1)
                    let overlap = try (probability * truth).sum(axes: [2, 3, 4])
                    let sizes = try probability.sum(axes: [2, 3, 4]) + truth.sum(axes: [2, 3, 4])
                    let dice = try 1 - ((overlap * 2 + 1e-5) / (sizes + 1e-5)).mean()
                    return try dice + logits.crossEntropy(classes)
                }
            },
            ours: { try run { try $0.diceCrossEntropy(labels).total } })
    }
}
