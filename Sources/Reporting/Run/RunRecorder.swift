import Foundation

/// Writes a training run down as it goes: `metrics.jsonl`, TensorBoard event files in `tensorboard/`, and `report.html`, all in one folder.
///
/// The page is written anew at every validation, checkpoint and end. A run that goes on keeps what its log says of earlier steps.
public final class RunRecorder {
    /// What the report shows.
    public private(set) var record: RunRecord
    private let folder: URL
    private var log: MetricsLog?
    private var board: TensorBoardWriter?

    /// - Parameters:
    ///   - record: the heading, configuration and provenance of the run.
    ///   - folder: where the files go; it must exist.
    public init(_ record: RunRecord, folder: URL) {
        self.record = record
        self.folder = folder
    }

    /// The page.
    public var page: URL { folder.appending(path: "report.html") }

    /// Changes what stands beside the heading, such as facts that are known only once the data has been read.
    public func describe(_ change: (inout RunRecord) -> Void) { change(&record) }

    /// Writes down what happened.
    /// - Throws: `ReportingError.notStarted` when the first event is not a start; otherwise when a file cannot be written.
    public func receive(_ event: RunEvent, at time: Date = Date()) throws(ReportingError) {
        let entry = RunEntry(time: time, event: event)
        if case .started(let firstStep, _) = event { try open(firstStep: firstStep, time: time) }
        guard let log, let board else { throw .notStarted }
        record.append(entry)
        try log.append(entry)
        try write(event, to: board, time: time)
        switch event {
        case .validated, .saved, .finished: try writeReport(at: time)
        case .started, .measured, .warned: break
        }
    }

    /// Shows cases in pictures, those to look at first in front, in place of those shown before.
    public func show(_ pictures: [RunPicture], at time: Date = Date()) throws(ReportingError) {
        guard let board else { throw .notStarted }
        record.pictures = pictures
        for picture in pictures { try board.image(picture.sheet, tag: "validation/\(picture.name)", step: picture.step, time: time) }
        try writeReport(at: time)
    }

    private func open(firstStep: Int, time: Date) throws(ReportingError) {
        let log = try MetricsLog(folder.appending(path: "metrics.jsonl"), resumingAfter: firstStep)
        // The log knows all that happened here before; a recorder that is started twice must not count its own events twice.
        record = RunRecord(
            title: record.title, kind: record.kind, facts: record.facts, configuration: record.configuration, provenance: record.provenance)
        log.earlier.forEach { record.append($0) }
        let board = try TensorBoardWriter(folder: folder.appending(path: "tensorboard"), firstStep: firstStep, time: time)
        if !record.configuration.isEmpty {
            let text = "    " + String(decoding: record.configuration, as: UTF8.self).replacingOccurrences(of: "\n", with: "\n    ")
            try board.text(text, tag: "configuration", step: firstStep, time: time)
        }
        (self.log, self.board) = (log, board)
    }

    private func write(_ event: RunEvent, to board: TensorBoardWriter, time: Date) throws(ReportingError) {
        switch event {
        case .measured(let step, let figures):
            for (name, value) in figures.sorted(by: { $0.key < $1.key }) { try board.scalar(value, tag: "train/\(name)", step: step, time: time) }
        case .validated(let validation):
            for (tag, value) in Self.scalars(of: validation) { try board.scalar(value, tag: tag, step: validation.step, time: time) }
        case .warned(let step, let text): try board.text(text, tag: "warnings", step: step, time: time)
        case .started, .saved, .finished: break
        }
    }

    /// The scores under their tags; the two means are named so that nobody compares them.
    private static func scalars(of validation: RunValidation) -> [(tag: String, value: Double)] {
        var scalars: [(String, Double?)] = [
            ("validation/mean_dice_\(max(0, validation.classes.count - 1))_organs", validation.organMean),
            ("validation/mean_dice_\(validation.classes.count)_classes", validation.classMean),
        ]
        for label in validation.classes.indices.dropFirst() {
            let name = validation.classes[label].replacingOccurrences(of: " ", with: "_")
            scalars.append(("validation_dice/\(name)", validation.dice(ofClass: label)))
        }
        scalars += validation.figures.sorted { $0.key < $1.key }.map { ("validation/\($0.key)", $0.value) }
        return scalars.compactMap { tag, value in value.map { (tag, $0) } }
    }

    private func writeReport(at time: Date) throws(ReportingError) {
        let created = time.formatted(.iso8601.year().month().day().dateTimeSeparator(.space).time(includingFractionalSeconds: false)) + " UTC"
        try writeWhole(Data(try RunReport(record, created: created).page().utf8), to: page)
    }
}
