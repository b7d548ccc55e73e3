import Foundation
import Testing
import Torch

extension TorchSuite {
    @Suite struct Memory {
        /// As many bytes as the machine has, which others use, too; the system would promise them all the same.
        private var tooMuch: [Int] { [Int(clamping: ProcessInfo.processInfo.physicalMemory) / 4] }

        @Test func whatTheMachineLacksIsRefusedWithNumbers() throws {
            let error = #expect(throws: TorchError.self) { try Tensor.zeros(tooMuch) }
            guard case .memory(let operation, _, let reason)? = error else {
                Issue.record("\(error.map { "\($0)" } ?? "nothing was thrown")")
                return
            }
            #expect(operation == "full")
            #expect(reason.contains(/not enough memory: \d+ MB more are needed, \d+ MB are available/), "\(reason)")
        }

        @Test func aRefusalLeavesTheRestAtWork() throws {
            let before = ProcessMemory.tensors
            #expect(throws: TorchError.self) { try Tensor.zeros(tooMuch) }
            let tensor = try Tensor.ones([1 << 20])
            #expect(ProcessMemory.tensors >= 4 << 20)
            #expect(try tensor.sum().item() == Double(1 << 20))
            #expect(ProcessMemory.tensors <= max(before, 0) + (1 << 30), "what was refused is not counted")
        }

        @Test func otherFailuresAreNoLackOfMemory() throws {
            let error = #expect(throws: TorchError.self) { try Tensor.ones([2, 3]) + Tensor.ones([4]) }
            guard case .operation? = error else {
                Issue.record("\(error.map { "\($0)" } ?? "nothing was thrown")")
                return
            }
        }
    }
}
