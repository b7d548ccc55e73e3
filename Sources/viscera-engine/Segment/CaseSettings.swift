import Foundation
import MedicalImaging
import Preprocessing

/// What the cases of a run have in common, apart from the network itself.
struct CaseSettings: Sendable {
    var reading: ReadOptions
    var recipe: PreprocessingRecipe
    /// The names of the labels, background left out.
    var labelNames: [UInt8: String]
    var network: NetworkSummary
    /// What is done to the labels that the network finds.
    var postprocessing: PostprocessingChoice
    /// Whether the plan of the memory is shown.
    var showsMemoryPlan: Bool

    init(_ options: Segment, network: NetworkSource) {
        reading = ReadOptions()
        reading.series = options.reporting.series
        reading.resamplesUnevenSlices = options.reporting.resampleUneven
        recipe = network.recipe
        labelNames = network.labelNames
        self.network = network.summary
        postprocessing = PostprocessingChoice(options.prediction, stated: network.postprocessing, labelNames: network.labelNames)
        showsMemoryPlan = options.prediction.maxMemory != nil
    }
}
