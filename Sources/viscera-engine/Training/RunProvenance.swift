import CommandSupport
import Foundation
import Reporting
import Torch

/// Where a run came from: data, software, machine, command.
enum RunProvenance {
    /// The facts for a report.
    /// - Parameter datalists: the files that name the data; each is hashed.
    static func facts(datalists: [String]) throws -> [ReportFact] {
        let host = Machine.current
        return try datalists.flatMap { path in
            [ReportFact("Datalist", path), ReportFact("Datalist SHA-256", try Fingerprint.sha256(of: URL(filePath: path)))]
        } + [
            ReportFact("Viscera", Version.number), ReportFact("LibTorch", "\(libTorchVersion), \(Threads.summary)"),
            ReportFact("System", host.system), ReportFact("Machine", "\(host.processor), \(host.cores) cores, \(Machine.text(bytes: host.memory))"),
            ReportFact("Command", CommandText.current),
        ]
    }
}
