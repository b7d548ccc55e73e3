import Foundation
import ModelArchive
import TestSupport
import Testing

@Suite struct MetricFilesTests {
    /// `monai.handlers.write_metrics_reports(dir, ["a", "b", "c"], {"val_mean_dice": 0.5}, {"val_mean_dice": torch.tensor([[0.9, nan, 0.5],
    /// [0.7, 0.25, 0.1], [1.0, nan, 0.0]])}, summary_ops="*")` of MONAI 1.6.1 wrote these files.
    @Test func filesAreThoseOfMONAI() throws {
        var files = MetricFiles()
        files.metrics = [("val_mean_dice", 0.5)]
        files.images = ["a", "b", "c"]
        files.details = [("val_mean_dice", [[0.9, .nan, 0.5], [0.7, 0.25, 0.1], [1, .nan, 0]])]
        let folder = try TemporaryDirectory()
        try files.write(to: folder.file("eval"))
        func text(_ name: String) throws -> String { try String(contentsOf: folder.file("eval/\(name)"), encoding: .utf8) }
        #expect(try text("metrics.csv") == "val_mean_dice,0.5\n")
        #expect(try text("val_mean_dice_raw.csv") == Self.raw)
        #expect(try text("val_mean_dice_summary.csv") == Self.summary)
    }

    private static let raw = """
        filename,class0,class1,class2,mean
        a,0.9,nan,0.5,0.7
        b,0.7,0.25,0.1,0.35
        c,1.0,nan,0.0,0.5

        """

    private static let summary = """
        class,mean,median,max,min,90percentile,std,notnans
        class0,0.8667,0.9000,1.0000,0.7000,0.9800,0.1247,3.0000
        class1,0.2500,0.2500,0.2500,0.2500,0.2500,0.0000,1.0000
        class2,0.2000,0.1000,0.5000,0.0000,0.4200,0.2160,3.0000
        mean,0.5167,0.5000,0.7000,0.3500,0.6600,0.1434,3.0000

        """

    @Test func aClassThatNeverOccursHasNoStatistics() {
        var files = MetricFiles()
        files.details = [("d", [[.nan, 1], [.nan, 0.5]])]
        files.images = ["x", "y"]
        #expect(files.files["d_summary.csv"]?.contains("class0,nan,nan,nan,nan,nan,nan,0.0000\n") == true)
        #expect(files.files["d_raw.csv"] == "filename,class0,class1,mean\nx,nan,1.0,1.0\ny,nan,0.5,0.5\n")
    }
}
