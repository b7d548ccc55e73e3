import Foundation

/// A folder that exists for one test.
final class TemporaryFolder: Sendable {
    let url = FileManager.default.temporaryDirectory.appending(path: "viscera-weights-\(UUID().uuidString)", directoryHint: .isDirectory)

    init() throws { try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(at: url) }

    /// Writes `bytes` to a file called `name` in the folder.
    func file(_ name: String, _ bytes: Data) throws -> URL {
        let target = url.appending(path: name)
        try bytes.write(to: target)
        return target
    }

    /// The names of what lies in the folder.
    var contents: [String] { get throws { try FileManager.default.contentsOfDirectory(atPath: url.path(percentEncoded: false)).sorted() } }
}

/// A deterministic source of random numbers (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }
}
