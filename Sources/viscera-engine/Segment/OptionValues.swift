import ArgumentParser
import Foundation
import MedicalImaging
import Segmentation
import Torch

/// Where the network shall run.
enum DeviceChoice: ExpressibleByArgument, Sendable, Equatable {
    /// CUDA when there is one, else the CPU.
    case automatic
    case named(Device)

    init?(argument: String) {
        let parts = argument.lowercased().split(separator: ":", omittingEmptySubsequences: false)
        let kind = Device.Kind.allCases.first { "\($0)" == parts.first ?? "" }
        switch (argument.lowercased(), kind, parts.count) {
        case ("auto", _, _): self = .automatic
        case (_, let kind?, 1): self = .named(Device(kind))
        case (_, .cuda?, 2):
            guard let index = Int(parts[1]), index >= 0 else { return nil }
            self = .named(Device(.cuda, index: index))
        default: return nil
        }
    }

    var defaultValueDescription: String { "auto" }
    static var allValueStrings: [String] { ["auto", "cpu", "cuda", "mps"] }

    /// The device itself.
    /// - Throws: `TorchError.deviceUnavailable` when the one asked for is not here.
    func resolve() throws -> Device {
        switch self {
        case .automatic: return Device.cuda.isAvailable ? .cuda : .cpu
        case .named(let device):
            try device.requireAvailability()
            return device
        }
    }
}

extension Precision: ExpressibleByArgument {}

extension Blending: ExpressibleByArgument {}

/// Organs by name or label.
struct OrganList: ExpressibleByArgument, Sendable {
    var labels: Set<UInt8>

    init?(argument: String) {
        var labels: Set<UInt8> = []
        for part in argument.split(separator: ",") {
            let name = part.lowercased().filter(\.isLetter)
            if let label = UInt8(part.trimmingCharacters(in: .whitespaces)), label > 0 {
                labels.insert(label)
            } else if let organ = Organ.allCases.first(where: { $0.name.filter(\.isLetter) == name }) {
                labels.insert(organ.rawValue)
            } else {
                return nil
            }
        }
        guard !labels.isEmpty else { return nil }
        self.labels = labels
    }

    static var allValueStrings: [String] { Organ.allCases.map { $0.name.replacingOccurrences(of: " ", with: "-") } }
}

/// Axes to mirror along.
struct FlipList: ExpressibleByArgument, Sendable {
    var axes: [FlipAxis]

    private static let names: [(String, FlipAxis)] = [
        ("left-right", .leftRight), ("posterior-anterior", .posteriorAnterior), ("inferior-superior", .inferiorSuperior),
    ]

    init?(argument: String) {
        if argument == "all" {
            axes = FlipAxis.allCases
            return
        }
        let found = argument.split(separator: ",").map { part in Self.names.first { $0.0 == part }?.1 }
        guard !found.isEmpty, !found.contains(nil) else { return nil }
        axes = found.compactMap { $0 }
    }

    static var allValueStrings: [String] { names.map(\.0) + ["all"] }
}

/// A number of bytes: `3GB`, `800 MB`, `2GiB`, `1.5G`; a bare number counts bytes.
struct ByteCount: ExpressibleByArgument, Sendable {
    var bytes: Int

    init?(argument: String) {
        let text = argument.lowercased().filter { $0 != " " }
        let number = text.prefix { $0.isNumber || $0 == "." }
        let units: [String: Double] = [
            "": 1, "b": 1, "k": 1e3, "kb": 1e3, "m": 1e6, "mb": 1e6, "g": 1e9, "gb": 1e9, "t": 1e12, "tb": 1e12, "kib": 1024, "mib": 1_048_576,
            "gib": 1_073_741_824,
        ]
        guard let value = Double(number), let unit = units[String(text.dropFirst(number.count))], value > 0, value * unit < 1e18 else { return nil }
        bytes = Int(value * unit)
    }
}
