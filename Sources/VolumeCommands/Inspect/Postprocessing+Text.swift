import Weights

extension Postprocessing {
    /// What is done and what the choice rests on.
    package var text: String {
        let what = largestComponents.isEmpty ? "none" : "largest component of \(largestComponents.joined(separator: ", "))"
        return what + (basis.map { "; \($0)" } ?? "")
    }
}
