import Foundation
import Models
import Torch
import TorchNN
import Weights

extension ModelPackage {
    /// Writes the network as a TorchScript program, with recipe, classes and postprocessing in its extra file `viscera.json`, atomically.
    ///
    /// The program is recorded from a forward pass on random intensities, in LibTorch's own operations. It takes the network's window, in batches
    /// of any size, and has the parameters' canonical names. Before it takes its name it is loaded again and run beside the network.
    /// - Parameters:
    ///   - inputShape: the input to record and compare with, [X, Y, Z] or [batch, 1, X, Y, Z]; `nil` for one window.
    ///   - tolerance: the greatest relative difference ‖program − network‖ / ‖network‖ accepted; `nil` compares nothing.
    /// - Returns: the difference found.
    /// - Throws: `SegmentationError.exportDiffers`, `.invalidOption` for an input that is not the network's, `TorchError`, `WeightError`.
    @discardableResult
    public func writeScript(to url: URL, inputShape: [Int]? = nil, tolerance: Double? = 1e-5) throws -> Double? {
        try network.setRequiresGradient(false)
        let input = try recordedInput(inputShape)
        let program = try ScriptModule.recording(input, parameters: network.namedParameters()) { try network($0) }
        let staging = url.deletingLastPathComponent().appending(path: ".\(url.lastPathComponent).\(UUID().uuidString)")
        let path = staging.path(percentEncoded: false)
        defer { unlink(path) }
        try program.write(to: path, extraFile: ScriptMetadata.fileName, text: scriptMetadata().json())
        let difference = try tolerance.map { tolerance in
            let difference = try self.difference(from: ScriptModule(contentsOf: path), on: input)
            guard difference <= tolerance else { throw SegmentationError.exportDiffers(difference: difference, tolerance: tolerance) }
            return difference
        }
        guard rename(path, url.path(percentEncoded: false)) == 0 else {
            throw TorchError.file(url.path(percentEncoded: false), reason: "cannot write it: \(String(cString: strerror(errno)))")
        }
        return difference
    }

    /// What the program's extra file says.
    private func scriptMetadata() throws -> ScriptMetadata {
        var metadata = ScriptMetadata()
        metadata.roi = network.configuration.imageShape
        metadata.classes = classNames
        metadata.recipe = recipe
        metadata.architecture = try JSONDecoder().decode(Architecture.self, from: JSONEncoder().encode(network.configuration))
        metadata.provenance = provenance
        metadata.license = license
        metadata.postprocessing = postprocessing
        return metadata
    }

    /// Intensities of 0…1, always the same.
    private func recordedInput(_ given: [Int]?) throws -> Tensor {
        let window = [network.configuration.inChannels] + network.configuration.imageShape
        let shape = given.map { $0.count == 3 ? [1, window[0]] + $0 : $0 } ?? [1] + window
        guard shape.count == 5, shape[0] > 0, Array(shape.dropFirst()) == window else {
            throw SegmentationError.invalidOption(
                name: "inputShape", found: "\(given ?? [])", expected: "\(window.dropFirst()) or [batch] + \(window), the network's own window")
        }
        return try Tensor.rand(shape, generator: Generator(seed: 1))
    }

    /// ‖program − network‖ / ‖network‖ of the outputs for `input`.
    private func difference(from program: ScriptModule, on input: Tensor) throws -> Double {
        try withoutGradients {
            let expected = try network(input)
            let found = try program(input)
            guard found.shape == expected.shape else {
                throw SegmentationError.scriptOutput(window: network.configuration.imageShape, found: found.shape)
            }
            return try (found - expected).norm().item() / max(expected.norm().item(), .leastNormalMagnitude)
        }
    }
}
