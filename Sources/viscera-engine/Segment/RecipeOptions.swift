import ArgumentParser
import CommandSupport
import Preprocessing

/// The options that change the preprocessing, for models that do not state theirs.
struct RecipeOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The spacing in mm that the network sees, one number or three, in place of what the model states.", valueName: "mm"))
    var spacing: SpacingList?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The range of HU that becomes 0…1, such as -175,250, in place of what the model states.", valueName: "lower,upper"))
    var intensityWindow: IntensityRange?

    /// The recipe with what the options say, and a warning where that is not what the model states.
    func applied(to recipe: PreprocessingRecipe, isStated: Bool, console: Console) -> PreprocessingRecipe {
        var changed = recipe
        if let spacing { changed.spacing = spacing.values }
        if let intensityWindow { changed.intensity = intensityWindow.window }
        if isStated, changed != recipe {
            console.warning("the model states another preprocessing than the command line; the command line is followed")
        }
        return changed
    }
}

/// One or three positive numbers of mm.
struct SpacingList: ExpressibleByArgument, Sendable {
    var values: [Double]

    init?(argument: String) {
        let numbers = argument.split(separator: ",").map { Double($0) }
        guard [1, 3].contains(numbers.count), numbers.allSatisfy({ $0.map { $0 > 0 && $0.isFinite } ?? false }) else { return nil }
        let known = numbers.compactMap { $0 }
        values = known.count == 1 ? [known[0], known[0], known[0]] : known
    }
}

/// Two numbers of HU, the lower first.
struct IntensityRange: ExpressibleByArgument, Sendable {
    var window: IntensityWindow

    init?(argument: String) {
        let numbers = argument.split(separator: ",").compactMap { Double($0) }
        guard numbers.count == 2, numbers[0].isFinite, numbers[1].isFinite, numbers[0] < numbers[1] else { return nil }
        window = IntensityWindow(lower: numbers[0], upper: numbers[1])
    }
}
