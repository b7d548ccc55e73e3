import Foundation
import Testing
import Weights

@Suite struct JSONWritingTests {
    @Test func writtenTextReadsBackAsTheSameValue() throws {
        let value = JSONValue.object([
            .init("z", .array([.integer(1), .double(2.5e-7), .null, .bool(false)])), .init("a\"\\\n\u{1}é", .string("tab\tend\u{1F}")),
            .init("empty", .object([])), .init("list", .array([.object([.init("k", .array([]))])])),
        ])
        for text in [value.prettyText, value.canonicalText] {
            let read = try JSONScanner.value(of: Data(text.utf8), format: "test")
            #expect(read.canonicalText == value.canonicalText)
        }
        // Order is kept in the pretty form, as the reader shows.
        #expect(try JSONScanner.value(of: Data(value.prettyText.utf8), format: "test") == value)
    }

    @Test func canonicalTextForgetsOrderAndWhiteSpace() throws {
        let one = try JSONScanner.value(of: Data(#"{"b": [1, 2], "a": {"y": 1, "x": "ü"}}"#.utf8), format: "test")
        let other = try JSONScanner.value(of: Data(#"{ "a":{"x":"ü","y":1},"b":[1,2] }"#.utf8), format: "test")
        #expect(one.canonicalText == other.canonicalText)
        #expect(one.canonicalText == #"{"a":{"x":"ü","y":1},"b":[1,2]}"#)
    }
}
