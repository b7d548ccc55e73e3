import Foundation

/// The log of a run as JSON lines, one object per event; see `MetricsLine` for the keys.
///
/// A run that goes on after step *n* keeps the lines up to *n* and appends: no step is ever in the log twice. A line that a crash cut
/// short at the end is dropped.
public final class MetricsLog {
    /// The events of earlier starts that still hold.
    public let earlier: [RunEntry]
    private let file: AppendedFile

    /// Opens the log at `url` for a run that goes on after `firstStep`; a run from the beginning moves an older log to
    /// `metrics.previous.jsonl` beside it.
    public init(_ url: URL, resumingAfter firstStep: Int) throws(ReportingError) {
        let path = url.path(percentEncoded: false)
        let exists = FileManager.default.fileExists(atPath: path)
        if exists, firstStep == 0 {
            let previous = url.deletingPathExtension().appendingPathExtension("previous.\(url.pathExtension)").path(percentEncoded: false)
            guard rename(path, previous) == 0 else { throw .unwritable(path: previous, reason: String(cString: strerror(errno))) }
            earlier = []
        } else if exists {
            let found = try Self.read(url)
            earlier = found.filter { $0.event.step <= firstStep }
            // Written anew in every case: the last line may lack its end.
            try writeWhole(try Self.lines(earlier, path: path), to: url)
        } else {
            earlier = []
        }
        file = try AppendedFile(url)
    }

    /// Adds a line.
    public func append(_ entry: RunEntry) throws(ReportingError) { try file.append(try Self.lines([entry], path: file.path)) }

    /// The events of the log at `url`.
    /// - Throws: `ReportingError.damagedLog` when any line but an unfinished last one cannot be understood.
    public static func read(_ url: URL) throws(ReportingError) -> [RunEntry] {
        let path = url.path(percentEncoded: false)
        let data: Data
        do { data = try Data(contentsOf: url) } catch { throw .unreadable(path: path, reason: systemReason(error)) }
        let lines = data.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        var entries: [RunEntry] = []
        // What follows the last line end is empty, or a line that was not finished.
        for (number, line) in lines.dropLast().enumerated() where !line.isEmpty {
            let decoded: MetricsLine
            do { decoded = try MetricsLine.decode(line) } catch { throw .damagedLog(path: path, line: number + 1, reason: "something else") }
            guard let entry = decoded.entry else {
                throw .damagedLog(path: path, line: number + 1, reason: "the event '\(decoded.event)' without what belongs to it")
            }
            entries.append(entry)
        }
        return entries
    }

    private static func lines(_ entries: [RunEntry], path: String) throws(ReportingError) -> Data {
        do { return try entries.reduce(into: Data()) { $0 += try MetricsLine.encode($1) } } catch {
            throw .unwritable(path: path, reason: "an event that JSON cannot hold: \(error)")
        }
    }
}
