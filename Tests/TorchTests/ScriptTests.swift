import Foundation
import TestSupport
import Testing
import Torch

extension TorchSuite {
    /// Programs recorded, written, loaded and run here.
    @Suite struct Scripts {
        private let folder: TemporaryDirectory

        init() throws { folder = try TemporaryDirectory() }

        /// y = relu(x·Wᵀ + b) − x, recorded with a batch of 2.
        private func program(_ weight: Tensor, _ bias: Tensor) throws -> ScriptModule {
            let input = try Tensor.rand([2, 3], generator: Generator(seed: 1))
            return try ScriptModule.recording(input, parameters: [("head.0.weight", weight), ("head.0.bias", bias)]) {
                try $0.linear(weight, bias: bias).relu() - $0
            }
        }

        @Test func aRecordedProgramComputesTheSameAfterTheFile() throws {
            let (weight, bias) = (try Tensor.randn([3, 3], generator: Generator(seed: 2)), try Tensor.randn([3], generator: Generator(seed: 3)))
            let path = folder.file("program.ts").path
            try program(weight, bias).write(to: path, extraFile: "note.txt", text: "made here")
            let loaded = try ScriptModule(contentsOf: path)
            #expect(loaded.methods == ["forward(image: Tensor) -> Tensor"])
            let tensors = try loaded.tensors()
            #expect(tensors.map(\.name) == ["head.0.weight", "head.0.bias"])
            #expect(try tensors[0].tensor.isEqual(to: weight))
            // A batch of another size than the recorded one: nothing of it is fixed here.
            for batch in [1, 5] {
                let input = try Tensor.randn([batch, 3], generator: Generator(seed: 4))
                let expected = try input.linear(weight, bias: bias).relu() - input
                #expect(try loaded(input).isEqual(to: expected))
            }
        }

        @Test func nothingIsLeftBehind() throws {
            let before = Tensor.liveCountOfThread
            do {
                let loaded = try program(Tensor.ones([3, 3]), Tensor.zeros([3]))
                _ = try loaded(Tensor.ones([1, 3]))
            }
            #expect(Tensor.liveCountOfThread == before)
        }

        @Test func aFailingComputationRecordsNothing() throws {
            struct Refusal: Error {}
            let input = try Tensor.ones([2])
            #expect(throws: Refusal.self) { try ScriptModule.recording(input, parameters: []) { _ in throw Refusal() } }
            // The recorder is free again.
            let next = try ScriptModule.recording(input, parameters: []) { try $0 + 1 }
            #expect(try next(input).floats() == [2, 2])
        }

        @Test func aRefusedInputNamesTheReason() throws {
            let loaded = try program(Tensor.ones([3, 3]), Tensor.zeros([3]))
            let error = #expect(throws: TorchError.self) { try loaded(Tensor.ones([1, 4])) }
            guard case .operation(_, _, let reason)? = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(!reason.contains("\n") && reason.contains("shapes"), "\(reason)")
        }

        @Test func damagedFilesAreRefused() throws {
            let whole = folder.file("whole.ts")
            try program(Tensor.ones([3, 3]), Tensor.zeros([3])).write(to: whole.path, extraFile: "note.txt", text: "")
            let bytes = try Data(contentsOf: whole)
            for share in [0.0, 0.1, 0.5, 0.9, 0.999] {
                let cut = folder.file("cut.ts")
                try bytes.prefix(Int(Double(bytes.count) * share)).write(to: cut)
                #expect(throws: TorchError.self) { try ScriptModule(contentsOf: cut.path) }
            }
            #expect(throws: TorchError.self) { try ScriptModule(contentsOf: folder.file("none.ts").path) }
            #expect(throws: TorchError.self) { try ScriptModule(contentsOf: folder.url.path) }
        }

        @Test func unwritableFilesAreRefused() throws {
            let loaded = try program(Tensor.ones([3, 3]), Tensor.zeros([3]))
            #expect(throws: TorchError.self) { try loaded.write(to: folder.file("no/such/folder/x.ts").path, extraFile: "a", text: "b") }
            // A full disk, which LibTorch answers with an exception from a destructor.
            if FileManager.default.fileExists(atPath: "/dev/full") {
                #expect { try loaded.write(to: "/dev/full", extraFile: "a", text: "b") } throws: { "\($0)".contains("is the disk full?") }
            }
        }
    }

    @Suite struct Devices {
        @Test func theProcessorIsAlwaysThere() throws {
            #expect(Device.cpu.isAvailable && Device.all.first == .cpu)
            try Device.cpu.requireAvailability()
            #expect(ProcessMemory.peak > 10_000_000)
            #expect(throws: TorchError.self) { try Device.cpu.memory() }
        }

        @Test func aDeviceBeyondTheLastIsRefusedWithAdvice() throws {
            let device = Device(.cuda, index: 1000)
            #expect(!device.isAvailable)
            let error = #expect(throws: TorchError.self) { try device.requireAvailability() }
            guard case .deviceUnavailable(device, let reason)? = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            // Either there is no CUDA, and set-up is advised, or the devices there are named.
            #expect(Device.cuda.isAvailable ? reason.contains("cuda:0") : reason.contains("DEVICE=cuda make setup"), "\(reason)")
        }
    }
}
