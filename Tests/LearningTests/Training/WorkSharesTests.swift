import Foundation
import Learning
import TestSupport
import Testing
import Torch

@Suite(.serialized) struct WorkSharesTests {
    private struct Failure: Error, CustomStringConvertible { var description: String }

    /// What every rank returns or throws.
    private func ranks<Value: Sendable>(_ count: Int, _ body: @escaping @Sendable (WorkShares) throws -> Value) throws -> [Result<Value, any Error>] {
        try Ranks.run(count) { rank, port in
            try body(WorkShares(count == 1 ? nil : ProcessGroup(Launch(rank: rank, size: count, port: port), timeout: 60)))
        }
    }

    /// Numbers that a text could spoil.
    private static let numbers = [0.1, -0.0, .nan, .infinity, -.infinity, .leastNonzeroMagnitude, .greatestFiniteMagnitude, 0.1 + 0.2, 1 / 3]

    @Test(arguments: [1, 2, 3, 4]) func everyPartIsDoneOnceAndKnownToAllInOrder(size: Int) throws {
        for count in [0, 1, 3, 9] {
            let found = try ranks(size) { shares in
                var done: [Int] = []
                let results = try shares.results(count) { part in
                    done.append(part)
                    return Self.numbers[part]
                }
                return (done: done, bits: results.map(\.bitPattern), own: shares.ownCount(of: count))
            }.map { try $0.get() }
            #expect(found.flatMap(\.done).sorted() == Array(0..<count), "\(count) parts")
            for rank in found {
                #expect(rank.own == rank.done.count)
                // All NaNs are one NaN.
                let expected = Self.numbers.prefix(count).map(\.bitPattern)
                #expect(rank.bits == expected, "\(count) parts of \(size) ranks")
            }
        }
    }

    @Test func anErrorInOneEndsAllWithItsMessage() throws {
        let found = try ranks(3) { shares in
            try shares.results(5) { part in
                if part == 4 { throw Failure(description: "case 4 is spoilt") }
                return part
            }
        }
        for (rank, result) in found.enumerated() {
            guard case .failure(let error) = result else {
                Issue.record("rank \(rank) went on")
                continue
            }
            #expect("\(error)".contains("case 4 is spoilt"))
            // Part 4 falls to rank 1.
            #expect(error is Failure == (rank == 1))
            if rank != 1 { #expect((error as? LearningError) == .process(rank: 1, reason: "case 4 is spoilt")) }
        }
    }
}
