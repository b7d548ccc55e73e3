import CommandSupport

/// What became of one case of a run over many.
struct CaseOutcome: Encodable, Sendable {
    var input: String
    /// The result, unless it failed.
    var result: CaseResult?
    /// Why it failed.
    var error: String?
    private var status = ExitStatus.success

    private enum CodingKeys: String, CodingKey { case input, result, error }

    private init(input: String) { self.input = input }

    /// Runs one case; a failure is kept, so that the others can follow.
    static func of(_ job: SegmentationJob, _ body: () throws -> CaseResult) -> CaseOutcome {
        var outcome = CaseOutcome(input: job.input.url.path)
        do {
            outcome.result = try body()
        } catch {
            let failure = ToolFailure(describing: error)
            outcome.error = failure.message
            outcome.status = failure.status
        }
        return outcome
    }

    /// Ends the command with a failure that lists what failed.
    /// - Throws: `ToolFailure` with the status of the first failure.
    static func endIfAnyFailed(_ outcomes: [CaseOutcome]) throws {
        let failed = outcomes.filter { $0.error != nil }
        guard let first = failed.first, let message = first.error else { return }
        guard outcomes.count > 1 else { throw ToolFailure(first.status, message) }
        let list = failed.map { "\n  \($0.input): \($0.error ?? "")" }.joined()
        throw ToolFailure(first.status, "\(failed.count) of \(outcomes.count) cases failed:\(list)")
    }
}
