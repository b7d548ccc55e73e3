/// Brings the tensor names of all MONAI generations and wrappers to the canonical ones (those of MONAI 0.9–1.3).
public enum NameMapping {
    /// What to do with patches projected by a linear layer.
    public enum PerceptronHandling: Sendable {
        /// Keep the linear layer.
        case keep
        /// Rearrange its weight into that of the equal convolution.
        case convertToConvolution
    }

    /// The weights under canonical names, without the tensors that no network uses, and what was done.
    /// - Throws: `WeightError` when two names become one.
    public static func canonical(
        _ state: StateDictionary, perceptron: PerceptronHandling = .keep
    ) throws(WeightError) -> (state: StateDictionary, report: NameMappingReport) {
        var report = NameMappingReport()
        var result = try strippingPrefixes(state, &report)
        report.generation = generation(of: result)
        var kept = StateDictionary(metadata: state.metadata)
        for (name, tensor) in result.entries {
            if let reason = reasonToDrop(name, tensor) {
                report.dropped.append(NameMappingReport.Entry(name: name, reason: reason))
            } else {
                kept[name] = tensor
            }
        }
        result = kept
        if perceptron == .convertToConvolution { result = try convertingPerceptron(result, &report) }
        return (result, report)
    }

    // MARK: Prefixes

    /// Wrappers that put a component before every name: data parallelism, compilation, and training frameworks.
    private static let wrappers = ["module", "_orig_mod", "backbone"]
    private static let roots: Set<String> = Set(
        ["vit", "patch_embedding", "blocks", "norm", "conv3d_transpose", "conv3d_transpose_1", "out"] + (1...4).map { "encoder\($0)" }
            + (2...5).map { "decoder\($0)" })

    private static func strippingPrefixes(_ state: StateDictionary, _ report: inout NameMappingReport) throws(WeightError) -> StateDictionary {
        var names = state.names
        while let prefix = prefixToStrip(names), report.strippedPrefixes.count < 8 {
            names = names.map { $0.hasPrefix(prefix) ? String($0.dropFirst(prefix.count)) : $0 }
            report.strippedPrefixes.append(prefix)
        }
        var result = StateDictionary(metadata: state.metadata)
        for (new, old) in zip(names, state.entries) {
            if result[new] != nil {
                throw WeightError(.duplicateName(name: new, reason: "after removing \(report.strippedPrefixes.joined(separator: " and "))"))
            }
            result[new] = old.tensor
        }
        return result
    }

    /// A known wrapper on any name, or a component that all names share and no network has at its top; `vit.` when nothing else is there.
    private static func prefixToStrip(_ names: [String]) -> String? {
        let firsts = Set(names.map { $0.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false).first.map(String.init) ?? "" })
        if let wrapper = wrappers.first(where: { name in names.contains { $0.hasPrefix(name + ".") } }) { return wrapper + "." }
        guard firsts.count == 1, let only = firsts.first, names.allSatisfy({ $0.hasPrefix(only + ".") }) else { return nil }
        let inner = names.map { String($0.dropFirst(only.count + 1)) }
        let leadsSomewhere = inner.contains { name in
            let next = name.split(separator: ".").first.map(String.init) ?? ""
            return roots.contains(next) || wrappers.contains(next)
        }
        return leadsSomewhere && (only == "vit" || !roots.contains(only)) ? only + "." : nil
    }

    // MARK: Tensors without a use

    private static func generation(of state: StateDictionary) -> MONAIGeneration? {
        let names = state.names
        if names.contains(where: { $0.contains(".cross_attn.") }) { return .monai14to15 }
        if names.contains(where: { $0.contains(".norm_cross_attn.") }) { return .monai16plus }
        if names.contains(where: { $0.hasSuffix("patch_embedding.cls_token") }) { return .monai08 }
        return names.contains { $0.contains("patch_embedding.position_embeddings") } ? .monai09to13 : nil
    }

    private static func reasonToDrop(_ name: String, _ tensor: StoredTensor) -> String? {
        if name.hasSuffix("patch_embedding.cls_token") { return "a class token that MONAI 0.6–0.8 saved without using" }
        if name.contains(".norm_cross_attn.") || name.contains(".cross_attn.") { return "cross-attention that MONAI saves from 1.4 on without using" }
        if name.hasPrefix("linear_1.") { return "a head of early pre-training files" }
        if name.hasSuffix(".conv3.conv.weight"), tensor.shape.count == 5, tensor.shape[0] == tensor.shape[1] {
            return "a shortcut that MONAI 0.6–0.8 saved without using"
        }
        if name.hasSuffix(".attn.qkv.bias"), tensor.bytes.allSatisfy({ $0 == 0 }) { return "a bias of zeros" }
        return nil
    }

    // MARK: Patch projection

    private static func convertingPerceptron(_ state: StateDictionary, _ report: inout NameMappingReport) throws(WeightError) -> StateDictionary {
        let suffix = "patch_embedding.patch_embeddings.1."
        guard let name = state.names.first(where: { $0.hasSuffix(suffix + "weight") }) else { return state }
        // UNETR's patches are 16³; the auto-encoder's are the square of each upsampling.
        let upsampling = state["conv3d_transpose_1.weight"]?.shape
        let patch = upsampling.flatMap { $0.count == 5 ? $0[2...].map { $0 < 1000 ? $0 * $0 : 0 } : nil } ?? [16, 16, 16]
        var result = StateDictionary(metadata: state.metadata)
        for (old, tensor) in state.entries {
            let new = old.replacing(suffix, with: "patch_embedding.patch_embeddings.")
            result[new] = old == name ? try convolution(fromPerceptron: tensor, patch: patch, name: name) : tensor
            if new != old {
                report.converted.append(NameMappingReport.Entry(name: old, reason: "linear patch projection rearranged into a convolution"))
            }
        }
        return result
    }

    /// [hidden, x·y·z·channel] → [hidden, channel, x, y, z]: the linear layer takes a patch's voxels with the channel fastest.
    static func convolution(fromPerceptron weight: StoredTensor, patch: [Int], name: String) throws(WeightError) -> StoredTensor {
        let voxels = patch.reduce(1, *)
        guard weight.shape.count == 2, voxels > 0, weight.shape[1] % voxels == 0 else {
            throw WeightError(.mismatch(name: name, expected: "[hidden, channels × \(voxels)]", found: "\(weight.shape)"))
        }
        let (hidden, channels, width) = (weight.shape[0], weight.shape[1] / voxels, weight.type.byteCount)
        var bytes = weight.bytes
        if channels > 1 {
            let source = [UInt8](weight.bytes)
            var target = [UInt8](repeating: 0, count: source.count)
            for row in 0..<hidden {
                for voxel in 0..<voxels {
                    for channel in 0..<channels {
                        let from = ((row * voxels + voxel) * channels + channel) * width
                        let to = ((row * channels + channel) * voxels + voxel) * width
                        for byte in 0..<width { target[to + byte] = source[from + byte] }
                    }
                }
            }
            bytes = .init(target)
        }
        return try StoredTensor(type: weight.type, shape: [hidden, channels] + patch, bytes: bytes)
    }
}
