import Foundation
import Weights

/// What stands for an object of the program in a configuration: references (`@model`), and the few expressions of Python that the published
/// samples hold. Nothing is evaluated: an expression is known, and then its meaning is, or it is refused.
enum ConfigurationExpression {
    /// What may be referred to.
    static let targets: Set<String> = [
        "model", "optimizer", "lr_scheduler", "loss", "pre_transforms", "dataset", "dataloader", "inferer", "post_transforms", "handlers",
        "key_metric",
        "additional_metrics", "evaluator", "trainer", "conf",
    ]

    /// The expressions of the samples, without white space and with single quotation marks.
    private static let known: Set<String> = [
        "#@model.parameters()", "#monai.handlers.from_engine(['pred','label'])", "#monai.handlers.from_engine(['loss'],first=True)",
        "#monai.handlers.from_engine(['image_meta_dict'])", "#monai.handlers.from_engine('loss',first=True)",
        "#monai.handlers.from_engine(['image_meta_dict','pred'])", "lambdax:None", "lambdax:x['loss']", "lambdax:(x['pred'],x['label'])",
        "lambdax:x>0",
    ]

    /// The name behind `@`, or `nil` for a value that is no reference.
    static func reference(_ value: JSONValue) -> String? {
        guard let text = value.text, text.hasPrefix("@") else { return nil }
        return String(text.dropFirst())
    }

    /// Refuses what is neither a known expression nor a reference to something known.
    static func check(_ value: JSONValue, at place: ConfigurationPlace) throws(ArchiveError) {
        guard let text = value.text else { throw place.failure("expected a reference such as @model or an expression, found \(value.canonicalText)") }
        if let name = reference(value) {
            guard targets.contains(name) else {
                throw place.failure("nothing is called '\(text)'; known are \(targets.sorted().map { "@" + $0 }.joined(separator: ", "))")
            }
            return
        }
        let compact = text.filter { !$0.isWhitespace }.replacing("\"", with: "'")
        guard known.contains(compact) else {
            throw place.failure(
                "the expression '\(text)' is not one that Viscera knows; it runs no Python. Known are \(known.sorted().joined(separator: "; "))")
        }
    }

    /// Whether a text is meant as an expression or a reference.
    static func isExpression(_ value: JSONValue) -> Bool {
        guard let text = value.text else { return false }
        return text.hasPrefix("@") || text.hasPrefix("#") || text.hasPrefix("lambda ")
    }
}
