import Foundation
import Reporting
import TestSupport
import Testing

/// Event files, byte for byte as TensorBoard's own writer makes them.
///
/// The golden bytes come from tensorboard 2.21.0: `RecordWriter.write(event_pb2.Event(…).SerializeToString())`. Files of `TensorBoardWriter`
/// were also read back with its `EventAccumulator`: scalars, pictures, text, and a resumed run.
@Suite struct TensorBoardTests {
    private let time = 1_700_000_000.5

    private func hexadecimal(_ data: Data) -> String { data.map { String(format: "%02x", $0) }.joined() }

    /// The check value of CRC-32C for "123456789", and the 32 zeros of RFC 3720, B.4.
    @Test func checksumsAreCastagnolis() {
        #expect(MaskedChecksum.castagnoli(Data("123456789".utf8)) == 0xE306_9283)
        #expect(MaskedChecksum.castagnoli(Data(count: 32)) == 0x8A91_36AA)
        #expect(MaskedChecksum.castagnoli(Data()) == 0)
        #expect(MaskedChecksum.masked(Data()) == 0xA282_EAD8)
    }

    @Test func recordsAreThoseOfTensorBoard() {
        #expect(
            hexadecimal(TensorBoardRecord.version(time: time))
                == "1800000000000000a37f4b220900002040fc54d9411a0d627261696e2e4576656e743a322b353110")
        #expect(
            hexadecimal(TensorBoardRecord.sessionStart(firstStep: 300, time: time))
                == "100000000000000095fbfe180900002040fc54d94110ad023a020801596f3f79")
        #expect(
            hexadecimal(TensorBoardRecord.scalar(0.5, tag: "train/loss", step: 300, time: time))
                == "2100000000000000017becf60900002040fc54d94110ac022a130a110a0a747261696e2f6c6f7373150000003f3d90db3a")
        let sheet = ContactSheet(width: 3, height: 2, picture: Data([1, 2, 3]))
        #expect(
            hexadecimal(TensorBoardRecord.image(sheet, tag: "a/b", step: 7, time: time))
                == "2100000000000000017becf60900002040fc54d94110072a140a120a03612f62220b080210031803220301020359324009")
        #expect(
            hexadecimal(TensorBoardRecord.text("hi", tag: "t", step: 1, time: time))
                == "2a00000000000000ae8d91f50900002040fc54d94110012a1d0a1b0a0174420c0807120412020801420268694a080a060a0474657874040fbc0c")
    }

    @Test func everyStartHasAFileOfItsOwn() throws {
        let folder = try TemporaryDirectory()
        let start = Date(timeIntervalSince1970: time)
        let first = try TensorBoardWriter(folder: folder.file("tensorboard"), firstStep: 0, time: start)
        try first.scalar(1, tag: "x", step: 1, time: start)
        let second = try TensorBoardWriter(folder: folder.file("tensorboard"), firstStep: 1, time: start)
        #expect(first.url != second.url)
        #expect(first.url.lastPathComponent.hasPrefix("events.out.tfevents.1700000000."))
        // Written at once, without closing the file.
        let expected =
            TensorBoardRecord.version(time: time) + TensorBoardRecord.sessionStart(firstStep: 0, time: time)
            + TensorBoardRecord.scalar(1, tag: "x", step: 1, time: time)
        #expect(try Data(contentsOf: first.url) == expected)
    }

    @Test func aFolderThatCannotBeMadeIsNamed() throws {
        let folder = try TemporaryDirectory()
        try Data("x".utf8).write(to: folder.file("taken"))
        #expect {
            _ = try TensorBoardWriter(folder: folder.file("taken"), firstStep: 0)
        } throws: {
            "\($0)".contains("taken")
        }
    }
}
