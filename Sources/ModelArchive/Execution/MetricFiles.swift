import Foundation

/// The metric files of an evaluation, as MONAI's `write_metrics_reports` writes them (0.8.1): `metrics.csv`, and for each detailed metric
/// `<name>_raw.csv` with one line per image and `<name>_summary.csv` with one line per class.
public struct MetricFiles: Sendable, Equatable {
    /// Metrics in order, with their values over all images.
    public var metrics: [(name: String, value: Double)] = []
    /// The values per image and class of detailed metrics; NaN where a class does not count.
    public var details: [(name: String, values: [[Double]])] = []
    /// The images, one for each row of details.
    public var images: [String] = []

    public init() {}

    public static func == (left: MetricFiles, right: MetricFiles) -> Bool { left.files == right.files }

    /// The files by name.
    public var files: [String: String] {
        var files: [String: String] = [:]
        if !metrics.isEmpty { files["metrics.csv"] = metrics.map { "\($0.name),\(Self.text($0.value))\n" }.joined() }
        for (name, values) in details {
            let rows = values.map { $0 + [Self.mean($0)] }
            let labels = (0..<(values.first?.count ?? 0)).map { "class\($0)" } + ["mean"]
            files["\(name)_raw.csv"] = Self.raw(rows, labels: labels, images: images)
            files["\(name)_summary.csv"] = Self.summary(rows, labels: labels)
        }
        return files
    }

    /// Writes the files into `folder`, each whole or not at all.
    public func write(to folder: URL) throws(ArchiveError) {
        for (name, content) in files.sorted(by: { $0.key < $1.key }) {
            let url = folder.appending(path: name)
            do {
                try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
                try Data(content.utf8).write(to: url, options: .atomic)
            } catch { throw .unwritable(path: url.path, reason: error.localizedDescription) }
        }
    }

    /// The mean of the values that are numbers; NaN when none is.
    static func mean(_ values: [Double]) -> Double {
        let numbers = values.filter { !$0.isNaN }
        return numbers.isEmpty ? .nan : numbers.reduce(0, +) / Double(numbers.count)
    }

    private static func text(_ value: Double) -> String { value.isNaN ? "nan" : "\(value)" }

    /// Values in single precision, as they come out of MONAI's tensors.
    private static func raw(_ rows: [[Double]], labels: [String], images: [String]) -> String {
        let lines = rows.enumerated().map { index, row in
            let cells = row.map { $0.isNaN ? "nan" : "\(Float($0))" }
            return "\(index < images.count ? images[index] : "\(index)"),\(cells.joined(separator: ","))\n"
        }
        return "filename,\(labels.joined(separator: ","))\n" + lines.joined()
    }

    private static func summary(_ rows: [[Double]], labels: [String]) -> String {
        let lines = labels.enumerated().map { column, label in
            let cells = statistics(rows.map { $0[column] }).map { $0.isNaN ? "nan" : String(format: "%.4f", $0) }
            return "\(label),\(cells.joined(separator: ","))\n"
        }
        return "class,mean,median,max,min,90percentile,std,notnans\n" + lines.joined()
    }

    /// Mean, median, greatest, least, 90th percentile (interpolated linearly), population standard deviation and number of the values that are
    /// numbers.
    static func statistics(_ values: [Double]) -> [Double] {
        let sorted = values.filter { !$0.isNaN }.sorted()
        guard !sorted.isEmpty else { return [.nan, .nan, .nan, .nan, .nan, .nan, 0] }
        func percentile(_ share: Double) -> Double {
            let position = share * Double(sorted.count - 1)
            let lower = Int(position)
            let upper = min(lower + 1, sorted.count - 1)
            return sorted[lower] + (sorted[upper] - sorted[lower]) * (position - Double(lower))
        }
        let mean = mean(sorted)
        let variance = sorted.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(sorted.count)
        return [mean, percentile(0.5), sorted[sorted.count - 1], sorted[0], percentile(0.9), variance.squareRoot(), Double(sorted.count)]
    }
}
