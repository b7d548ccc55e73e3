import Foundation

/// Writes an event file that TensorBoard reads while it grows.
///
/// Each start of a run writes a file of its own into the same folder. A run that goes on after step *n* says so at the head of its file,
/// and TensorBoard takes back what earlier files say of steps after *n*.
public final class TensorBoardWriter {
    /// The event file.
    public let url: URL
    private let file: AppendedFile

    /// Creates the next event file of `folder`, and the folder where there is none.
    /// - Parameter firstStep: the steps that were finished before this start.
    public init(folder: URL, firstStep: Int, time: Date = Date()) throws(ReportingError) {
        do { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) } catch {
            throw .unwritable(path: folder.path(percentEncoded: false), reason: systemReason(error))
        }
        url = Self.free(in: folder, time: time)
        file = try AppendedFile(url)
        let seconds = time.timeIntervalSince1970
        try file.append(TensorBoardRecord.version(time: seconds))
        try file.append(TensorBoardRecord.sessionStart(firstStep: firstStep, time: seconds))
    }

    /// A number under `tag`, such as `train/loss`; TensorBoard keeps it as a `Float`.
    public func scalar(_ value: Double, tag: String, step: Int, time: Date = Date()) throws(ReportingError) {
        try file.append(TensorBoardRecord.scalar(value, tag: tag, step: step, time: time.timeIntervalSince1970))
    }

    /// A picture under `tag`.
    public func image(_ sheet: ContactSheet, tag: String, step: Int, time: Date = Date()) throws(ReportingError) {
        try file.append(TensorBoardRecord.image(sheet, tag: tag, step: step, time: time.timeIntervalSince1970))
    }

    /// Text in Markdown under `tag`.
    public func text(_ text: String, tag: String, step: Int, time: Date = Date()) throws(ReportingError) {
        try file.append(TensorBoardRecord.text(text, tag: tag, step: step, time: time.timeIntervalSince1970))
    }

    /// `events.out.tfevents.SECONDS.HOST.PROCESS.NUMBER`, the first number that is free. TensorBoard reads the files of a folder in the
    /// order of their names, so the seconds come first.
    private static func free(in folder: URL, time: Date) -> URL {
        let host = ProcessInfo.processInfo.hostName.filter { $0.isLetter || $0.isNumber || $0 == "-" }
        let stem = String(format: "events.out.tfevents.%010d.", Int(time.timeIntervalSince1970)) + "\(host.isEmpty ? "host" : host).\(getpid())"
        var number = 0
        while true {
            let url = folder.appending(path: "\(stem).\(number)")
            if !FileManager.default.fileExists(atPath: url.path(percentEncoded: false)) { return url }
            number += 1
        }
    }
}
