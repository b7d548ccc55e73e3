import ArgumentParser
import CommandSupport
import Foundation
import MedicalImaging
import Phantoms
import Randomness

/// `viscera phantom`: synthetic CT with exact labels.
struct PhantomCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "phantom", abstract: "Paint CT-like volumes with exact organ labels.",
        discussion: """
            Every number gives another patient: \(Self.procedural) Written are images/, labels/ and dataset.json, a list in the manner of \
            the Medical Segmentation Decathlon that `viscera train` reads.
            """)

    private static let procedural =
        "body, organs, vessels, bowel, bones and noise are drawn anew, or deformed from the label map that --anatomy names."

    @Option(name: .shortAndLong, help: ArgumentHelp("The folder to write into.", valueName: "folder"), completion: .directory)
    var output: String

    @Option(name: [.customShort("n"), .long], help: "How many volumes.")
    var count: Int = 1

    @Option(help: "The first volume's number; the same number gives the same volume.")
    var seed: UInt64 = 1

    @Option(
        help: ArgumentHelp("A label map of a trunk with the labels of TotalSegmentator's 117 structures to deform and paint.", valueName: "file"),
        completion: .file())
    var anatomy: String?

    @Option(help: "The voxel spacing in mm, one number or three (X,Y,Z).")
    var spacing: SpacingOption = SpacingOption(millimetres: SIMD3(repeating: 2))

    @Option(
        help: ArgumentHelp(
            "The volume in voxels, one number or three (X,Y,Z); without it the whole abdomen, or a part of it with --vary.", valueName: "voxels")
    )
    var shape: WindowSize?

    @Option(help: "The contrast phase: nonContrast, arterial, portalVenous or delayed; without it one is drawn.")
    var phase: ContrastPhase?

    @Flag(help: "Vary more than patients do, for training: parts of the trunk, and now and then random intensities.")
    var vary = false

    @OptionGroup(title: "Messages") var messages: OutputOptions

    func validate() throws {
        if count < 1 { throw ValidationError("--count must be at least 1, not \(count).") }
    }

    func run() throws {
        let console = messages.console
        let folder = URL(filePath: output)
        for name in ["images", "labels"] { try AtomicOutput.makeFolder(folder.appending(path: name)) }
        let paint = try painter()
        var entries: [PhantomList.Entry] = []
        for position in 0..<count {
            console.progress("phantom", Double(position) / Double(count))
            let number = seed + UInt64(position)
            let phantom = try paint(number)
            let name = String(format: "phantom_%04llu.nii.gz", number)
            try AtomicOutput.write(to: folder.appending(path: "images/\(name)")) { try ImageFile.write(phantom.image.rounded, to: $0, like: nil) }
            try AtomicOutput.write(to: folder.appending(path: "labels/\(name)")) {
                try ImageFile.write(phantom.labels, to: $0, like: nil, labelNames: Organ.names)
            }
            entries.append(PhantomList.Entry(image: "images/\(name)", label: "labels/\(name)"))
        }
        let list = PhantomList(entries: entries)
        try AtomicOutput.write(try list.json(), to: folder.appending(path: "dataset.json"))
        console.note("Wrote \(count) \(count == 1 ? "volume" : "volumes") and dataset.json to \(folder.path)")
        try console.json(list)
    }

    /// What makes a phantom of a number.
    private func painter() throws -> (UInt64) throws -> Phantom {
        guard let anatomy else {
            var options = PhantomOptions()
            options.paint = adjusted(options.paint)
            return { [options, vary] number in
                var options = options
                if vary { options.paint.region = Self.region(number) }
                return try PhantomGenerator(options: options).patient(seed: number)
            }
        }
        let painter = try AnatomyPainter(anatomy: ImageFile.readLabels(URL(filePath: anatomy)).labels)
        return { [paint = adjusted(PaintOptions()), vary] number in
            var paint = paint
            if vary { paint.region = Self.region(number) }
            return try painter.paint(seed: number, options: paint)
        }
    }

    /// The options as the command line changes them.
    private func adjusted(_ defaults: PaintOptions) -> PaintOptions {
        var paint = defaults
        paint.spacing = spacing.millimetres
        paint.phase = phase
        paint.shape = shape?.shape
        if !vary { (paint.randomIntensityFraction, paint.organAbsence) = (0, 0) }
        if !vary, shape == nil { paint.region = 0.2...0.9 }
        return paint
    }

    /// The part of the trunk that a varied phantom shows: from somewhere below the kidneys to somewhere above the liver, drawn from its number.
    private static func region(_ number: UInt64) -> ClosedRange<Double> {
        var random = RandomSource(99, number)
        let lower = random.uniform(0.12...0.4)
        return lower...random.uniform(0.58...0.75)
    }
}

extension ContrastPhase: ExpressibleByArgument {}

extension Volume<Float> {
    /// The same volume with whole intensities, which compress better and are what scanners store.
    var rounded: Volume<Float> { Volume(grid: grid, voxels: voxels.map { $0.rounded() }) }
}

/// The list of a folder of phantoms, as the Medical Segmentation Decathlon writes it.
struct PhantomList: Encodable {
    struct Entry: Encodable {
        var image: String
        var label: String
    }

    var name = "Viscera phantoms"
    var description = "Synthetic CT with exact organ labels"
    var tensorImageSize = "3D"
    var modality = ["0": "CT"]
    var labels: [String: String]
    var numTraining: Int
    var training: [Entry]

    init(entries: [Entry]) {
        labels = Dictionary(uniqueKeysWithValues: Organ.allCases.map { ("\($0.rawValue)", $0.name) })
        labels["0"] = "background"
        numTraining = entries.count
        training = entries
    }

    /// The list as a file holds it.
    func json() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(self)
    }
}
