import Foundation

/// The records of an event file: protocol-buffers messages of type `tensorflow.Event`, framed as TFRecord.
///
/// Field numbers are those of TensorFlow's `event.proto`, `summary.proto` and `tensor.proto`.
package enum TensorBoardRecord {
    /// What every event file begins with.
    package static func version(time: Double) -> Data { record(time: time, step: nil) { $0.append(3, text: "brain.Event:2") } }

    /// The start of a session after `firstStep` steps: readers forget what earlier files say of later steps.
    package static func sessionStart(firstStep: Int, time: Double) -> Data {
        record(time: time, step: firstStep + 1) { event in event.append(7) { $0.append(1, integer: 1) } }
    }

    /// One number.
    package static func scalar(_ value: Double, tag: String, step: Int, time: Double) -> Data {
        summary(tag: tag, step: step, time: time) { $0.append(2, float: Float(value)) }
    }

    /// An RGB picture as PNG.
    package static func image(_ sheet: ContactSheet, tag: String, step: Int, time: Double) -> Data {
        summary(tag: tag, step: step, time: time) { value in
            value.append(4) { image in
                image.append(1, integer: sheet.height)
                image.append(2, integer: sheet.width)
                image.append(3, integer: 3)
                image.append(4, data: sheet.picture)
            }
        }
    }

    /// Text in Markdown: a string tensor for the text plug-in.
    package static func text(_ text: String, tag: String, step: Int, time: Double) -> Data {
        summary(tag: tag, step: step, time: time) { value in
            value.append(8) { tensor in
                tensor.append(1, integer: 7)  // DT_STRING
                tensor.append(2) { shape in shape.append(2) { $0.append(1, integer: 1) } }
                tensor.append(8, text: text)
            }
            value.append(9) { metadata in metadata.append(1) { $0.append(1, text: "text") } }
        }
    }

    private static func summary(tag: String, step: Int, time: Double, _ value: (inout ProtobufMessage) -> Void) -> Data {
        record(time: time, step: step) { event in
            event.append(5) { summary in
                summary.append(1) { entry in
                    entry.append(1, text: tag)
                    value(&entry)
                }
            }
        }
    }

    private static func record(time: Double, step: Int?, _ content: (inout ProtobufMessage) -> Void) -> Data {
        var event = ProtobufMessage()
        event.append(1, double: time)
        if let step { event.append(2, integer: step) }
        content(&event)
        return framed(event.bytes)
    }

    /// TFRecord: length, its masked checksum, the message, its masked checksum; integers least significant byte first.
    static func framed(_ message: Data) -> Data {
        var length = Data()
        length.append(littleEndian: UInt64(message.count))
        var record = length
        record.append(littleEndian: MaskedChecksum.masked(length))
        record += message
        record.append(littleEndian: MaskedChecksum.masked(message))
        return record
    }
}
