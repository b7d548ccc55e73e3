/// What is done to a network's label maps before anyone sees them: stored with the weights, under the metadata key `postprocessing`.
///
/// The choice is made once, on cases that the network was not trained on, and belongs to these weights alone: further training does not
/// inherit it. A key that this version does not know is refused, because leaving a step out in silence would give other labels.
public struct Postprocessing: Sendable, Equatable {
    /// The names of the classes of which only the largest connected component is kept (26-connectivity, on the volume's own grid).
    public var largestComponents: [String]
    /// What the choice rests on, in words.
    public var basis: String?

    /// The largest component of these classes.
    public init(largestComponents: [String], basis: String? = nil) {
        self.largestComponents = largestComponents
        self.basis = basis
    }

    /// What is wrong with the names for a model of these classes, the background first; `nil` when nothing is.
    package func problem(classes: [String]) -> String? {
        guard !classes.isEmpty || largestComponents.isEmpty else { return "it names classes, and the model states none under “classes”" }
        let known = classes.dropFirst()
        if let stranger = largestComponents.first(where: { !known.contains($0) }) {
            return "“\(stranger)” is no class of the model that has components to keep; expected names among \(known.joined(separator: ", "))"
        }
        guard Set(largestComponents).count == largestComponents.count else { return "a class is named twice in \(largestComponents)" }
        return nil
    }
}

extension Postprocessing: Codable {
    private enum CodingKeys: String, CodingKey, CaseIterable { case largestComponents, basis }

    private struct AnyKey: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    /// Decodes all keys of the object; `largestComponents` must be there, unknown keys are refused.
    public init(from decoder: any Decoder) throws {
        let known = CodingKeys.allCases.map(\.rawValue)
        if let unknown = try decoder.container(keyedBy: AnyKey.self).allKeys.filter({ !known.contains($0.stringValue) }).min(by: {
            $0.stringValue < $1.stringValue
        }) {
            let reason = "a key that this version does not know, expected \(known.joined(separator: ", ")); update Viscera"
            throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath + [unknown], debugDescription: reason))
        }
        let values = try decoder.container(keyedBy: CodingKeys.self)
        largestComponents = try values.decode([String].self, forKey: .largestComponents)
        basis = try values.decodeIfPresent(String.self, forKey: .basis)
    }
}
