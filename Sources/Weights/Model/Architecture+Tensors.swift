extension Architecture {
    /// A tensor's canonical name and shape.
    public struct TensorShape: Sendable, Equatable {
        public var name: String
        public var shape: [Int]
    }

    /// Every tensor that the network uses, under the canonical names (those of MONAI 0.9–1.3), in MONAI's order: 170 for the published
    /// UNETR, 141 for its auto-encoder.
    public var tensors: [TensorShape] {
        switch kind {
        case .unetr, .restoringUNETR: transformerTensors("vit.") + encoderTensors + decoderTensors
        case .vitAutoencoder: transformerTensors("") + upsamplingTensors
        case .visionTransformer: transformerTensors("")
        }
    }

    /// Whether the projection of a patch is a convolution or a linear layer decides name and shape of its weight.
    private func projectionTensors(_ prefix: String) -> [TensorShape] {
        switch patchProjection {
        case .convolution:
            [.init(name: prefix + "weight", shape: [hiddenSize, inChannels] + patchShape), .init(name: prefix + "bias", shape: [hiddenSize])]
        case .perceptron:
            [
                .init(name: prefix + "1.weight", shape: [hiddenSize, patchShape.reduce(inChannels, *)]),
                .init(name: prefix + "1.bias", shape: [hiddenSize]),
            ]
        }
    }

    private func transformerTensors(_ prefix: String) -> [TensorShape] {
        var tensors = [TensorShape(name: prefix + "patch_embedding.position_embeddings", shape: [1, tokenCount, hiddenSize])]
        tensors += projectionTensors(prefix + "patch_embedding.patch_embeddings.")
        for layer in 0..<layerCount {
            let block: [(String, [Int])] = [
                ("mlp.linear1.weight", [mlpSize, hiddenSize]), ("mlp.linear1.bias", [mlpSize]), ("mlp.linear2.weight", [hiddenSize, mlpSize]),
                ("mlp.linear2.bias", [hiddenSize]), ("norm1.weight", [hiddenSize]), ("norm1.bias", [hiddenSize]),
                ("attn.out_proj.weight", [hiddenSize, hiddenSize]), ("attn.out_proj.bias", [hiddenSize]),
                ("attn.qkv.weight", [3 * hiddenSize, hiddenSize]), ("norm2.weight", [hiddenSize]), ("norm2.bias", [hiddenSize]),
            ]
            tensors += block.map { TensorShape(name: "\(prefix)blocks.\(layer).\($0)", shape: $1) }
        }
        return tensors + ["weight", "bias"].map { TensorShape(name: "\(prefix)norm.\($0)", shape: [hiddenSize]) }
    }

    private var encoderTensors: [TensorShape] {
        var tensors = residualBlock("encoder1.layer", inChannels, featureSize)
        for (level, doublings) in [(2, 2), (3, 1), (4, 0)] {
            let channels = featureSize << (level - 1)
            tensors.append(convolution("encoder\(level).transp_conv_init", [hiddenSize, channels], 2))
            for step in 0..<doublings {
                tensors.append(convolution("encoder\(level).blocks.\(step).0", [channels, channels], 2))
                tensors += residualBlock("encoder\(level).blocks.\(step).1", channels, channels)
            }
        }
        return tensors
    }

    private var decoderTensors: [TensorShape] {
        var tensors: [TensorShape] = []
        for level in [5, 4, 3, 2] {
            let channels = featureSize << (level - 2)
            tensors.append(convolution("decoder\(level).transp_conv", [level == 5 ? hiddenSize : 2 * channels, channels], 2))
            tensors += residualBlock("decoder\(level).conv_block", 2 * channels, channels)
        }
        tensors.append(convolution("out.conv", [outChannels, featureSize], 1))
        tensors.append(.init(name: "out.conv.conv.bias", shape: [outChannels]))
        return tensors
    }

    private var upsamplingTensors: [TensorShape] {
        let kernel = patchShape.map { Int(Double($0).squareRoot().rounded()) }
        return [
            .init(name: "conv3d_transpose.weight", shape: [hiddenSize, featureSize] + kernel),
            .init(name: "conv3d_transpose.bias", shape: [featureSize]),
            .init(name: "conv3d_transpose_1.weight", shape: [featureSize, outChannels] + kernel),
            .init(name: "conv3d_transpose_1.bias", shape: [outChannels]),
        ]
    }

    private func convolution(_ name: String, _ channels: [Int], _ kernel: Int) -> TensorShape {
        TensorShape(name: name + ".conv.weight", shape: channels + [kernel, kernel, kernel])
    }

    /// Two convolutions, and a third on the shortcut where the number of channels changes.
    private func residualBlock(_ name: String, _ input: Int, _ output: Int) -> [TensorShape] {
        let main = [convolution("\(name).conv1", [output, input], 3), convolution("\(name).conv2", [output, output], 3)]
        return input == output ? main : main + [convolution("\(name).conv3", [output, input], 1)]
    }
}
