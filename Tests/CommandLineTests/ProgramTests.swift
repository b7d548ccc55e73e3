import Foundation
import TestSupport
import Testing

/// What the other tests take for granted about the programs they run.
@Suite struct ProgramTests {
    private let shell = URL(filePath: "/bin/sh")

    @Test func streamsAreKeptApartAndTheInputIsEmpty() async throws {
        let script = "cat; echo out; echo \"$WORD\" >&2; exit 3"
        let outcome = try await Program.run(shell, ["-c", script], environment: ["PATH": "/usr/bin:/bin", "WORD": "err"])
        #expect((outcome.status, outcome.output, outcome.messages) == (3, "out\n", "err\n"))
    }

    @Test func aSignalIsANegativeStatus() async throws {
        #expect(try await Program.run(shell, ["-c", "kill -9 $$"]).status == -9)
    }

    @Test func theFolderIsTheOneAskedFor() async throws {
        #expect(try await Program.run(shell, ["-c", "pwd"], in: URL(filePath: "/")).output == "/\n")
    }

    @Test func floodsAndMissingProgramsAreNamed() async throws {
        await #expect { try await Program.run(shell, ["-c", "yes"]) } throws: { "\($0)".contains("\(Program.limit)") && "\($0)".contains("yes") }
        await #expect { try await Program.run(URL(filePath: "/no/program"), []) } throws: { "\($0)".contains("/no/program") }
    }
}
