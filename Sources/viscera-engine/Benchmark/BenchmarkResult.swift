import CommandSupport
import Foundation
import Torch

/// What `benchmark` found and on what: enough to compare two machines by their files.
struct BenchmarkResult: Sendable, Encodable {
    var version = Version.number
    var engine: String
    var kernels = Kernels.instructionSet
    var host = Machine.current
    var network: String
    var device: String
    var threads = Threads.count
    var precision: String
    var batch: Int
    var timings: [TimingSummary] = []
    /// The volume of the whole case, or `phantom`.
    var caseInput: String?
    var caseWindows: Int?
    /// Bytes of main memory at the peak of the process.
    var peakMemory = 0
    var devicePeakMemory: Int?

    init(network: BenchmarkNetwork, device: Device, batch: Int) {
        engine = "LibTorch \(libTorchVersion)"
        self.network = network.name
        self.device = device == .cpu ? "CPU, \(Threads.summary)" : "\(device)"
        precision = network.predictor.precision.effective(on: device).rawValue
        self.batch = batch
    }
}
