import Synchronization

/// The wish that a running training saves and stops after its current step.
public enum TrainingInterruption {
    /// Set to true from any thread, e.g. a signal handler.
    public static let isRequested = Atomic<Bool>(false)
}
