import CommandSupport
import Datasets
import Evaluation
import Foundation
import MedicalImaging
import Phantoms
import Preprocessing
import Weights

// How the errors of the libraries that know no Torch end the tool.

extension ImageError: ReportedError {
    package var failure: ToolFailure { ToolFailure(status, description) }

    private var status: ExitStatus {
        switch self {
        case .unreadable: .noInput
        case .unknownFormat, .damaged, .unsupported, .notALabel, .series: .badData
        case .tooLarge: .outOfMemory
        case .unwritable(_, let reason): reason.contains(String(cString: strerror(ENOSPC))) ? .inputOutput : .cannotCreate
        }
    }
}

extension WeightError: ReportedError {
    package var failure: ToolFailure {
        if case .inaccessible = problem { return ToolFailure(.noInput, description) }
        return ToolFailure(.badData, description)
    }
}

extension DatasetError: ReportedError {
    package var failure: ToolFailure {
        switch self {
        case .placement: ToolFailure(.cannotCreate, description)
        case .datalist, .patient, .split, .layout: ToolFailure(.badData, description)
        }
    }
}

extension PhantomError: ReportedError {
    package var failure: ToolFailure {
        if case .invalidOption = self { return ToolFailure(.usage, description) }
        return ToolFailure(.badData, description)
    }
}

extension PreprocessingError: ReportedError {
    package var failure: ToolFailure { ToolFailure(.badData, "\(self)") }
}

extension EvaluationError: ReportedError {
    package var failure: ToolFailure { ToolFailure(.badData, "\(self)") }
}
