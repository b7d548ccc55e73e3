/// The time of scanning after the injection of contrast agent.
public enum ContrastPhase: String, CaseIterable, Sendable, Codable {
    /// No contrast agent.
    case nonContrast
    /// About 30 s: bright arteries and renal cortex, mottled spleen.
    case arterial
    /// About 70 s: bright liver and veins.
    case portalVenous
    /// Three minutes and more: everything evened out, contrast in the urine.
    case delayed
}
