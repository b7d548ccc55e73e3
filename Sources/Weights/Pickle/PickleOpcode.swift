/// The opcodes of pickle protocols 2 to 5 that weight files use. What is not here is refused by its number.
enum PickleOpcode: UInt8 {
    case mark = 0x28, stop = 0x2E, pop = 0x30, popMark = 0x31, duplicate = 0x32
    case binaryFloat = 0x47, binaryInteger = 0x4A, byte = 0x4B, twoBytes = 0x4D, none = 0x4E
    case persistentIdentifier = 0x51, reduce = 0x52
    case longString = 0x54, shortString = 0x55, text = 0x58
    case append = 0x61, build = 0x62, global = 0x63, appendAll = 0x65
    case get = 0x68, longGet = 0x6A, put = 0x71, longPut = 0x72
    case setItem = 0x73, tuple = 0x74, setItems = 0x75
    case bytes = 0x42, shortBytes = 0x43
    case emptyTuple = 0x29, emptyList = 0x5D, emptyDictionary = 0x7D
    case version = 0x80, newObject = 0x81
    case tuple1 = 0x85, tuple2 = 0x86, tuple3 = 0x87
    case newTrue = 0x88, newFalse = 0x89
    case long1 = 0x8A, long4 = 0x8B
    case shortText = 0x8C, text8 = 0x8D, bytes8 = 0x8E
    case emptySet = 0x8F, addItems = 0x90, frozenSet = 0x91
    case stackGlobal = 0x93, memoize = 0x94, frame = 0x95, byteArray8 = 0x96
}
