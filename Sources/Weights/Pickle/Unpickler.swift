import Foundation

/// Reads the pickles of weight files (protocols 2–5) without executing anything.
///
/// Objects are built only from the list in `PickleGlobal`; any other class or function ends the reading with an error that names it. The
/// memory used is a small multiple of the pickle's length: no opcode creates more than a constant amount.
package struct Unpickler {
    let file: FileBytes
    let end: Int
    var position: Int
    private var stack: [PickleValue] = []
    private var marks: [Int] = []
    private var memo: [Int: PickleValue] = [:]
    var graph = PickleGraph()
    var storageIndices: [String: Int] = [:]
    /// Dictionary items copied from lists: the one thing that a pickle could multiply by naming a list again and again.
    private var copiedItemCount = 0
    static let format = "pickle"
    /// The longest pickle accepted, in bytes; a model of a hundred thousand tensors takes 20 MB.
    package static let maximumLength = 128 << 20

    /// A finished pickle: its value, what it refers to, and the position after it.
    package struct Result {
        package var value: PickleValue
        package var graph: PickleGraph
        package var end: Int
    }

    /// Reads one pickle that starts at the beginning of `range` and ends inside it.
    /// - Throws: `WeightError` when it is damaged, names a forbidden global, or uses an opcode that weight files do not.
    package static func read(_ file: FileBytes, _ range: Range<Int>) throws(WeightError) -> Result {
        var unpickler = Unpickler(file: file, end: range.upperBound, position: range.lowerBound)
        let value = try unpickler.run()
        return Result(value: value, graph: unpickler.graph, end: unpickler.position)
    }

    private init(file: FileBytes, end: Int, position: Int) {
        (self.file, self.end, self.position) = (file, end, position)
    }

    private mutating func run() throws(WeightError) -> PickleValue {
        guard end - position >= 2, file[position] == PickleOpcode.version.rawValue, (2...5).contains(file[position + 1]) else {
            throw failure("expected a pickle of protocol 2 to 5")
        }
        let start = position
        while true {
            guard position - start < Self.maximumLength else {
                throw WeightError(.limitExceeded(what: "the length of the pickle", found: position - start, limit: Self.maximumLength))
            }
            let code: UInt8 = try integer()
            guard let opcode = PickleOpcode(rawValue: code) else {
                throw failure("opcode 0x\(String(code, radix: 16)) is not one that weight files use")
            }
            if opcode == .stop {
                let value = try pop()
                guard stack.isEmpty, marks.isEmpty else { throw failure("values are left on the stack at the end") }
                return value
            }
            if try !pushConstant(opcode), try !buildContainer(opcode) { try perform(opcode) }
        }
    }

    // MARK: Opcodes

    /// Opcodes that push a value taken from the stream alone; returns whether this was one.
    private mutating func pushConstant(_ opcode: PickleOpcode) throws(WeightError) -> Bool {
        switch opcode {
        case .none: stack.append(.none)
        case .newTrue: stack.append(.bool(true))
        case .newFalse: stack.append(.bool(false))
        case .byte: stack.append(.integer(Int(try integer() as UInt8)))
        case .twoBytes: stack.append(.integer(Int(try integer() as UInt16)))
        case .binaryInteger: stack.append(.integer(Int(try integer() as Int32)))
        case .long1: stack.append(try wideInteger(Int(try integer() as UInt8)))
        case .long4: stack.append(try wideInteger(try length(try integer() as Int32)))
        case .binaryFloat: stack.append(.real(Double(bitPattern: UInt64(bigEndian: try integer()))))
        case .shortText: stack.append(.string(try text(Int(try integer() as UInt8))))
        case .text: stack.append(.string(try text(Int(try integer() as UInt32))))
        case .text8: stack.append(.string(try text(try length(try integer() as UInt64))))
        case .shortString: stack.append(try byteString(Int(try integer() as UInt8)))
        case .longString: stack.append(try byteString(try length(try integer() as Int32)))
        case .shortBytes: stack.append(.bytes(try take(Int(try integer() as UInt8))))
        case .bytes: stack.append(.bytes(try take(Int(try integer() as UInt32))))
        case .bytes8, .byteArray8: stack.append(.bytes(try take(try length(try integer() as UInt64))))
        default: return false
        }
        return true
    }

    /// Opcodes that make or fill containers; returns whether this was one.
    private mutating func buildContainer(_ opcode: PickleOpcode) throws(WeightError) -> Bool {
        switch opcode {
        case .emptyTuple: push(tuple: [])
        case .tuple1: push(tuple: try pop(count: 1))
        case .tuple2: push(tuple: try pop(count: 2))
        case .tuple3: push(tuple: try pop(count: 3))
        case .tuple: push(tuple: try popToMark())
        case .emptyList, .emptySet: push(list: [])
        case .frozenSet: push(list: try popToMark())
        case .emptyDictionary: push(dictionary: [])
        case .append: try extend(with: try pop(count: 1))
        case .appendAll, .addItems: try extend(with: try popToMark())
        case .setItem: try insert(try pop(count: 2))
        case .setItems: try insert(try popToMark())
        default: return false
        }
        return true
    }

    private mutating func perform(_ opcode: PickleOpcode) throws(WeightError) {
        switch opcode {
        case .version, .frame: try skipFraming(opcode)
        case .mark: marks.append(stack.count)
        case .pop: _ = try pop()
        case .popMark: _ = try popToMark()
        case .duplicate: stack.append(try top())
        case .put: memo[Int(try integer() as UInt8)] = try top()
        case .longPut: memo[Int(try integer() as UInt32)] = try top()
        case .memoize: memo[memo.count] = try top()
        case .get: try recall(Int(try integer() as UInt8))
        case .longGet: try recall(Int(try integer() as UInt32))
        case .global: stack.append(.global(try PickleGlobal(module: try line(), name: try line())))
        case .stackGlobal: try stackGlobal()
        case .reduce, .newObject: try call()
        case .build: try build()
        case .persistentIdentifier: stack.append(try storage(try pop()))
        default: throw failure("opcode 0x\(String(opcode.rawValue, radix: 16)) in a wrong place")
        }
    }

    private mutating func skipFraming(_ opcode: PickleOpcode) throws(WeightError) {
        if opcode == .frame { _ = try integer() as UInt64 } else { _ = try integer() as UInt8 }
    }

    private mutating func recall(_ index: Int) throws(WeightError) {
        guard let value = memo[index] else { throw failure("memo entry \(index) is used before it is set") }
        stack.append(value)
    }

    private mutating func stackGlobal() throws(WeightError) {
        let names = try pop(count: 2)
        guard case .string(let module) = names[0], case .string(let name) = names[1] else { throw failure("a global without a name") }
        stack.append(.global(try PickleGlobal(module: module, name: name)))
    }

    /// Replaces a listed callable and its arguments by what the call would make.
    private mutating func call() throws(WeightError) {
        let pair = try pop(count: 2)
        guard case .global(let global) = pair[0], case .tuple(let index) = pair[1] else {
            throw failure("a call of something that is no listed global")
        }
        let arguments = graph.tuples[index]
        switch global {
        case .orderedDictionary: push(dictionary: try items(ofPairs: arguments))
        case .size:
            guard arguments.count == 1, graph.integers(arguments[0]) != nil else { throw failure("torch.Size without sizes") }
            stack.append(arguments[0])
        case .rebuildTensor(let version): stack.append(try tensor(arguments, version: version))
        case .rebuildParameter:
            guard let first = arguments.first, case .tensor = first else { throw failure("a parameter without a tensor") }
            stack.append(first)
        case .inert(let name): stack.append(.object(name))
        case .storage, .untypedStorage, .dtype: throw failure("a call of \(global), which is not callable in a weight file")
        }
    }

    /// Sets the state of the object below the top: attributes of dictionaries and inert objects carry no weights and are dropped.
    private mutating func build() throws(WeightError) {
        _ = try pop()
        switch try top() {
        case .dictionary, .object: break
        default: throw failure("state set on something that has none")
        }
    }

    private mutating func items(ofPairs arguments: [PickleValue]) throws(WeightError) -> [PickleGraph.Item] {
        guard let first = arguments.first else { return [] }
        guard arguments.count == 1, let pairs = graph.elements(first) else { throw failure("an OrderedDict of something else than pairs") }
        copiedItemCount += pairs.count
        guard copiedItemCount <= Self.maximumLength / 8 else {
            throw WeightError(.limitExceeded(what: "the number of dictionary items", found: copiedItemCount, limit: Self.maximumLength / 8))
        }
        var items: [PickleGraph.Item] = []
        for pair in pairs {
            guard let pair = graph.elements(pair), pair.count == 2 else { throw failure("an OrderedDict of something else than pairs") }
            items.append(PickleGraph.Item(key: pair[0], value: pair[1]))
        }
        return items
    }

    // MARK: Stack

    private mutating func push(tuple elements: [PickleValue]) {
        graph.tuples.append(elements)
        stack.append(.tuple(graph.tuples.count - 1))
    }

    private mutating func push(list elements: [PickleValue]) {
        graph.lists.append(elements)
        stack.append(.list(graph.lists.count - 1))
    }

    private mutating func push(dictionary items: [PickleGraph.Item]) {
        graph.dictionaries.append(items)
        stack.append(.dictionary(graph.dictionaries.count - 1))
    }

    private func top() throws(WeightError) -> PickleValue {
        guard stack.count > marks.last ?? 0 else { throw failure("the stack is empty") }
        return stack[stack.count - 1]
    }

    private mutating func pop() throws(WeightError) -> PickleValue {
        let value = try top()
        stack.removeLast()
        return value
    }

    private mutating func pop(count: Int) throws(WeightError) -> [PickleValue] {
        guard stack.count - (marks.last ?? 0) >= count else { throw failure("the stack is empty") }
        defer { stack.removeLast(count) }
        return Array(stack.suffix(count))
    }

    private mutating func popToMark() throws(WeightError) -> [PickleValue] {
        guard let mark = marks.popLast() else { throw failure("no mark on the stack") }
        defer { stack.removeSubrange(mark...) }
        return Array(stack[mark...])
    }

    private mutating func extend(with elements: [PickleValue]) throws(WeightError) {
        switch try top() {
        case .list(let index): graph.lists[index].append(contentsOf: elements)
        case .object: break
        default: throw failure("elements appended to something that is no list")
        }
    }

    private mutating func insert(_ keysAndValues: [PickleValue]) throws(WeightError) {
        guard keysAndValues.count.isMultiple(of: 2) else { throw failure("a dictionary key without a value") }
        switch try top() {
        case .dictionary(let index):
            for position in stride(from: 0, to: keysAndValues.count, by: 2) {
                graph.dictionaries[index].append(PickleGraph.Item(key: keysAndValues[position], value: keysAndValues[position + 1]))
            }
        case .object: break
        default: throw failure("items set on something that is no dictionary")
        }
    }
}
