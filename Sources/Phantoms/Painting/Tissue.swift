/// What a structure is made of, as far as its appearance in CT goes.
public enum Tissue: UInt8, CaseIterable, Sendable, Codable {
    case air, lung, fat, skin, muscle, softTissue, cartilage, corticalBone, trabecularBone
    case liver, spleen, renalCortex, renalMedulla, pancreas, adrenal, bile, cyst
    case esophagus, gutWall, stomachContent, colonContent, smallBowelContent
    case aorta, artery, inferiorVenaCava, portalVein, iliacVein, centralVein, pulmonaryVessel
    case pleuralFluid, myocardium, heartBlood, bladderWall, urine, prostate, thyroid, nervous
}

/// The attenuation of a tissue in one phase: mean and spread between patients, in HU.
struct Attenuation: Sendable, Equatable {
    var mean: Double
    var spread: Double

    init(_ mean: Double, _ spread: Double) {
        self.mean = mean
        self.spread = spread
    }
}

extension Tissue {
    /// The amplitude, in HU, of texture inside the tissue: coarse (about 15 mm) and fine (two voxels).
    var texture: (coarse: Double, fine: Double) {
        switch self {
        case .air, .urine, .bile, .cyst, .pleuralFluid: (1, 1)
        case .lung: (45, 25)
        case .fat, .skin: (6, 6)
        case .muscle: (6, 12)
        case .softTissue: (12, 15)
        case .cartilage: (30, 35)
        case .corticalBone: (120, 120)
        case .trabecularBone: (40, 40)
        case .liver: (3, 5)
        case .spleen: (3, 4)
        case .renalCortex, .renalMedulla: (10, 10)
        case .pancreas: (9, 14)
        case .adrenal, .esophagus, .gutWall: (6, 10)
        case .stomachContent, .colonContent, .smallBowelContent: (0, 0)
        case .aorta, .artery, .heartBlood: (4, 3)
        case .inferiorVenaCava, .portalVein, .iliacVein, .centralVein, .pulmonaryVessel: (8, 5)
        case .myocardium, .bladderWall, .prostate, .thyroid, .nervous: (5, 8)
        }
    }

    /// The attenuation in `phase`. Contents of stomach and bowel and lung tissue are mixtures; theirs is the base value.
    func attenuation(in phase: ContrastPhase) -> Attenuation {
        let row = phaseValues
        switch phase {
        case .nonContrast: return row.0
        case .arterial: return row.1
        case .portalVenous: return row.2
        case .delayed: return row.3
        }
    }

    /// Non-contrast, arterial, portal-venous, delayed.
    private var phaseValues: (Attenuation, Attenuation, Attenuation, Attenuation) {
        func same(_ mean: Double, _ spread: Double) -> (Attenuation, Attenuation, Attenuation, Attenuation) {
            let value = Attenuation(mean, spread)
            return (value, value, value, value)
        }
        func each(_ values: [(Double, Double)]) -> (Attenuation, Attenuation, Attenuation, Attenuation) {
            let a = values.map { Attenuation($0.0, $0.1) }
            return (a[0], a[1], a[2], a[3])
        }
        switch self {
        case .air: return same(-1000, 5)
        case .lung: return same(-850, 45)
        case .fat: return same(-106, 8)
        case .skin: return same(0, 20)
        case .muscle: return each([(52, 7), (58, 7), (62, 8), (60, 7)])
        case .softTissue: return each([(35, 10), (45, 12), (50, 12), (48, 12)])
        case .cartilage: return same(100, 25)
        case .corticalBone: return same(600, 120)
        case .trabecularBone: return each([(170, 50), (180, 50), (195, 50), (185, 50)])
        case .liver: return each([(56, 8), (68, 11), (106, 16), (90, 12)])
        case .spleen: return each([(47, 5), (125, 28), (119, 15), (90, 12)])
        case .renalCortex: return each([(32, 5), (175, 35), (185, 30), (150, 30)])
        case .renalMedulla: return each([(31, 5), (75, 22), (160, 30), (165, 35)])
        case .pancreas: return each([(38, 8), (100, 18), (95, 15), (74, 12)])
        case .adrenal: return each([(27, 10), (70, 15), (72, 15), (55, 12)])
        case .bile: return same(11, 7)
        case .cyst: return same(8, 6)
        case .pleuralFluid: return same(12, 8)
        case .esophagus: return each([(35, 8), (52, 10), (62, 12), (55, 10)])
        case .gutWall: return each([(38, 8), (75, 18), (82, 16), (65, 12)])
        case .stomachContent, .colonContent, .smallBowelContent: return same(20, 12)
        case .aorta, .artery: return each([(41, 6), (290, 65), (150, 22), (103, 14)])
        case .inferiorVenaCava: return each([(40, 6), (75, 30), (135, 25), (103, 14)])
        case .portalVein: return each([(40, 6), (110, 40), (165, 23), (106, 14)])
        case .iliacVein: return each([(40, 6), (45, 10), (115, 30), (100, 14)])
        case .centralVein: return each([(40, 6), (200, 100), (140, 20), (100, 14)])
        case .pulmonaryVessel: return each([(40, 6), (210, 70), (145, 20), (100, 14)])
        case .myocardium: return each([(45, 6), (100, 18), (108, 15), (90, 12)])
        case .heartBlood: return each([(41, 6), (220, 65), (147, 22), (102, 14)])
        case .bladderWall: return each([(35, 8), (50, 12), (60, 12), (60, 12)])
        case .urine: return each([(6, 5), (6, 5), (10, 8), (60, 80)])
        case .prostate: return each([(40, 6), (60, 12), (75, 14), (70, 12)])
        case .thyroid: return each([(95, 20), (150, 30), (150, 25), (130, 20)])
        case .nervous: return same(32, 6)
        }
    }
}
