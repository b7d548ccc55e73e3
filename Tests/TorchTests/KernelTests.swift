import Testing
import Torch

extension TorchSuite {
    /// Our kernels against LibTorch's layers, value and every gradient. The tolerance is float32's over the sums involved.
    @Suite struct KernelsAgainstOracle {
        /// ‖a − b‖ / ‖b‖
        private func difference(_ a: Tensor, _ b: Tensor) throws -> Double { try (a - b).norm().item() / max(b.norm().item(), 1e-30) }

        /// Runs `layer` on copies of the operands with our kernels and with LibTorch's: the output and the gradients of the operands.
        private func compare(_ operands: [Tensor], _ layer: ([Tensor]) throws -> Tensor) throws {
            func run(_ own: Bool) throws -> [Tensor] {
                Kernels.use(own)
                defer { Kernels.use(true) }
                let copies = try operands.map { try $0.cloned().requiringGradient() }
                let output = try layer(copies)
                let seed = try Tensor.arange(to: Double(output.count)).sin().reshaped(to: output.shape)
                try output.backward(seed)
                return try [output.detached()] + copies.map { try #require($0.gradient) }
            }
            for (index, (ours, oracle)) in zip(try run(true), try run(false)).enumerated() {
                let error = try difference(ours, oracle)
                #expect(error < 5e-6, "result \(index) of \(operands.map(\.shape)) differs by \(error)")
            }
        }

        @Test(arguments: [
            (1, 16, [5, 6, 7]), (16, 16, [4, 5, 13]), (32, 16, [3, 3, 8]), (16, 48, [2, 7, 6]), (24, 8, [6, 2, 30]), (16, 16, [1, 1, 1]),
            (8, 24, [9, 1, 2]),
            (3, 8, [4, 4, 4]),
        ])
        func convolution(inputs: Int, outputs: Int, shape: [Int]) throws {
            let generator = try Generator(seed: 3)
            let image = try Tensor.randn([2, inputs] + shape, generator: generator)
            let weight = try Tensor.randn([outputs, inputs, 3, 3, 3], generator: generator)
            try compare([image, weight]) { try $0[0].conv3d($0[1], padding: [1, 1, 1]) }
            try compare([image.channelsLast(), weight]) { try $0[0].conv3d($0[1], padding: [1, 1, 1]) }
        }

        @Test(arguments: [(16, [4, 5, 6]), (8, [3, 3, 3]), (32, [20, 20, 25])])
        func normalizedActivation(channels: Int, shape: [Int]) throws {
            let generator = try Generator(seed: 4)
            let a = try Tensor.randn([2, channels] + shape, mean: 3, deviation: 2, generator: generator)
            let b = try Tensor.randn([2, channels] + shape, mean: -5, deviation: 0.5, generator: generator).channelsLast()
            try compare([a]) { try $0[0].normalizedLeakyReLU() }
            try compare([a, b]) { try $0[0].normalizedLeakyReLU(adding: $0[1]) }
            try compare([a, b]) { try $0[0].normalizedLeakyReLU(adding: $0[1], normalizingShortcut: true) }
        }

        @Test func resultsDoNotDependOnTheNumberOfThreads() throws {
            let image = try Tensor.randn([1, 16, 12, 12, 12], generator: Generator(seed: 1)).channelsLast()
            let weight = try Tensor.randn([16, 16, 3, 3, 3], generator: Generator(seed: 2))
            var gradients: [Tensor] = []
            for threads in [1, 2, 3] {
                Threads.count = threads
                let kernel = try weight.cloned().requiringGradient()
                try image.conv3d(kernel, padding: [1, 1, 1]).normalizedLeakyReLU().sum(axes: [2, 3, 4]).backward(Tensor.ones([1, 16]))
                gradients.append(try #require(kernel.gradient))
            }
            Threads.count = 2
            #expect(try gradients[0].isEqual(to: gradients[1]) && gradients[0].isEqual(to: gradients[2]))
        }

        /// One product over blocks against the definition: a doubled voxel takes the kernel's value at its parity.
        @Test func transposedConvolutionOfDisjointBlocks() throws {
            let generator = try Generator(seed: 5)
            let image = try Tensor.randn([2, 3, 2, 3, 4], generator: generator)
            let weight = try Tensor.randn([3, 5, 2, 2, 2], generator: generator)
            let output = try image.convTranspose3d(weight, stride: [2, 2, 2])
            #expect(output.shape == [2, 5, 4, 6, 8])
            let (values, inputs, kernel) = (try output.floats(), try image.floats(), try weight.floats())
            for (batch, channel, x, y, z) in [(0, 0, 0, 0, 0), (1, 4, 3, 5, 7), (1, 2, 2, 1, 4), (0, 3, 1, 4, 3)] {
                var expected: Float = 0
                for input in 0..<3 {
                    let voxel = inputs[(((batch * 3 + input) * 2 + x / 2) * 3 + y / 2) * 4 + z / 2]
                    expected += voxel * kernel[(((input * 5 + channel) * 2 + x % 2) * 2 + y % 2) * 2 + z % 2]
                }
                #expect(abs(values[(((batch * 5 + channel) * 4 + x) * 6 + y) * 8 + z] - expected) < 1e-5)
            }
        }
    }
}
