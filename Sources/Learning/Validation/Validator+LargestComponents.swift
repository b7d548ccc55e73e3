import Evaluation
import MedicalImaging

extension Validator {
    /// The scores of one case on its own grid, from one pass of the network: as the network leaves it, and with only the largest connected
    /// component of every label.
    /// - Parameter onWindow: called with the windows done and their number.
    public func comparison(
        of subject: ValidationCase, onWindow: (Int, Int) throws -> Void = { _, _ in }
    ) throws -> (plain: CaseEvaluation, largest: CaseEvaluation) {
        let labels = try labels(of: subject, on: [.original], onWindow: onWindow)[0].labels
        return (
            try evaluation(of: subject, .original, on: labels),
            try evaluation(of: subject, .original, on: labels.keepingLargestComponents().labels)
        )
    }
}
