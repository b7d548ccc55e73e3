import Datasets
import Evaluation
import Foundation
import Learning
import MedicalImaging
import ModelArchive
import Models
import Phantoms
import Preprocessing
import Reporting
import Segmentation
import Torch
import TorchNN
import Weights

extension ToolFailure {
    /// The one place where errors of the libraries and of the system become a message and an exit status.
    init(describing error: any Error) {
        switch error {
        case let failure as ToolFailure: self = failure
        case let error as ImageError: self.init(Self.status(of: error), error.description)
        case let error as WeightError: self.init(Self.status(of: error), error.description)
        case let error as SegmentationError: self.init(Self.status(of: error), error.description)
        case let error as TorchError: self.init(Self.status(of: error), error.description + Self.advice(on: error))
        case let error as PhantomError: self.init(Self.status(of: error), error.description)
        case let error as ArchiveError: self.init(Self.status(of: error), error.description)
        case let error as DatasetError: self.init(Self.status(of: error), error.description)
        case let error as LearningError: self.init(Self.status(of: error), error.description)
        case let error as ReportingError: self.init(Self.status(of: error), error.description)
        case StateError.torch(let error): self.init(describing: error)
        case is StateError, is PreprocessingError, is EvaluationError, is ConfigurationError: self.init(.badData, "\(error)")
        case let error as CocoaError: self.init(cocoa: error)
        case let error as POSIXError: self.init(errno: error.code.rawValue, "the system refused")
        default: self.init(.internalError, "\(error)")
        }
    }

    private static func status(of error: ImageError) -> ExitStatus {
        switch error {
        case .unreadable: .noInput
        case .unknownFormat, .damaged, .unsupported, .notALabel, .series: .badData
        case .tooLarge: .outOfMemory
        case .unwritable(_, let reason): reason.contains(String(cString: strerror(ENOSPC))) ? .inputOutput : .cannotCreate
        }
    }

    private static func status(of error: WeightError) -> ExitStatus {
        if case .inaccessible = error.problem { return .noInput }
        return .badData
    }

    private static func status(of error: SegmentationError) -> ExitStatus {
        switch error {
        case .invalidOption, .unknownMirroredChannels, .obliqueFlip: .usage
        case .memoryBudget: .outOfMemory
        case .predictionShape, .exportDiffers: .internalError
        case .scriptOutput, .scriptRefused, .unsupportedChannelCount, .unsupportedInputChannelCount, .nonFiniteLogits, .emptyVolume: .badData
        }
    }

    private static func status(of error: LearningError) -> ExitStatus {
        switch error {
        case .memory: .outOfMemory
        case .process: .unavailable
        case .configuration, .sample, .nonFiniteLoss, .nonFiniteGradient, .checkpoint, .transfer: .badData
        }
    }

    private static func status(of error: TorchError) -> ExitStatus {
        switch error {
        case .deviceUnavailable: return .unavailable
        case .program: return .badData
        case .file: return .cannotCreate
        case .memory: return .outOfMemory
        case .operation, .elementCount, .wrongType, .notScalar: return .internalError
        }
    }

    private static func advice(on error: TorchError) -> String {
        if case .memory = error { return "; \(MemoryAdvice.ofThisCommand)" }
        return ""
    }

    private static func status(of error: ArchiveError) -> ExitStatus {
        switch error {
        case .occupied, .unwritable: .cannotCreate
        case .configuration, .layout, .packed: .badData
        }
    }

    private static func status(of error: DatasetError) -> ExitStatus {
        switch error {
        case .placement: .cannotCreate
        case .datalist, .patient, .split, .layout: .badData
        }
    }

    private static func status(of error: PhantomError) -> ExitStatus {
        if case .invalidOption = error { return .usage }
        return .badData
    }

    private static func status(of error: ReportingError) -> ExitStatus {
        switch error {
        case .unwritable(_, let reason): reason.contains(String(cString: strerror(ENOSPC))) ? .inputOutput : .cannotCreate
        case .unreadable: .noInput
        case .damagedLog, .configuration: .badData
        case .notStarted: .internalError
        }
    }

    private init(cocoa error: CocoaError) {
        let path = error.filePath.map { "'\($0)': " } ?? ""
        let message = path + AtomicOutput.reason(error)
        switch error.code {
        case .fileNoSuchFile, .fileReadNoSuchFile, .fileReadNoPermission: self.init(.noInput, message)
        case .fileWriteNoPermission, .fileWriteFileExists, .fileWriteInvalidFileName, .fileWriteVolumeReadOnly: self.init(.cannotCreate, message)
        case .fileWriteOutOfSpace: self.init(.inputOutput, "\(message); free space or choose another folder")
        case .fileReadCorruptFile, .fileReadUnknownStringEncoding, .propertyListReadCorrupt, .coderReadCorrupt: self.init(.badData, message)
        default: self.init(.inputOutput, message)
        }
    }
}
