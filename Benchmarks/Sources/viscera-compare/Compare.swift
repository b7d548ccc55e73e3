import Foundation
import Torch

/// The Viscera half of `make compare`: answers one JSON request per line on standard input with one JSON reply per line on standard output.
@main struct Compare {
    static func main() throws {
        let session = Session()
        let decoder = JSONDecoder()
        let encoder = JSONEncoder()
        while let line = readLine(strippingNewline: true) {
            var reply = Reply()
            do {
                reply = try session.answer(decoder.decode(Request.self, from: Data(line.utf8)))
            } catch {
                reply.error = "\(error)"
            }
            FileHandle.standardOutput.write(try encoder.encode(reply) + Data("\n".utf8))
        }
    }
}
