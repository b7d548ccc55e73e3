import CommandSupport
import Foundation
import Learning
import ModelArchive
import Models
import Reporting
import Segmentation
import Torch
import TorchNN

// How the errors of the libraries on Torch end the tool.

extension TorchError: ReportedError {
    package var failure: ToolFailure {
        switch self {
        case .deviceUnavailable: ToolFailure(.unavailable, description)
        case .program: ToolFailure(.badData, description)
        case .file: ToolFailure(.cannotCreate, description)
        case .memory: ToolFailure(.outOfMemory, "\(description); \(MemoryAdvice.ofThisCommand)")
        case .operation, .elementCount, .wrongType, .notScalar: ToolFailure(.internalError, description)
        }
    }
}

extension StateError: ReportedError {
    package var failure: ToolFailure {
        if case .torch(let error) = self { return error.failure }
        return ToolFailure(.badData, "\(self)")
    }
}

extension ConfigurationError: ReportedError {
    package var failure: ToolFailure { ToolFailure(.badData, "\(self)") }
}

extension SegmentationError: ReportedError {
    package var failure: ToolFailure { ToolFailure(status, description) }

    private var status: ExitStatus {
        switch self {
        case .invalidOption, .unknownMirroredChannels, .obliqueFlip: .usage
        case .memoryBudget: .outOfMemory
        case .predictionShape, .exportDiffers: .internalError
        case .scriptOutput, .scriptRefused, .unsupportedChannelCount, .unsupportedInputChannelCount, .nonFiniteLogits, .emptyVolume: .badData
        }
    }
}

extension LearningError: ReportedError {
    package var failure: ToolFailure { ToolFailure(status, description) }

    private var status: ExitStatus {
        switch self {
        case .memory: .outOfMemory
        case .process: .unavailable
        case .configuration, .sample, .nonFiniteLoss, .nonFiniteGradient, .checkpoint, .transfer: .badData
        }
    }
}

extension ArchiveError: ReportedError {
    package var failure: ToolFailure {
        switch self {
        case .occupied, .unwritable: ToolFailure(.cannotCreate, description)
        case .configuration, .layout, .packed: ToolFailure(.badData, description)
        }
    }
}

extension ReportingError: ReportedError {
    package var failure: ToolFailure { ToolFailure(status, description) }

    private var status: ExitStatus {
        switch self {
        case .unwritable(_, let reason): reason.contains(String(cString: strerror(ENOSPC))) ? .inputOutput : .cannotCreate
        case .unreadable: .noInput
        case .damagedLog, .configuration: .badData
        case .notStarted: .internalError
        }
    }
}
