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
            (8, 24, [9, 1, 2]), (3, 8, [4, 4, 4]), (1, 16, [2, 3, 4]), (64, 64, [2, 3, 5]), (128, 64, [2, 2, 4]),
            // Rows longer than a block of tiles, and planes of several blocks whose last is short.
            (8, 8, [2, 5, 97]), (16, 16, [3, 26, 6]),
            // Runs of 2, 4 and 8 planes, the last of each sample shorter.
            (8, 8, [17, 5, 6]), (8, 16, [35, 3, 9]), (16, 8, [67, 9, 5]),
        ])
        func convolution(inputs: Int, outputs: Int, shape: [Int]) throws {
            let generator = try Generator(seed: 3)
            let image = try Tensor.randn([2, inputs] + shape, generator: generator)
            let weight = try Tensor.randn([outputs, inputs, 3, 3, 3], generator: generator)
            try compare([image, weight]) { try $0[0].conv3d($0[1], padding: [1, 1, 1]) }
            try compare([image.channelsLast(), weight]) { try $0[0].conv3d($0[1], padding: [1, 1, 1]) }
        }

        /// 1×1×1 kernels; 14 and 9 outputs end in the middle of a vector, 13 rows and 5 inputs in the middle of a tile.
        @Test(arguments: [
            (32, 16, [4, 5, 6]), (16, 14, [3, 3, 13]), (8, 9, [1, 1, 13]), (5, 16, [2, 3, 5]), (1, 16, [3, 3, 3]),
        ])
        func pointwiseConvolution(inputs: Int, outputs: Int, shape: [Int]) throws {
            let generator = try Generator(seed: 6)
            let image = try Tensor.randn([2, inputs] + shape, generator: generator)
            let weight = try Tensor.randn([outputs, inputs, 1, 1, 1], generator: generator)
            let bias = try Tensor.randn([outputs], generator: generator)
            try compare([image, weight, bias]) { try $0[0].conv3d($0[1], bias: $0[2]) }
            try compare([image.channelsLast(), weight]) { try $0[0].conv3d($0[1]) }
        }

        /// More rows than one task takes; without a bias, whose gradient is LibTorch's sum on both sides.
        @Test func pointwiseConvolutionInSeveralTasks() throws {
            let generator = try Generator(seed: 8)
            let image = try Tensor.randn([2, 16, 17, 17, 17], generator: generator).channelsLast()
            let weight = try Tensor.randn([16, 16, 1, 1, 1], generator: generator)
            try compare([image, weight]) { try $0[0].conv3d($0[1]) }
        }

        /// Transposed kernels that do not overlap, written in place.
        @Test(arguments: [(32, 16, 2, [3, 4, 7]), (8, 8, 2, [2, 1, 1]), (64, 32, 2, [2, 3, 4]), (16, 4, 4, [2, 2, 3])])
        func transposedConvolution(inputs: Int, outputs: Int, kernel: Int, shape: [Int]) throws {
            let generator = try Generator(seed: 7)
            let sizes = [kernel, kernel, kernel]
            let image = try Tensor.randn([2, inputs] + shape, generator: generator)
            let weight = try Tensor.randn([inputs, outputs] + sizes, generator: generator)
            let bias = try Tensor.randn([outputs], generator: generator)
            try compare([image, weight, bias]) { try $0[0].convTranspose3d($0[1], bias: $0[2], stride: sizes) }
            try compare([image.channelsLast(), weight]) { try $0[0].convTranspose3d($0[1], stride: sizes) }
        }

        /// Memory goes from tensor to tensor; no two that live at the same time share any.
        @Test func memoryIsReusedByOneTensorAtATime() throws {
            var kept: [(value: Double, tensor: Tensor)] = []
            for round in 0..<40 {
                let count = 200_000 + 37_000 * (round * 7 % 11)
                kept.append((Double(round), try Tensor.full(Double(round), [count])))
                if round % 3 == 2 { kept.remove(at: round * 5 % kept.count) }
            }
            for (value, tensor) in kept {
                #expect(try tensor.min().item() == value)
                #expect(try tensor.max().item() == value)
            }
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

        /// A convolution over the channels of two volumes; 5 and 3 channels do not fill vectors, 4 outputs take LibTorch's layers.
        @Test(arguments: [(16, 16, 16), (8, 24, 16), (8, 8, 8), (5, 3, 8), (2, 3, 4)])
        func convolutionOfJoinedVolumes(first: Int, second: Int, outputs: Int) throws {
            let generator = try Generator(seed: 9)
            let volumes = try [first, second].map { try Tensor.randn([2, $0, 9, 5, 6], generator: generator) }
            let wide = try Tensor.randn([outputs, first + second, 3, 3, 3], generator: generator)
            let narrow = try Tensor.randn([outputs, first + second, 1, 1, 1], generator: generator)
            try compare(volumes + [wide]) { try $0[0].conv3d(joining: $0[1], $0[2], padding: [1, 1, 1]) }
            try compare(volumes + [narrow]) { try $0[0].conv3d(joining: $0[1], $0[2]) }
            let joined = try Tensor.concatenated(volumes, axis: 1)
            let difference = try difference(
                volumes[0].conv3d(joining: volumes[1], wide, padding: [1, 1, 1]), joined.conv3d(wide, padding: [1, 1, 1]))
            #expect(difference < 1e-6)
        }

        /// The whole block, with a shortcut of its own, of x, and of two volumes, recorded and not; 4 channels take LibTorch's layers.
        @Test(arguments: [(16, 16, 0), (8, 8, 0), (16, 3, 0), (16, 8, 8), (32, 32, 32), (4, 4, 4)])
        func residualBlock(outputs: Int, inputs: Int, skip: Int) throws {
            let generator = try Generator(seed: 10)
            var operands = try [[outputs, inputs + skip, 3, 3, 3], [outputs, outputs, 3, 3, 3], [outputs, inputs + skip, 1, 1, 1]].map {
                try Tensor.randn($0, generator: generator)
            }
            operands += try [inputs, skip].filter { $0 > 0 }.map { try Tensor.randn([2, $0, 10, 5, 6], mean: 4, generator: generator) }
            let hasShortcut = skip > 0 || inputs != outputs
            func block(_ operands: [Tensor]) throws -> Tensor {
                try operands[3].residualBlock(
                    joining: operands.count > 4 ? operands[4] : nil, conv1: operands[0], conv2: operands[1], conv3: hasShortcut ? operands[2] : nil)
            }
            try compare(hasShortcut ? operands : [operands[0], operands[1], operands[3]]) {
                try block(hasShortcut ? $0 : [$0[0], $0[1], operands[2], $0[2]])
            }
            // Where nothing is recorded maps are overwritten, but never those of the caller.
            let before = try operands.map { try $0.floats() }
            let unrecorded = try withoutGradients { try block(operands) }
            let recorded = try block(operands.map { try $0.cloned().requiringGradient() })
            #expect(try outputs < 8 ? difference(unrecorded, recorded.detached()) < 1e-6 : unrecorded.isEqual(to: recorded.detached()))
            #expect(try operands.map { try $0.floats() } == before)
        }

        /// Moments about a part's own first voxel: a mean a thousand times the deviation leaves the digits of the deviation.
        @Test func blockOfValuesFarFromZero() throws {
            let generator = try Generator(seed: 11)
            let image = try Tensor.randn([1, 16, 6, 6, 6], mean: 1000, generator: generator).channelsLast()
            let weights = try (0..<2).map { _ in try Tensor.randn([16, 16, 3, 3, 3], generator: generator) }
            let block = { try image.residualBlock(conv1: weights[0], conv2: weights[1], conv3: nil) - image }
            Kernels.use(false)
            let oracle = try block()
            Kernels.use(true)
            #expect(try difference(block(), oracle) < 1e-3)
        }

        /// A weight that is not trained is prepared once, and anew when it changes.
        @Test func preparedWeightsFollowTheirWeight() throws {
            let generator = try Generator(seed: 12)
            let image = try Tensor.randn([1, 8, 5, 5, 5], generator: generator)
            let weight = try Tensor.randn([8, 8, 3, 3, 3], generator: generator)
            for _ in 0..<3 {
                let output = try image.conv3d(weight, padding: [1, 1, 1])
                Kernels.use(false)
                let oracle = try image.conv3d(weight, padding: [1, 1, 1])
                Kernels.use(true)
                #expect(try difference(output, oracle) < 5e-6)
                try weight.assign(Tensor.randn(weight.shape, generator: generator))
            }
        }

        /// Channels-last volumes in C order; 13 channels and 5·7·3 voxels end in the middle of a vector, 20·21·12 voxels in several tasks.
        @Test(arguments: [[2, 13, 5, 7, 3], [1, 14, 20, 21, 12], [1, 1, 2, 2, 2], [3, 16, 1, 1, 1]])
        func channelsLastInCOrder(shape: [Int]) throws {
            let values = try Tensor.arange(to: Double(shape.reduce(1, *))).to(.float32, .cpu).reshaped(to: shape)
            let volume = try values.channelsLast()
            #expect(try volume.contiguous().isContiguous)
            #expect(try volume.contiguous().floats() == values.floats())
            #expect(try volume.floats() == values.floats())
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
