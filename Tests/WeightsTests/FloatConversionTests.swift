import Foundation
import Testing
import Weights

@Suite struct FloatConversionTests {
    @Test func everyFloat16SurvivesTheRoundTrip() {
        for bits in UInt16.min...UInt16.max {
            let value = FloatConversion.float(fromFloat16: bits)
            if bits & 0x7FFF > 0x7C00 {
                #expect(value.isNaN && FloatConversion.float16(value) == bits | 0x200)
            } else {
                #expect(FloatConversion.float16(value) == bits)
            }
        }
    }

    @Test func everyBFloat16SurvivesTheRoundTrip() {
        for bits in UInt16.min...UInt16.max {
            let value = FloatConversion.float(fromBFloat16: bits)
            if value.isNaN {
                #expect(FloatConversion.bfloat16(value) == bits | 0x40)
            } else {
                #expect(FloatConversion.bfloat16(value) == bits)
            }
        }
    }

    /// Values from numpy 2: np.float16(x).view(np.uint16).
    @Test(
        arguments: [
            (1.0, 0x3C00), (-2.0, 0xC000), (65504, 0x7BFF), (65519.996, 0x7BFF), (65520, 0x7C00), (1e30, 0x7C00), (-1e30, 0xFC00),
            (0x1p-14, 0x0400), (0x1p-24, 0x0001), (0x1p-25, 0x0000), (0x1.000002p-25, 0x0001), (1.00048828125, 0x3C00), (1.0004884, 0x3C01),
            (1.00146484375, 0x3C02), (0.1, 0x2E66), (-0.0, 0x8000), (6.097555160522461e-05, 0x03FF), (6.1e-05, 0x03FF), (6.101e-05, 0x0400),
        ] as [(Float, UInt16)])
    func narrowsToFloat16(value: Float, bits: UInt16) {
        #expect(FloatConversion.float16(value) == bits)
    }

    @Test func bfloat16RoundsTiesToEven() {
        #expect(FloatConversion.bfloat16(Float(bitPattern: 0x3F80_8000)) == 0x3F80)
        #expect(FloatConversion.bfloat16(Float(bitPattern: 0x3F81_8000)) == 0x3F82)
        #expect(FloatConversion.bfloat16(Float(bitPattern: 0x3F80_8001)) == 0x3F81)
        #expect(FloatConversion.bfloat16(.greatestFiniteMagnitude) == 0x7F80)
    }

    /// 1 + 2⁻¹¹ + 2⁻⁴⁰ lies just above a float16 tie; by way of float32 it would become the tie and round down.
    @Test func narrowingFromDoubleRoundsOnce() throws {
        let values = [1 + 0x1p-11 + 0x1p-40, 1 + 0x1p-8 + 0x1p-40, 1e300, -1e-300]
        let tensor = try StoredTensor(type: .float64, shape: [4], bytes: values.withUnsafeBytes { Data($0) })
        let half = try tensor.converted(to: .float16).bytes.withUnsafeBytes { [UInt16]($0.bindMemory(to: UInt16.self)) }
        #expect(half == [0x3C01, 0x3C04, 0x7C00, 0x8000])
        let brain = try tensor.converted(to: .bfloat16).bytes.withUnsafeBytes { [UInt16]($0.bindMemory(to: UInt16.self)) }
        #expect(brain == [0x3F80, 0x3F81, 0x7F80, 0x8000])
    }

    @Test func narrowingPicksTheNearestNeighbour() {
        var generator = SeededGenerator(state: 7)
        for _ in 0..<20_000 {
            let value =
                Float.random(in: -1...1, using: &generator) * Float(sign: .plus, exponent: .random(in: -28...15, using: &generator), significand: 1)
            let bits = FloatConversion.float16(value)
            let error = abs(Double(FloatConversion.float(fromFloat16: bits)) - Double(value))
            for neighbour in [bits &- 1, bits &+ 1] where neighbour & 0x7FFF < 0x7C00 {
                #expect(error <= abs(Double(FloatConversion.float(fromFloat16: neighbour)) - Double(value)))
            }
        }
    }

    @Test func integersAndTruthValuesBecomeFloats() throws {
        let tensor = try StoredTensor(type: .int16, shape: [2], bytes: Data([0xFE, 0xFF, 0x01, 0x01]))
        #expect(tensor.floats() == [-2, 257])
        #expect(try StoredTensor(type: .bool, shape: [3], bytes: Data([0, 1, 7])).floats() == [0, 1, 1])
        #expect(try StoredTensor(type: .uint8, shape: [], bytes: Data([200])).converted(to: .float64).floats() == [200])
        #expect(throws: WeightError.self) { try tensor.converted(to: .int32) }
    }

    @Test func sizesThatDoNotFitAreRefused() {
        #expect(throws: WeightError.self) { try StoredTensor(type: .float32, shape: [2], bytes: Data(count: 7)) }
        #expect(throws: WeightError.self) { try StoredTensor(type: .float32, shape: [-1], bytes: Data()) }
        #expect(throws: WeightError.self) { try StoredTensor(type: .float32, shape: [Int.max, 4], bytes: Data()) }
        #expect(throws: Never.self) { try StoredTensor(type: .float32, shape: [0, Int.max, Int.max], bytes: Data()) }
    }
}
