import Foundation
import Weights

/// The splits that the published model was trained and validated with, under their published names and with their published content.
///
/// They are made here from facts: BTCV's by the rule of its case numbers, that of TCIA's COVID-19 volumes from the table of its case numbers.
public enum PublishedSplit: String, Sendable, CaseIterable {
    /// 600 unlabelled chest CTs to pre-train on and 171 to validate on. 23 patients are on both sides, on other days.
    case tcia
    /// 24 labelled abdominal CTs to train on, 6 to validate on, 20 to test on.
    case btcv
    /// The same with 6 volumes to train on.
    case btcv6 = "btcv-6"
    /// The same with 12 volumes to train on.
    case btcv12 = "btcv-12"

    /// The published name of the file.
    public var fileName: String {
        switch self {
        case .tcia: "tcia_dataset_split.json"
        case .btcv: "btcv_dataset_0.json"
        case .btcv6: "btcv_dataset_0_init_6.json"
        case .btcv12: "btcv_dataset_0_init_12.json"
        }
    }

    /// The numbers of BTCV's cases that the split trains on.
    private var trainingCases: [Int] {
        switch self {
        case .tcia: []
        case .btcv: Array(1...10) + Array(21...34)
        case .btcv6: Array(1...6)
        case .btcv12: Array(1...10) + [21, 22]
        }
    }

    /// The split as a list to be written into `folder` under its published name; paths start from that folder.
    public func list(in folder: URL) -> DatalistFile {
        let url = folder.appending(path: fileName)
        var list = DatalistFile(url: url, members: self == .tcia ? [] : Self.btcvFacts)
        if self == .tcia {
            list.setSection("training", Self.covidItems(TCIACovidTable.training))
            list.setSection("validation", Self.covidItems(TCIACovidTable.validation))
        } else {
            list.setSection("test", (61...80).map { DatalistItem(image: "imagesTs/img\(Self.padded($0)).nii.gz") })
            list.setSection("training", trainingCases.map(Self.btcvItem))
            list.setSection("validation", (35...40).map(Self.btcvItem))
        }
        return list
    }

    private static func btcvItem(_ number: Int) -> DatalistItem {
        DatalistItem(image: "imagesTr/img\(padded(number)).nii.gz", label: "labelsTr/label\(padded(number)).nii.gz")
    }

    /// Decodes entries such as `705d43` and `167s1` of the table.
    private static func covidItems(_ table: String) -> [DatalistItem] {
        table.split(whereSeparator: \.isWhitespace).map { entry in
            let parts = entry.split(whereSeparator: \.isLetter).map { Int($0) ?? 0 }
            var name = "volume-covid19-A-\(padded(parts[0]))"
            if entry.contains("d") { name += "_day\(padded(parts[1], width: 3))" }
            if entry.contains("s") { name += "_\(parts[1])" }
            return DatalistItem(image: "data/\(name).nii.gz")
        }
    }

    private static func padded(_ number: Int, width: Int = 4) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    /// What the published lists of BTCV say about the data.
    private static var btcvFacts: [JSONValue.Member] {
        let names = [
            "background", "spleen", "rkid", "lkid", "gall", "eso", "liver", "sto", "aorta", "IVC", "veins", "pancreas", "rad", "lad",
        ]
        return [
            .init("description", .string("btcv yucheng")),
            .init("labels", .object(names.enumerated().map { .init("\($0.offset)", .string($0.element)) })),
            .init("licence", .string("yt")), .init("modality", .object([.init("0", .string("CT"))])), .init("name", .string("btcv")),
            .init("numTest", .integer(20)), .init("numTraining", .integer(80)), .init("reference", .string("Vanderbilt University")),
            .init("release", .string("1.0 06/08/2015")), .init("tensorImageSize", .string("3D")),
        ]
    }
}
