import CommandSupport
import Foundation
import Models
import Torch
import TorchNN

/// A small UNETR with made-up weights whose outputs are known: convolutions, attention and norms give the right numbers here.
///
/// Every weight is `0.2 sin(0.7 i + p)` for element i of parameter p (sorted by name, those unused left out), the input `cos(0.013 i)`; the expected numbers
/// come from MONAI 1.6.1 on PyTorch 2.11.0 in float64.
enum SelfTest {
    /// Mean, mean square and two voxels of each of the three channels.
    private static let expected: [[Double]] = [
        [0.1546456651463481, 0.19112163983804603, 0.04171689649699358, 0.170868749926255],
        [-0.159505046269941, 0.1625405827462842, -0.012809286912967337, -0.12894375245761508],
        [0.33730711855359924, 0.20205100251574473, 0.1737958426582762, 0.26349296189537824],
    ]

    /// The greatest deviation from the expected numbers on `device`.
    static func deviation(on device: Device) throws -> Double {
        let side = 32
        var configuration = UNETRConfiguration()
        configuration.imageShape = [side, side, side]
        configuration.outChannels = 3
        configuration.featureSize = 4
        configuration.hiddenSize = 24
        configuration.mlpSize = 48
        configuration.headCount = 2
        let network = try UNETR(configuration)
        for (position, parameter) in network.namedParameters().sorted(by: { $0.name < $1.name }).enumerated() {
            let values = (0..<parameter.tensor.count).map { Float(0.2 * sin(0.7 * Double($0) + Double(position))) }
            let tensor = parameter.tensor
            let source = try Tensor(values, shape: tensor.shape)
            try withoutGradients { () throws(TorchError) in try tensor.assign(source) }
        }
        try network.move(to: device)
        let voxels = (0..<side * side * side).map { Float(cos(0.013 * Double($0))) }
        let input = try Tensor(voxels, shape: [1, 1, side, side, side]).to(device)
        let logits = try withoutGradients { () throws(TorchError) in try network(input).to(.cpu).floats() }
        return zip(statistics(of: logits, side: side), expected.flatMap { $0 }).map { abs($0 - $1) }.max() ?? .infinity
    }

    private static func statistics(of logits: [Float], side: Int) -> [Double] {
        let count = side * side * side
        return (0..<3).flatMap { channel -> [Double] in
            let values = logits[channel * count..<(channel + 1) * count].map(Double.init)
            let mean = values.reduce(0, +) / Double(count)
            let square = values.reduce(0) { $0 + $1 * $1 } / Double(count)
            return [mean, square, values[(16 * side + 16) * side + 16], values[(3 * side + 7) * side + 30]]
        }
    }
}

/// LibTorch, its threads and devices, and whether it computes right.
enum EngineChecks {
    /// float32 differs from float64 by some 10⁻⁶ here; TF32 or another order of sums by less than this.
    private static let tolerance = 2e-3

    static func run() -> [HealthCheck] {
        let version = libTorchVersion
        let isExpected = version.hasPrefix("2.11.")
        var checks = [
            HealthCheck(
                "LibTorch", isExpected ? .passed : .doubtful, "\(version), \(Threads.summary)",
                advice: isExpected ? nil : "version 2.11 was expected; numbers may differ")
        ]
        // Counted before anything is computed: LibTorch looks for its CUDA backend once.
        let devices = Device.all
        for kind in Device.Kind.allCases { checks += self.checks(of: kind, among: devices) }
        return checks
    }

    /// The devices of a kind, or why there are none.
    private static func checks(of kind: Device.Kind, among devices: [Device]) -> [HealthCheck] {
        do throws(TorchError) {
            try Device(kind).requireAvailability()
        } catch {
            guard case .deviceUnavailable(_, let reason) = error else { return [HealthCheck("\(kind)", .failed, "\(error)")] }
            return [HealthCheck("\(kind)", .absent, "not here: \(reason)")]
        }
        return devices.filter { $0.kind == kind }.map(selfTest)
    }

    private static func selfTest(on device: Device) -> HealthCheck {
        let name = "\(device)"
        do {
            let start = ContinuousClock.now
            let deviation = try SelfTest.deviation(on: device)
            let took = Duration.text(seconds: (ContinuousClock.now - start) / .seconds(1))
            let finding = String(format: "self-test off by %.1e, %@", deviation, took) + memory(of: device)
            guard deviation < tolerance else {
                return HealthCheck(name, .failed, finding, advice: "the network computes wrong numbers on this device: do not use it")
            }
            return HealthCheck(name, .passed, finding)
        } catch {
            return HealthCheck(name, .failed, "self-test failed", advice: "\(error)")
        }
    }

    /// `, 78.1 GB of 79.2 GB free` of a device with memory of its own.
    private static func memory(of device: Device) -> String {
        guard device != .cpu, let memory = try? device.memory(), let total = memory.total else { return "" }
        return memory.free.map { ", \(Machine.text(bytes: $0)) of \(Machine.text(bytes: total)) free" } ?? ", \(Machine.text(bytes: total))"
    }
}
