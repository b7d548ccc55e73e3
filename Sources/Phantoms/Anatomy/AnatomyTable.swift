import MedicalImaging

/// What each label of an anatomy map stands for: the tissues it is painted with and the organ it counts as.
public struct AnatomyTable: Sendable, Equatable {
    /// One structure: an outer layer, a core and an organ label.
    public struct Structure: Sendable, Equatable {
        /// The tissue at the surface (wall, cortex, rim).
        public var shell: Tissue
        /// The tissue deeper than `shellDepth`.
        public var core: Tissue
        /// The thickness of the shell in mm; 0 where the structure is uniform.
        public var shellDepth: Double
        /// The organ the structure is labelled as, `nil` for background.
        public var organ: Organ?

        public init(_ shell: Tissue, core: Tissue? = nil, shellDepth: Double = 0, organ: Organ? = nil) {
            self.shell = shell
            self.core = core ?? shell
            self.shellDepth = shellDepth
            self.organ = organ
        }
    }

    /// The structures by label, 1–117.
    public var structures: [UInt8: Structure]

    public init(structures: [UInt8: Structure]) { self.structures = structures }

    /// The 117 structures of TotalSegmentator v2, numbered in alphabetic order of their names
    /// (`adrenal_gland_left` 1 … `vertebrae_T9` 117).
    public static let totalSegmentator: AnatomyTable = {
        let bone = Structure(.corticalBone, core: .trabecularBone, shellDepth: 2)
        var s = [UInt8: Structure]()
        func set(_ labels: [UInt8], _ structure: Structure) { for label in labels { s[label] = structure } }

        set(Array(54...77) + Array(93...117) + [11, 12, 19, 20, 29, 30, 31, 32, 78, 79, 80, 81, 85], bone)
        set([5, 6, 22, 23, 24, 25, 26, 27, 37, 38], Structure(.muscle))
        set([16], Structure(.cartilage))
        set([45, 46, 47, 48, 49], Structure(.lung))
        set([91], Structure(.gutWall, core: .air, shellDepth: 1.5))
        set([10, 83], Structure(.nervous))
        set([7, 14, 15, 33, 34, 87, 88], Structure(.artery))
        set([8, 9, 89], Structure(.centralVein))
        set([35, 36], Structure(.iliacVein))
        set([4, 53], Structure(.pulmonaryVessel))
        set([28], Structure(.myocardium, core: .heartBlood, shellDepth: 10))
        set([13], Structure(.gutWall, core: .colonContent, shellDepth: 2.5))
        set([82], Structure(.gutWall, core: .smallBowelContent, shellDepth: 3))
        set([17], Structure(.gutWall, core: .smallBowelContent, shellDepth: 3.5))
        set([40, 41], Structure(.cyst))
        set([90], Structure(.thyroid))
        set([92], Structure(.bladderWall, core: .urine, shellDepth: 2.5))
        set([52], Structure(.prostate))

        s[1] = Structure(.adrenal, organ: .leftAdrenalGland)
        s[2] = Structure(.adrenal, organ: .rightAdrenalGland)
        s[3] = Structure(.aorta, organ: .aorta)
        s[18] = Structure(.esophagus, organ: .esophagus)
        s[21] = Structure(.bile, organ: .gallbladder)
        s[39] = Structure(.inferiorVenaCava, organ: .inferiorVenaCava)
        s[42] = Structure(.renalCortex, core: .renalMedulla, shellDepth: 7, organ: .leftKidney)
        s[43] = Structure(.renalCortex, core: .renalMedulla, shellDepth: 7, organ: .rightKidney)
        s[44] = Structure(.liver, organ: .liver)
        s[50] = Structure(.pancreas, organ: .pancreas)
        s[51] = Structure(.portalVein, organ: .portalAndSplenicVeins)
        s[84] = Structure(.spleen, organ: .spleen)
        s[86] = Structure(.gutWall, core: .stomachContent, shellDepth: 3.5, organ: .stomach)
        return AnatomyTable(structures: s)
    }()
}
