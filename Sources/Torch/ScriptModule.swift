import CTorch
import Foundation

/// A TorchScript program: a network with its code, as `torch.jit.save` and `ScriptModule.write` leave it in a file.
///
/// Loading and running it executes that code. It is limited to TorchScript's operations, which compute and may read and write files, but
/// cannot call Python or the system: load programs from sources you trust. Use a program on one thread at a time.
public final class ScriptModule {
    private let handle: CTorchScriptRef

    private init(owning handle: CTorchScriptRef) { self.handle = handle }

    deinit { ctorch_script_release(handle) }

    /// Loads the program in the file at `path` onto `device`, set to evaluation.
    /// - Throws: `TorchError.program` for a file that is no TorchScript program or a damaged one.
    public convenience init(contentsOf path: String, device: Device = .cpu) throws(TorchError) {
        guard let handle = ctorch_script_load(path, device.raw) else {
            throw .program(path, reason: Self.shortened(lastReason()))
        }
        self.init(owning: handle)
    }

    /// Runs `forward` on `input`: the tensor it returns, or the first one of the tuple or list it returns.
    /// - Throws: `TorchError.operation` (`.memory` for a lack of memory) with the reason that the program or LibTorch gives.
    public func callAsFunction(_ input: Tensor) throws(TorchError) -> Tensor {
        if let result = ctorch_script_forward(handle, input.handle) { return Tensor(owning: result) }
        throw .latest("the TorchScript program", [input.summary], shortened: Self.shortened)
    }

    /// The methods with their arguments and results, such as `forward(x: Tensor) -> Tensor`.
    public var methods: [String] {
        (0..<ctorch_script_method_count(handle)).map { String(cString: ctorch_script_method(handle, $0)) }
    }

    /// Parameters and buffers under their dotted names; a frozen program has none.
    public func tensors() throws(TorchError) -> [(name: String, tensor: Tensor)] {
        var found: [(name: String, tensor: Tensor)] = []
        for index in 0..<ctorch_script_tensor_count(handle) {
            let name = String(cString: ctorch_script_tensor_name(handle, index))
            found.append((name, try Tensor.made("tensor \(name)", ctorch_script_tensor(handle, index))))
        }
        return found
    }

    /// Writes the program to `path`, in place, with a text beside its code as an extra file called `name` (`_extra_files` of `torch.jit.load`).
    /// - Throws: `TorchError.file`.
    public func write(to path: String, extraFile name: String, text: String) throws(TorchError) {
        guard ctorch_script_save(handle, path, name, text) else { throw .file(path, reason: "cannot write it: \(lastReason())") }
    }

    /// The reason of a failure without the listings of the program that LibTorch puts around it, and without its advice on archives.
    private static func shortened(_ reason: String) -> String {
        let lines = reason.split(whereSeparator: \.isNewline).map { String($0.trimmingPrefix { $0 == " " }) }
        if let last = lines.lastIndex(where: { $0.contains("Error: ") }) { return lines[last...].joined(separator: " ") }
        let first = lines.first ?? reason
        return first.components(separatedBy: ". This is an internal")[0]
    }
}

extension ScriptModule {
    /// Records what `body` does to `input` as a program, in LibTorch's own operations (the kernels of this library are off meanwhile).
    ///
    /// Whatever `body` decides from shapes and numbers is fixed in the program: it takes inputs of this shape.
    /// - Parameter parameters: the tensors that `body` uses, which become the program's parameters under these dotted names.
    /// - Throws: what `body` throws, or `TorchError.operation`.
    public static func recording(
        _ input: Tensor, parameters: [(name: String, tensor: Tensor)], _ body: (Tensor) throws -> Tensor
    ) throws -> ScriptModule {
        try withoutActuallyEscaping(body) { body in
            let recording = Recording(body)
            let context = Unmanaged.passUnretained(recording).toOpaque()
            let names = parameters.map { UnsafePointer(strdup($0.name)!) }
            defer { for name in names { free(UnsafeMutablePointer(mutating: name)) } }
            let made = ctorch_script_record(
                input.handle, names, parameters.map(\.tensor.handle), parameters.count, { Recording.run($0, $1) }, context)
            withExtendedLifetime((recording, parameters)) {}
            if let failure = recording.failure { throw failure }
            guard let made else { throw TorchError.latest("recording a program", [input.summary]) }
            return ScriptModule(owning: made)
        }
    }

    /// The computation to record, its result or its failure, as seen from C.
    private final class Recording {
        private let body: (Tensor) throws -> Tensor
        private var output: Tensor?
        private(set) var failure: (any Error)?

        init(_ body: @escaping (Tensor) throws -> Tensor) { self.body = body }

        static func run(_ input: CTorchTensorRef, _ context: UnsafeMutableRawPointer?) -> CTorchTensorRef? {
            guard let context else { return nil }
            let recording = Unmanaged<Recording>.fromOpaque(context).takeUnretainedValue()
            do { recording.output = try recording.body(Tensor(owning: input)) } catch { recording.failure = error }
            return recording.output?.handle
        }
    }
}
