import MedicalImaging

/// What procedural patients vary in.
public struct PhantomOptions: Sendable, Equatable {
    /// Grid, phase, deformation, noise; `region` counts from the hip joints (0) to the level of the heart's base (1).
    public var paint: PaintOptions
    /// Strength of the differences in build and organ size between patients: 0 none, 1 natural, at most 2.
    public var variation = 1.0
    /// Probability that a patient lacks the gallbladder; a third of it that it lacks the spleen.
    public var organAbsence = 0.06

    public init() {
        paint = PaintOptions()
        paint.region = 0.42...0.66
        // The anatomy itself goes without.
        paint.organAbsence = 0
    }

    /// Refuses values outside the stated ranges.
    public func validate() throws(PhantomError) {
        try paint.validate()
        guard (0...2).contains(variation) else { throw .invalidOption(name: "variation", found: "\(variation)", expected: "0 to 2") }
        guard (0...1).contains(organAbsence) else { throw .invalidOption(name: "organAbsence", found: "\(organAbsence)", expected: "0 to 1") }
    }
}

/// Invents patients: an anatomy of implicit shapes (ellipsoids, superquadrics, tubes along splines), different for every seed, painted as
/// `AnatomyPainter` paints a real one. Needs no data.
public struct PhantomGenerator: Sendable {
    private let options: PhantomOptions

    public init(options: PhantomOptions = PhantomOptions()) { self.options = options }

    /// The patient of `seed`; the same seed and options give the same patient.
    /// - Throws: `PhantomError.invalidOption`.
    public func patient(seed: UInt64) throws(PhantomError) -> Phantom {
        try options.validate()
        return try AnatomyPainter(anatomy: anatomy(seed: seed)).paint(seed: seed ^ 0x5DEE_CE66_D1CE_5EED, options: options.paint)
    }

    /// The label map that the patient of `seed` is painted from: TotalSegmentator labels at 3 mm, RAS.
    /// - Throws: `PhantomError.invalidOption`.
    public func anatomy(seed: UInt64) throws(PhantomError) -> LabelMap {
        try options.validate()
        var random = RandomStream(seed: seed)
        let lacksGallbladder = random.chance(options.organAbsence)
        let lacksSpleen = random.chance(options.organAbsence / 3)
        var plan = BodyPlan(variation: options.variation, random: random.fork())
        var canvas = BodyCanvas(lower: BodyPlan.lower, upper: BodyPlan.upper, spacing: 3)
        // Later shapes replace earlier ones, except where they only fill.
        plan.drawSkeleton(on: &canvas)
        plan.drawLiver(on: &canvas)
        if !lacksSpleen { plan.drawSpleen(on: &canvas) }
        plan.drawStomach(on: &canvas)
        plan.drawKidneys(on: &canvas)
        plan.drawGreatVessels(on: &canvas)
        plan.drawPancreas(on: &canvas)
        if !lacksGallbladder { plan.drawGallbladder(on: &canvas) }
        plan.drawEsophagus(on: &canvas)
        plan.drawChest(on: &canvas)
        plan.drawColon(on: &canvas)
        plan.drawBladder(on: &canvas)
        plan.drawSmallBowel(on: &canvas)
        return canvas.map
    }
}
