import Foundation
import Testing
import Weights

@Suite struct HostilePickleTests {
    @Test(arguments: [
        ("os", "system"), ("posix", "system"), ("builtins", "eval"), ("builtins", "getattr"), ("__builtin__", "exec"), ("subprocess", "Popen"),
        ("torch", "load"), ("torch.nn.modules.linear", "Linear"), ("collections", "OrderedDict.__reduce__"), ("torch._utils", "_rebuild_xla_tensor"),
    ])
    func aForbiddenGlobalIsRefusedByName(module: String, name: String) throws {
        let call = PickleBuilder(data: Data()).text("touch /tmp/x").ops(0x85, 0x52).data
        let classic = PickleBuilder().global(module, name).then(call).ops(0x2E).data
        let stacked = PickleBuilder().text(module).text(name).ops(0x93).then(call).ops(0x2E).data
        for pickle in [classic, stacked] {
            #expect {
                try load(PickleBuilder.archive(pickle))
            } throws: {
                ($0 as? WeightError)?.problem == .forbiddenGlobal(name: "\(module).\(name)") && "\($0)".contains("nothing was executed")
            }
        }
    }

    @Test func anUnsupportedElementTypeIsNamed() throws {
        let pickle = PickleBuilder().storage("0", count: 1, type: "ComplexFloatStorage").ops(0x2E).data
        #expect { try load(PickleBuilder.archive(pickle)) } throws: { "\($0)".contains("torch.ComplexFloatStorage") }
    }

    static let views: [(String, @Sendable (PickleBuilder) -> PickleBuilder)] = [
        ("past the storage", { $0.tensor(count: 16, shape: [17], strides: [1]) }),
        ("offset past the storage", { $0.tensor(count: 16, offset: 16, shape: [1], strides: [1]) }),
        ("stride past the storage", { $0.tensor(count: 16, shape: [2, 2], strides: [15, 1]) }),
        ("storage promises too much", { $0.tensor(count: 17, shape: [1], strides: [1]) }),
        ("negative size", { $0.tensor(count: 16, shape: [-1], strides: [1]) }),
        ("two negative sizes", { $0.tensor(count: 16, shape: [-2, -2], strides: [1, 1]) }),
        ("negative stride", { $0.tensor(count: 16, offset: 4, shape: [2], strides: [-1]) }),
        ("negative offset", { $0.tensor(count: 16, offset: -1, shape: [1], strides: [1]) }),
        ("negative storage", { $0.tensor(count: -1, shape: [1], strides: [1]) }),
        ("huge storage", { $0.tensor(count: .max, shape: [1], strides: [1]) }),
        ("size overflow", { $0.tensor(count: 16, shape: [1 << 32, 1 << 32], strides: [0, 0]) }),
        ("stride overflow", { $0.tensor(count: 16, shape: [3], strides: [.max]) }),
        ("offset overflow", { $0.tensor(count: 16, offset: .max, shape: [2], strides: [1]) }),
        ("expanded bomb", { $0.tensor(count: 16, shape: [1 << 40], strides: [0]) }),
        ("shape without strides", { $0.tensor(count: 16, shape: [2, 2], strides: [1]) }),
        ("seventy axes", { $0.tensor(count: 16, shape: [Int](repeating: 1, count: 70), strides: [Int](repeating: 1, count: 70)) }),
        ("missing storage", { $0.tensor("7", count: 16, shape: [1], strides: [1]) }),
        ("storage outside", { $0.tensor("../data.pkl", count: 4, shape: [1], strides: [1]) }),
    ]

    @Test(arguments: views.indices) func viewsOutsideTheirStorageAreRefused(index: Int) throws {
        let (name, view) = Self.views[index]
        let archive = try PickleBuilder.archive(PickleBuilder.dictionary("w", view))
        #expect(throws: WeightError.self, "\(name)") { try load(archive) }
    }

    @Test func harmlessViewsPass() throws {
        let empty = try load(PickleBuilder.archive(PickleBuilder.dictionary { $0.tensor(count: 16, offset: 16, shape: [0, 5], strides: [5, 1]) }))
        #expect(try empty.state.tensor("w").shape == [0, 5])
        let expanded = try load(PickleBuilder.archive(PickleBuilder.dictionary { $0.tensor(count: 16, shape: [3, 2], strides: [0, 1]) }))
        #expect(try expanded.state.tensor("w").floats() == [Float](repeating: 0, count: 6))
    }

    static let streams: [(String, Data)] = [
        ("empty", Data()),
        ("protocol 0", Data("(dp0\n.".utf8)),
        ("protocol 6", Data([0x80, 6, 0x4E, 0x2E])),
        ("no stop", PickleBuilder().ops(0x7D).data),
        ("stop on an empty stack", PickleBuilder().ops(0x2E).data),
        ("two values", PickleBuilder().ops(0x4E, 0x4E, 0x2E).data),
        ("open mark", PickleBuilder().ops(0x28, 0x4E, 0x2E).data),
        ("pop beyond a mark", PickleBuilder().ops(0x4E, 0x28, 0x30, 0x2E).data),
        ("tuple without mark", PickleBuilder().ops(0x74, 0x2E).data),
        ("unset memo", PickleBuilder().ops(0x68, 3, 0x2E).data),
        ("unset long memo", PickleBuilder().ops(0x6A, 0xFF, 0xFF, 0xFF, 0xFF, 0x2E).data),
        ("memo of nothing", PickleBuilder().ops(0x71, 0, 0x2E).data),
        ("memo across a mark", PickleBuilder().ops(0x4E, 0x28, 0x71, 0, 0x2E).data),
        ("text past the end", PickleBuilder().ops(0x58, 0xFF, 0xFF, 0xFF, 0x7F).data),
        ("text of 2⁶³", PickleBuilder().ops(0x8D, 0, 0, 0, 0, 0, 0, 0, 0x80).data),
        ("bytes of 2⁶⁴−1", PickleBuilder().ops(0x8E, 255, 255, 255, 255, 255, 255, 255, 255).data),
        ("negative long", PickleBuilder().ops(0x8B, 0xFF, 0xFF, 0xFF, 0xFF).data),
        ("not UTF-8", PickleBuilder().ops(0x8C, 1, 0xFF, 0x2E).data),
        ("unfinished name", PickleBuilder().raw("cos").data),
        ("instance opcode", PickleBuilder().raw("(ios\nsystem\n.").data),
        ("extension registry", PickleBuilder().ops(0x82, 1, 0x2E).data),
        ("call of a text", PickleBuilder().text("os.system").ops(0x29, 0x52, 0x2E).data),
        ("call of a storage type", PickleBuilder().global("torch", "FloatStorage").ops(0x29, 0x52, 0x2E).data),
        ("append to a number", PickleBuilder().ops(0x4B, 1, 0x4E, 0x61, 0x2E).data),
        ("key without value", PickleBuilder().ops(0x7D, 0x28, 0x4E, 0x75, 0x2E).data),
        ("state on a number", PickleBuilder().ops(0x4B, 1, 0x7D, 0x62, 0x2E).data),
        ("unknown identifier", PickleBuilder().storage("0", count: 1, tag: "module").ops(0x2E).data),
        ("identifier that is a number", PickleBuilder().ops(0x4B, 1, 0x51, 0x2E).data),
        ("storage in two ways", PickleBuilder().ops(0x28).storage("0", count: 1).storage("0", count: 2).ops(0x74, 0x2E).data),
        ("tensor of nothing", PickleBuilder().global("torch._utils", "_rebuild_tensor_v2").ops(0x29, 0x52, 0x2E).data),
        ("parameter of nothing", PickleBuilder().global("torch._utils", "_rebuild_parameter").ops(0x29, 0x52, 0x2E).data),
        ("odd OrderedDict", PickleBuilder().global("collections", "OrderedDict").ops(0x4E, 0x85, 0x52, 0x2E).data),
    ]

    @Test(arguments: streams.indices) func damagedStreamsAreRefused(index: Int) throws {
        let (name, pickle) = Self.streams[index]
        #expect(throws: WeightError.self, "\(name)") { try load(PickleBuilder.archive(pickle)) }
        #expect(throws: WeightError.self, "\(name), alone") { try load(pickle) }
    }

    /// A million lists, each inside the next, and a list that holds itself: neither reading nor freeing them may recurse.
    @Test func recursionBombsAreHarmless() throws {
        let depth = 1_000_000
        let nested = PickleBuilder().then(Data(repeating: 0x5D, count: depth)).then(Data(repeating: 0x61, count: depth - 1)).ops(0x2E).data
        #expect(throws: WeightError.self) { try load(PickleBuilder.archive(nested)) }
        let tuples = PickleBuilder().ops(0x29).then(Data(repeating: 0x85, count: depth)).ops(0x2E).data
        #expect(throws: WeightError.self) { try load(PickleBuilder.archive(tuples)) }
        let cycle = PickleBuilder().ops(0x7D, 0x71, 0).text("model").ops(0x68, 0, 0x73, 0x2E).data
        #expect(throws: WeightError.self) { try load(PickleBuilder.archive(cycle)) }
    }

    /// One list of pairs, made into a dictionary again and again, would take memory quadratic in the length of the file.
    @Test func multiplicationIsLimited() throws {
        var pickle = PickleBuilder().ops(0x5D, 0x71, 0, 0x28).then(Data((0..<20_000).flatMap { _ in [0x4E, 0x4E, 0x86] as [UInt8] })).ops(0x65, 0x30)
        pickle = pickle.global("collections", "OrderedDict").ops(0x71, 1, 0x30, 0x5D)
        pickle = pickle.then(Data((0..<20_000).flatMap { _ in [0x68, 1, 0x68, 0, 0x85, 0x52, 0x30] as [UInt8] })).ops(0x2E)
        let archive = try PickleBuilder.archive(pickle.data)
        #expect { try load(archive) } throws: {
            if case .limitExceeded = ($0 as? WeightError)?.problem { true } else { false }
        }
    }

    @Test func aNameGivenTwiceIsRefused() throws {
        let tensor = PickleBuilder(data: Data()).tensor(count: 1, shape: [1], strides: [1]).data
        let pickle = PickleBuilder().ops(0x7D).text("w").then(tensor).ops(0x73).text("w").then(tensor).ops(0x73, 0x2E).data
        #expect { try load(PickleBuilder.archive(pickle)) } throws: {
            if case .duplicateName("w", _) = ($0 as? WeightError)?.problem { true } else { false }
        }
    }
}
