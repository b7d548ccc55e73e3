import Foundation
import Preprocessing
import Weights

/// What a TorchScript file says about the network's use, in its extra file `viscera.json`: one JSON object. Every key may be absent, an unknown
/// one is refused.
///
/// | key | content |
/// |---|---|
/// | `format` | `viscera/1` |
/// | `roi` | the window [X, Y, Z] in voxels |
/// | `classes` | one name per output channel, the background first |
/// | `recipe` | the preprocessing: `PreprocessingRecipe` |
/// | `architecture` | the network's sizes, of networks of Viscera |
/// | `provenance`, `license` | where the weights come from and what allows their use |
/// | `postprocessing` | what is done to the label maps: `Postprocessing` |
public struct ScriptMetadata: Codable, Sendable, Equatable {
    /// The name of the extra file.
    public static let fileName = "viscera.json"

    public var format: String? = ModelMetadata.format
    public var roi: [Int]?
    public var classes: [String]?
    public var recipe: PreprocessingRecipe?
    public var architecture: Architecture?
    public var provenance: Provenance?
    public var license: String?
    public var postprocessing: Postprocessing?

    /// Nothing stated.
    public init() {}

    /// Decodes and checks the text of the extra file.
    /// - Throws: `WeightError.Problem.metadata` for text that is no such object.
    public init(json: String) throws(WeightError) {
        let data = Data(json.utf8)
        do {
            let keys = try JSONDecoder().decode([String: Ignored].self, from: data).keys
            let known = Set(CodingKeys.allCases.map(\.rawValue))
            if let unknown = keys.filter({ !known.contains($0) }).min() {
                throw Self.failure("“\(unknown)” is not a key of it; expected \(known.sorted().joined(separator: ", "))")
            }
            self = try JSONDecoder().decode(Self.self, from: data)
        } catch let error as WeightError { throw error } catch { throw Self.failure("the JSON does not decode: \(error)") }
        try validate()
    }

    /// The text of the extra file; equal metadata give equal text.
    /// - Throws: `WeightError.Problem.metadata` for values that cannot be.
    public func json() throws(WeightError) -> String {
        try validate()
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        do { return String(decoding: try encoder.encode(self), as: UTF8.self) } catch { throw Self.failure("it does not encode: \(error)") }
    }

    private func validate() throws(WeightError) {
        guard format == nil || format == ModelMetadata.format else {
            throw Self.failure("“format” is “\(format ?? "")”, expected “\(ModelMetadata.format)”: update Viscera or export the model again")
        }
        if let roi, roi.count != 3 || !roi.allSatisfy({ (1...4096).contains($0) }) {
            throw Self.failure("“roi” must be three numbers of voxels from 1 to 4096, found \(roi)")
        }
        if let classes, classes.count < 2 { throw Self.failure("“classes” must name the background and at least one class, found \(classes)") }
        if let problem = postprocessing?.problem(classes: classes ?? []) { throw Self.failure("“postprocessing”: \(problem)") }
    }

    private static func failure(_ reason: String) -> WeightError { WeightError(.metadata(key: fileName, reason: reason)) }

    /// Any value, passed over.
    private struct Ignored: Decodable { init(from decoder: any Decoder) {} }

    private enum CodingKeys: String, CodingKey, CaseIterable { case format, roi, classes, recipe, architecture, provenance, license, postprocessing }
}
