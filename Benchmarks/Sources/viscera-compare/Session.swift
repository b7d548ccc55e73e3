import Foundation
import Learning
import MedicalImaging
import Segmentation
import Torch
import TorchNN

/// What is loaded, and how each request is answered.
final class Session {
    var networks: [String: Network] = [:]
    private var devices: [String: Device] = [:]
    private var optimizers: [String: Adam] = [:]
    private var inputs: [String: [String: Tensor]] = [:]

    func answer(_ request: Request) throws -> Reply {
        switch request.kind {
        case .start:
            Threads.count = request.threads ?? Threads.count
            Processors.count = request.threads ?? Processors.count
            return Reply()
        case .load:
            return try load(request)
        case .unload:
            let name = try request.required(request.network, "network")
            networks[name] = nil
            optimizers[name] = nil
            inputs = [:]
            return Reply()
        case .forward: return try forward(request)
        case .gradients: return try gradients(request)
        case .steps: return try steps(request)
        case .preprocess: return try preprocess(request)
        case .segment: return try segment(request)
        case .pipeline: return try pipeline(request)
        case .corrupt: return try corrupt(request)
        case .pretrain: return try pretrain(request)
        case .finetune: return try finetune(request)
        case .predict: return try predict(request)
        }
    }

    func network(_ request: Request) throws -> Network {
        let name = try request.required(request.network, "network")
        guard let network = networks[name] else { throw RequestError(reason: "no network '\(name)' is loaded") }
        return network
    }

    /// The optimizer of a network, made once, so that its moments live from request to request.
    func optimizer(_ request: Request, make: () throws -> Adam) throws -> Adam {
        let name = try request.required(request.network, "network")
        if let known = optimizers[name] { return known }
        let made = try make()
        optimizers[name] = made
        return made
    }

    private func load(_ request: Request) throws -> Reply {
        let name = try request.required(request.network, "network")
        let size = try request.required(request.configuration, "configuration")
        let weights = URL(filePath: try request.required(request.weights, "weights"))
        guard let kind = Device.Kind.allCases.first(where: { "\($0)" == request.device ?? "cpu" }) else {
            throw RequestError(reason: "'device' is cpu or cuda, found \(request.device ?? "")")
        }
        let network = try Network(request.required(request.architecture, "architecture"), size, weights: weights)
        if kind != .cpu {
            try Device(kind).requireAvailability()
            try network.module.move(to: Device(kind))
        }
        networks[name] = network
        devices[name] = Device(kind)
        optimizers[name] = nil
        inputs = [:]
        return Reply()
    }

    /// The tensors of the request's input file, read once.
    private func input(_ request: Request) throws -> [String: Tensor] {
        let path = try request.required(request.input, "input")
        if let known = inputs[path] { return known }
        let read = try TensorFile.read(URL(filePath: path))
        inputs[path] = read
        return read
    }

    private func image(_ request: Request) throws -> Tensor {
        let image = try request.required(input(request)["image"], "image in the input file")
        return try device(request) == .cpu ? image : image.to(device(request))
    }

    private func device(_ request: Request) -> Device { request.network.flatMap { devices[$0] } ?? .cpu }

    /// Waits until `tensor` is computed, which another device than the CPU does in its own time.
    private func wait(for tensor: Tensor?) throws {
        if let tensor, tensor.device != .cpu { _ = try tensor.reshaped(to: [-1]).narrowed(axis: 0, start: 0, length: 1).floats() }
    }

    private func forward(_ request: Request) throws -> Reply {
        let (network, image) = (try network(request), try image(request))
        try network.module.setRequiresGradient(false)
        var output: Tensor?
        let precision = request.precision ?? .fp32
        guard precision != .fp16 else { throw RequestError(reason: "'precision' is fp32 or bf16, found fp16") }
        let seconds = try timed {
            output = try withoutGradients {
                try precision.computing(on: device(request)) { try network(image) }
            }
            try wait(for: output)
        }
        if let path = request.output, let output { try TensorFile.write([("output", output.to(.float32, .cpu))], to: URL(filePath: path)) }
        return Reply(seconds: seconds)
    }

    /// Runs the loss backwards over the network's parameters.
    private func backward(_ network: Network, _ request: Request) throws -> Tensor {
        let image = try image(request)
        let label = try request.required(input(request)["label"], "label in the input file")
        let labels = try label.reshaped(to: [label.shape[0]] + label.shape[2...])
        for parameter in network.module.parameters { try parameter.setGradient(nil) }
        let logits = try (request.precision ?? .fp32).computing(on: device(request)) { try network(image).to(.float32) }
        let loss = try DiceCrossEntropy()(logits, labels: labels.to(logits.device)).total
        try loss.backward()
        return loss
    }

    private func gradients(_ request: Request) throws -> Reply {
        let network = try network(request)
        try network.module.setRequiresGradient(true)
        var loss: Tensor?
        let seconds = try timed { loss = try backward(network, request) }
        let named = network.module.namedParameters().compactMap { entry in entry.tensor.gradient.map { (name: entry.name, tensor: $0) } }
        if let path = request.output { try TensorFile.write(named, to: URL(filePath: path)) }
        if let path = request.activations {
            guard case .unetr(let network) = network else { throw RequestError(reason: "only a UNETR has leaky ReLUs") }
            try ActivationTrace.write(network, image(request), to: URL(filePath: path))
        }
        return Reply(seconds: seconds, loss: try loss?.item())
    }

    private func steps(_ request: Request) throws -> Reply {
        let network = try network(request)
        let optimizer = try optimizer(request) {
            try network.module.setRequiresGradient(true)
            let options = AdamOptions(
                learningRate: try request.required(request.learningRate, "learningRate"),
                weightDecay: try request.required(request.weightDecay, "weightDecay"))
            return Adam(network.module.namedParameters(), options: options)
        }
        _ = try image(request)
        let seconds = try timed {
            for _ in 0..<(request.count ?? 1) {
                _ = try backward(network, request)
                try optimizer.step()
            }
            try wait(for: network.module.parameters.last)
        }
        if let path = request.output { try TensorFile.write(network.module.namedParameters(), to: URL(filePath: path)) }
        return Reply(seconds: seconds)
    }
}

/// Seconds of wall time.
func timed(_ work: () throws -> Void) rethrows -> Double {
    let clock = ContinuousClock()
    return try clock.measure(work) / .seconds(1)
}
