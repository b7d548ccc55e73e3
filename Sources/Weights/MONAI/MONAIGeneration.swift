/// The generations of MONAI, by the tensors that their UNETR and ViTAutoEnc save beside those that the networks use.
///
/// Established by building both networks in 0.8.1, 0.9.1, 1.3.2, 1.4.0, 1.5.1, 1.6.0 and 1.6.1.
public enum MONAIGeneration: String, Sendable, Codable, CaseIterable {
    /// 0.6–0.8: an unused class token, and a shortcut convolution in every residual block, used or not.
    case monai08 = "0.8"
    /// 0.9–1.3: just the tensors in use; the canonical names.
    case monai09to13 = "0.9-1.3"
    /// 1.4 and 1.5: a norm and a cross-attention in every transformer block, both unused.
    case monai14to15 = "1.4-1.5"
    /// 1.6 and later: the unused norm, no cross-attention.
    case monai16plus = "1.6+"

    /// The generation of a MONAI version such as `1.3.2`, or `nil` when it is no version or older than 0.6.
    public init?(version: String) {
        let numbers = version.split(separator: ".").prefix(2).map { Int($0) }
        guard numbers.count == 2, let major = numbers[0], let minor = numbers[1] else { return nil }
        switch (major, minor) {
        case (0, 6...8): self = .monai08
        case (0, 9...), (1, 0...3): self = .monai09to13
        case (1, 4...5): self = .monai14to15
        case (1, 6...), (2..., _): self = .monai16plus
        default: return nil
        }
    }

    /// The weights under the names that this generation's networks load with `strict=True`.
    ///
    /// Tensors that the generation saves without using are added with the values that it would start them with; those drawn at random are
    /// drawn from their names, so that the same weights always give the same file.
    /// - Parameter state: weights under canonical names.
    public func export(_ state: StateDictionary) throws(WeightError) -> (state: StateDictionary, report: NameMappingReport) {
        var result = state
        var report = NameMappingReport(generation: self)
        for extra in extras(of: state) where result[extra.name] == nil {
            result[extra.name] = try extra.tensor(like: state)
            report.added.append(NameMappingReport.Entry(name: extra.name, reason: "saved, but not used, by MONAI \(rawValue)"))
        }
        return (result, report)
    }

    private func extras(of state: StateDictionary) -> [UnusedTensor] {
        switch self {
        case .monai08: classToken(state) + shortcuts(state)
        case .monai09to13: []
        case .monai14to15: blocks(state).flatMap { crossNorm($0.prefix, $0.width) + crossAttention($0.prefix, $0.width) }
        case .monai16plus: blocks(state).flatMap { crossNorm($0.prefix, $0.width) }
        }
    }

    private func classToken(_ state: StateDictionary) -> [UnusedTensor] {
        state.entries.compactMap { name, tensor in
            guard name.hasSuffix("patch_embedding.position_embeddings"), let width = tensor.shape.last else { return nil }
            return UnusedTensor(name: name.replacingSuffix("position_embeddings", with: "cls_token"), shape: [1, 1, width], start: .constant(0))
        }
    }

    /// The shortcut convolutions of residual blocks that keep the number of channels.
    private func shortcuts(_ state: StateDictionary) -> [UnusedTensor] {
        state.entries.compactMap { name, tensor in
            guard name.hasSuffix(".conv1.conv.weight"), tensor.shape.count == 5, tensor.shape[0] == tensor.shape[1] else { return nil }
            let channels = tensor.shape[0]
            return UnusedTensor(
                name: name.replacingSuffix("conv1.conv.weight", with: "conv3.conv.weight"), shape: [channels, channels, 1, 1, 1],
                start: .uniform(fanIn: channels))
        }
    }

    /// The name prefix and width of every transformer block.
    private func blocks(_ state: StateDictionary) -> [(prefix: String, width: Int)] {
        state.entries.compactMap { name, tensor in
            guard name.contains("blocks."), name.hasSuffix(".norm1.weight"), tensor.shape.count == 1 else { return nil }
            return (name.replacingSuffix("norm1.weight", with: ""), tensor.shape[0])
        }
    }

    private func crossNorm(_ prefix: String, _ width: Int) -> [UnusedTensor] {
        [
            UnusedTensor(name: prefix + "norm_cross_attn.weight", shape: [width], start: .constant(1)),
            UnusedTensor(name: prefix + "norm_cross_attn.bias", shape: [width], start: .constant(0)),
        ]
    }

    private func crossAttention(_ prefix: String, _ width: Int) -> [UnusedTensor] {
        let weights = ["out_proj.weight", "to_q.weight", "to_k.weight", "to_v.weight"].map { ($0, [width, width]) }
        return (weights + [("out_proj.bias", [width])]).map {
            UnusedTensor(name: "\(prefix)cross_attn.\($0)", shape: $1, start: .uniform(fanIn: width))
        }
    }
}

extension String {
    /// The text with `suffix`, which it ends with, replaced.
    fileprivate func replacingSuffix(_ suffix: String, with replacement: String) -> String { dropLast(suffix.count) + replacement }
}
