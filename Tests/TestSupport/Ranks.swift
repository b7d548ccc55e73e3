import Foundation
import Synchronization

/// Stands in for the processes of a group: threads of this one, which meet at a port of this machine.
public enum Ranks {
    /// Runs `body` with every rank below `count` on a thread of its own, and returns what the ranks returned, in order.
    /// - Parameter body: called with the rank and the port to meet at.
    public static func run<Value: Sendable>(
        _ count: Int, _ body: @escaping @Sendable (_ rank: Int, _ port: Int) throws -> Value
    ) throws -> [Result<Value, any Error>] {
        let port = try freePort()
        let results = Mutex<[Int: Result<Value, any Error>]>([:])
        let done = DispatchGroup()
        for rank in 0..<count {
            done.enter()
            Thread.detachNewThread {
                let result = Result { try body(rank, port) }
                results.withLock { $0[rank] = result }
                done.leave()
            }
        }
        done.wait()
        return results.withLock { found in (0..<count).compactMap { found[$0] } }
    }

    /// A port nobody listens on at the moment.
    private static func freePort() throws -> Int {
        #if canImport(Glibc)
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #else
            let descriptor = socket(AF_INET, SOCK_STREAM, 0)
        #endif
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let succeeded = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(descriptor, generic, length) == 0 && getsockname(descriptor, generic, &length) == 0
            }
        }
        guard succeeded else { throw CocoaError(.fileReadUnknown) }
        return Int(UInt16(bigEndian: address.sin_port))
    }
}
