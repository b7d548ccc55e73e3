import MedicalImaging

/// How the materials of one phantom look: drawn once per phantom, read per voxel.
struct Appearance: Sendable {
    /// What the values of a material are made of.
    enum Kind: UInt8 {
        /// Mean plus texture.
        case solid
        /// Nothing labelled: skin, fat, muscle wall, mesentery.
        case unlabelled
        /// Parenchyma with vessels.
        case liver
        /// Parenchyma with stones.
        case kidney
        case stomach, colon, smallBowel
        /// Air with vessels.
        case lung
    }

    /// HU per material.
    var mean = [Float](repeating: 0, count: 256)
    /// Amplitude of the coarse and of the fine texture, HU per material.
    var coarse = [Float](repeating: 0, count: 256)
    var fine = [Float](repeating: 0, count: 256)
    var kind = [Kind](repeating: .solid, count: 256)
    /// Organ label per material.
    var organ = [UInt8](repeating: 0, count: 256)
    /// HU and texture per tissue.
    var tissueMean = [Float](repeating: 0, count: Tissue.allCases.count)
    var content: BowelContent
    /// HU that vessels add inside the liver.
    var liverVessels: Float
    /// HU that lesions take from the liver.
    var liverLesions: Float
    /// HU that stones add inside the kidneys.
    var renalStones: Float
    var visceral: VisceralFat
    var habitus: Habitus

    init(table: AnatomyTable, options: PaintOptions, random: inout RandomStream) {
        let phase = options.phase ?? Appearance.drawPhase(&random)
        let isRandom = random.chance(options.randomIntensityFraction)
        var texture = [Float](repeating: 1, count: Tissue.allCases.count)
        let fatty = random.chance(0.18) ? random.uniform(10, 50) : 0
        // Early or late within the phase, and body size, move all enhanced tissues together.
        let enhancement = phase == .nonContrast ? 1 : random.uniform(0.85, 1.15)
        for tissue in Tissue.allCases {
            let plain = tissue.attenuation(in: .nonContrast).mean
            let value = tissue.attenuation(in: phase)
            var mean = plain + (value.mean - plain) * enhancement + random.normal(0, value.spread)
            if tissue == .liver { mean -= fatty }
            if isRandom { mean = Appearance.randomIntensity(of: tissue, &random) ?? mean }
            tissueMean[Int(tissue.rawValue)] = Float(mean)
            texture[Int(tissue.rawValue)] = Float(random.uniform(0.4, isRandom ? 2.5 : 1.5))
        }
        if phase == .arterial, random.chance(0.7) { texture[Int(Tissue.spleen.rawValue)] = 6 }
        content = BowelContent(isRandom: isRandom, random: &random)
        habitus = Habitus(random: &random)
        visceral = VisceralFat(random: &random)
        liverVessels = 0.75 * (tissueMean[Int(Tissue.portalVein.rawValue)] - tissueMean[Int(Tissue.liver.rawValue)])
        liverLesions = random.chance(0.2) ? Float(random.uniform(15, 70)) : 0
        renalStones = 0
        fill(table: table, texture: texture, organAbsence: options.organAbsence, random: &random)
        // Drawn last, so that no other draw depends on it.
        if random.chance(0.15) { renalStones = Float(random.uniform(200, 900)) }
    }

    private mutating func fill(table: AnatomyTable, texture: [Float], organAbsence: Double, random: inout RandomStream) {
        for label in table.structures.keys.sorted() where label <= 117 {
            let structure = table.structures[label]!
            let jitter = Float(random.normal(0, 3))
            set(label, structure.shell, texture, jitter: jitter, organ: structure.organ)
            set(label | AnatomyModel.coreBit, structure.core, texture, jitter: jitter, organ: structure.organ)
        }
        kind[0] = .unlabelled
        set(AnatomyModel.pleura, .softTissue, texture)
        set(AnatomyModel.wallMuscle, .muscle, texture, jitter: -8)
        fine[Int(AnatomyModel.wallMuscle)] += 22
        let pleural: Tissue = random.chance(0.65) ? .lung : random.chance(0.7) ? .pleuralFluid : .liver
        set(AnatomyModel.pleuralSpace, pleural, texture)
        if pleural == .liver { kind[Int(AnatomyModel.pleuralSpace)] = .solid }
        // The hollow of the kidneys counts as kidney in some labellings; the tissue follows the label.
        let isKidney = random.chance(0.5)
        let sinus: Tissue = isKidney ? .renalMedulla : random.chance(0.6) ? .fat : .urine
        for (material, organ) in [(AnatomyModel.renalSinus.right, Organ.rightKidney), (AnatomyModel.renalSinus.left, .leftKidney)] {
            set(material, sinus, texture, organ: isKidney ? organ : nil)
            if sinus == .fat { (coarse[Int(material)], fine[Int(material)]) = (30, 40) }
        }
        if random.chance(organAbsence) { removeGallbladder(table) }
    }

    /// Gives a material the look of a tissue.
    private mutating func set(_ material: UInt8, _ tissue: Tissue, _ texture: [Float], jitter: Float = 0, organ: Organ? = nil) {
        let (m, t) = (Int(material), Int(tissue.rawValue))
        mean[m] = tissueMean[t] + jitter
        coarse[m] = Float(tissue.texture.coarse) * texture[t]
        fine[m] = Float(tissue.texture.fine) * texture[t]
        self.organ[m] = organ?.rawValue ?? 0
        kind[m] =
            switch tissue {
            case .stomachContent: .stomach
            case .colonContent: .colon
            case .smallBowelContent: .smallBowel
            case .lung: .lung
            case .liver: .liver
            case .renalCortex, .renalMedulla: .kidney
            default: .solid
            }
    }

    /// After a cholecystectomy the bed of the gallbladder is fat.
    private mutating func removeGallbladder(_ table: AnatomyTable) {
        for (label, structure) in table.structures where structure.organ == .gallbladder {
            for material in [Int(label), Int(label | AnatomyModel.coreBit)] { (organ[material], kind[material]) = (0, .unlabelled) }
        }
    }

    private static func drawPhase(_ random: inout RandomStream) -> ContrastPhase {
        let u = random.unit()
        return u < 0.32 ? .nonContrast : u < 0.46 ? .arterial : u < 0.86 ? .portalVenous : .delayed
    }

    /// Wholly random, but air stays air and fat stays darker than the rest, so that the body remains one.
    private static func randomIntensity(of tissue: Tissue, _ random: inout RandomStream) -> Double? {
        switch tissue {
        case .air, .lung, .corticalBone: nil
        case .fat: random.uniform(-140, -50)
        case .trabecularBone: random.uniform(60, 400)
        default: random.uniform(-30, 230)
        }
    }
}

/// Fatness and muscle of one phantom, in mm.
struct Habitus: Sendable {
    /// Thickness of the subcutaneous fat.
    var fat: Float
    /// Relative variation of the fat from place to place.
    var fatVariation: Float
    /// Thickness of the abdominal wall muscles.
    var muscle: Float
    /// The share of soft strands (vessels, mesentery, collapsed bowel) in visceral fat: a threshold on unit-variance noise.
    var mesentery: Float
    /// Depth inside the trunk, in mm, down to which unlabelled tissue is muscle. Small in most phantoms; where it is great, it stands for
    /// quadratus lumborum, which lies against the kidney and has no label of its own.
    var innerWall: Float

    init(random: inout RandomStream) {
        let u = random.unit()
        fat = Float(4 + 34 * u * u)
        fatVariation = Float(random.uniform(0.08, 0.25))
        muscle = Float(random.uniform(5, 14))
        mesentery = Float(random.uniform(1.0, 2.2))
        let v = random.unit()
        innerWall = Float(1 + 14 * v * v)
    }
}

/// What fills the gaps between the organs.
struct VisceralFat: Sendable {
    /// HU added to fat: stranding.
    var haze: Float
    /// Free fluid where noise plus dependence exceeds this; large when there is none.
    var fluidThreshold: Float

    init(random: inout RandomStream) {
        haze = Float(random.uniform(0, 14))
        fluidThreshold = random.chance(0.07) ? Float(random.uniform(-0.5, 1)) : 1000
    }
}

/// What stomach and bowel hold in one phantom; heights are RAS mm of the phantom.
struct BowelContent: Sendable {
    /// HU of the stomach's filling and amplitude of its lumps.
    var stomach: Float
    var stomachLumps: Float
    /// Gas above this height over the stomach's centre, mm; large when there is none.
    var stomachGasLevel: Float
    /// Share of gas in the colon, a threshold on noise; the stool's HU and lumps.
    var colonGas: Float
    var stool: Float
    var stoolLumps: Float
    /// HU of the small bowel's content and the threshold for gas.
    var smallBowel: Float
    var smallBowelGas: Float

    init(isRandom: Bool, random: inout RandomStream) {
        let oral = random.chance(0.22)
        let u = random.unit()
        stomach = Float(oral ? random.uniform(90, 420) : u < 0.45 ? random.uniform(0, 25) : random.uniform(20, 60))
        stomachLumps = Float(oral ? random.uniform(0, 25) : random.chance(0.4) ? random.uniform(15, 50) : random.uniform(0, 8))
        stomachGasLevel = random.chance(0.75) ? Float(random.uniform(-5, 38)) : 1000
        colonGas = Float(random.uniform(-0.6, 1.6))
        stool = Float(oral && random.chance(0.5) ? random.uniform(60, 350) : random.uniform(-20, 60))
        stoolLumps = Float(random.uniform(10, 70))
        smallBowel = Float(oral && random.chance(0.8) ? random.uniform(60, 320) : random.uniform(5, 45))
        smallBowelGas = Float(random.uniform(1.3, 3))
        if isRandom {
            stomach = Float(random.uniform(-60, 300))
            stool = Float(random.uniform(-60, 300))
            smallBowel = Float(random.uniform(-60, 300))
        }
    }
}
