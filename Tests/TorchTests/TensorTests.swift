import Foundation
import Testing
import Torch
import TorchNN

/// All suites that touch LibTorch, one at a time: gradient mode, generators and the thread count are shared state.
@Suite(.serialized) struct TorchSuite {
    init() { Threads.count = 2 }
}

extension TorchSuite {
    @Suite struct Tensors {
        @Test func elementsComeBackInOrder() throws {
            let values: [Float] = (0..<24).map(Float.init)
            let tensor = try Tensor(values, shape: [2, 3, 4])
            #expect(try tensor.floats() == values)
            #expect(tensor.shape == [2, 3, 4])
            let turned = try tensor.permuted([2, 0, 1])
            #expect(turned.shape == [4, 2, 3])
            #expect(try turned.floats()[0..<3] == [0, 4, 8])
            #expect(try Tensor(tensor.data(), dtype: .float32, shape: [2, 3, 4]).isEqual(to: tensor))
        }

        @Test func errorsNameOperationAndBothShapes() throws {
            let left = try Tensor.zeros([2, 3])
            let right = try Tensor.zeros([4, 5])
            let error = #expect(throws: TorchError.self) { try left.matmul(right) }
            let text = try #require(error).description
            #expect(text.contains("matmul") && text.contains("[2, 3]") && text.contains("[4, 5]"))
            #expect(throws: TorchError.self) { try left + right }
            #expect(throws: TorchError.elementCount(expected: 4, shape: [2, 2], found: 3)) { try Tensor([1, 2, 3] as [Float], shape: [2, 2]) }
            #expect(throws: TorchError.self) { try left.int64s() }
            #expect(throws: TorchError.notScalar(shape: [2, 3])) { try left.item() }
        }

        @Test func scalarsKeepIntegerTypes() throws {
            let integers = try Tensor([1, 2, 3] as [Int64])
            #expect(try (integers * 2).int64s() == [2, 4, 6])
            #expect(try (10 - integers).int64s() == [9, 8, 7])
            #expect(try (integers * 0.5).floats() == [0.5, 1, 1.5])
            #expect(try (integers .> 1).elements(Bool.self) == [false, true, true])
        }

        @Test func randomStateRestores() throws {
            let generator = try Generator(seed: 7)
            let state = try generator.state()
            let first = try Tensor.randn([5], generator: generator)
            try generator.restore(state)
            #expect(try Tensor.randn([5], generator: generator).isEqual(to: first))
            #expect(try Tensor.randn([5], generator: Generator(seed: 7)).isEqual(to: first))
            #expect(try !Tensor.randn([5], generator: generator).isEqual(to: first))
        }

        @Test func nothingLeaks() throws {
            let before = Tensor.liveCountOfThread
            for _ in 0..<3 {
                let weight = try Tensor.randn([4, 3]).requiringGradient()
                try Tensor.randn([5, 3]).linear(weight).sum().backward()
                _ = try weight.gradient?.floats()
                _ = try? weight.matmul(weight)
            }
            #expect(Tensor.liveCountOfThread == before)
        }
    }

    @Suite struct Gradients {
        @Test func ofAProductAndWithoutRecording() throws {
            let x = try Tensor([2, 3] as [Float]).requiringGradient()
            try (x * x).sum().backward()
            #expect(try x.gradient?.floats() == [4, 6])
            let silent = try withoutGradients { () throws(TorchError) in try x * x }
            #expect(!silent.requiresGradient)
            #expect(try (x * x).requiresGradient)
        }

        @Test func clippingScalesTheJointNorm() throws {
            let x = try Tensor([0, 0] as [Float]).requiringGradient()
            try x.setGradient(Tensor([3, 4] as [Float]))
            #expect(try clipGradientNorm([x], to: 1) == 5)
            let clipped = try #require(x.gradient).floats()
            #expect(abs(clipped[0] - 0.6) < 1e-6 && abs(clipped[1] - 0.8) < 1e-6)
        }
    }
}
