// swift-tools-version: 6.2
// Viscera: abdominal organ segmentation in CT, on LibTorch. Build with `make build`, which writes
// the pkg-config files that the system libraries below are found by.
import PackageDescription

let torchRunPath: [LinkerSetting] = [
    // RUNPATH is not transitive: libtorch_cpu.so would not find its own dependencies. Use RPATH.
    .unsafeFlags(["-Xlinker", "-rpath", "-Xlinker", "\(Context.packageDirectory)/.libtorch/torch/lib"]),
    .unsafeFlags(["-Xlinker", "--disable-new-dtags"], .when(platforms: [.linux])),
]

let strict: [SwiftSetting] = [.treatAllWarnings(as: .error)]

let package = Package(
    name: "Viscera",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "MedicalImaging", targets: ["MedicalImaging", "Preprocessing", "Evaluation"]),
        .library(name: "Torch", targets: ["Torch", "TorchNN"]),
        .library(name: "Segmentation", targets: ["Segmentation", "Models", "Weights"]),
        .library(name: "Phantoms", targets: ["Phantoms"]),
        .executable(name: "viscera", targets: ["viscera"]),
        .executable(name: "viscera-engine", targets: ["viscera-engine"]),
        .executable(name: "viscera-compare", targets: ["viscera-compare"]),
        .executable(name: "viscera-kernels", targets: ["viscera-kernels"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
    ],
    targets: [
        // System libraries
        .systemLibrary(name: "LibTorch", pkgConfig: "libtorch"),
        .systemLibrary(name: "ITK", pkgConfig: "itk"),
        .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"]), .brew(["openssl@3"])]),
        .systemLibrary(name: "CDeflate", pkgConfig: "libdeflate", providers: [.apt(["libdeflate-dev"]), .brew(["libdeflate"])]),

        // What the machine has, and what chance gives
        .target(name: "CHostMemory"),
        .target(name: "Randomness", swiftSettings: strict),

        // Medical images: Swift values, no Torch
        .target(
            name: "CImageIO", dependencies: ["ITK"],
            cxxSettings: [
                // Debian's ITK 5.2 headers refuse clang by a compiler check; these stand in for it.
                .define("ITK_COMPILER_DETECTION_H"), .define("ITK_NOEXCEPT", to: "noexcept"),
                .define("ITK_CONSTEXPR", to: "constexpr"), .define("ITK_DEPRECATED_MSG(x)", to: ""),
            ]),
        .target(name: "MedicalImaging", dependencies: ["CImageIO", "CDeflate", "CHostMemory"], swiftSettings: strict),
        .target(name: "Preprocessing", dependencies: ["MedicalImaging"], swiftSettings: strict),
        .target(name: "Evaluation", dependencies: ["MedicalImaging"], swiftSettings: strict),
        .target(name: "Phantoms", dependencies: ["MedicalImaging"], swiftSettings: strict),

        // The engine
        .target(name: "CTorch", dependencies: ["LibTorch", "CHostMemory"]),
        .target(name: "Torch", dependencies: ["CTorch"], swiftSettings: strict),
        .target(name: "TorchNN", dependencies: ["Torch"], swiftSettings: strict),
        .target(name: "Weights", swiftSettings: strict),
        .target(name: "Models", dependencies: ["TorchNN", "Weights"], swiftSettings: strict),

        // Data lists and data sets: never Torch
        .target(name: "Datasets", dependencies: ["MedicalImaging", "Preprocessing", "Weights", "CCrypto"], swiftSettings: strict),

        // The jobs
        .target(
            name: "Segmentation", dependencies: ["Models", "Preprocessing", .product(name: "Logging", package: "swift-log")], swiftSettings: strict),
        .target(
            name: "Learning",
            dependencies: [
                "Models", "Preprocessing", "Segmentation", "Evaluation", "Datasets", "Randomness", .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),
        .target(
            name: "ModelArchive", dependencies: ["Learning", "Segmentation", "Evaluation", "Datasets", "Weights", "CDeflate"], swiftSettings: strict),
        .target(name: "Reporting", dependencies: ["MedicalImaging"], swiftSettings: strict),

        // Executables
        .target(
            name: "CommandSupport", dependencies: ["MedicalImaging", "CCrypto", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            swiftSettings: strict),
        .target(
            name: "VolumeCommands",
            dependencies: [
                "CommandSupport", "Evaluation", "Phantoms", "Datasets", "Preprocessing", "Weights", "Randomness",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict),
        // `viscera` starts the engine for every command that needs tensors.
        .executableTarget(
            name: "viscera",
            dependencies: ["VolumeCommands", "CommandSupport", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            swiftSettings: strict),
        .executableTarget(
            name: "viscera-engine",
            dependencies: [
                "VolumeCommands", "CommandSupport", "Segmentation", "Learning", "Evaluation", "Phantoms", "Reporting", "Datasets", "ModelArchive",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict, linkerSettings: torchRunPath),
        .executableTarget(
            name: "viscera-compare",
            dependencies: ["Segmentation", "Learning", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            path: "Benchmarks/Sources/viscera-compare", swiftSettings: strict, linkerSettings: torchRunPath),
        .executableTarget(
            name: "viscera-kernels",
            dependencies: [
                "Torch", "Segmentation", "Preprocessing", "MedicalImaging", .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Benchmarks/Sources/viscera-kernels", swiftSettings: strict, linkerSettings: torchRunPath),

        // Tests
        .target(
            name: "TestSupport", dependencies: ["MedicalImaging", .product(name: "Subprocess", package: "swift-subprocess")],
            path: "Tests/TestSupport", swiftSettings: strict),
        .testTarget(name: "TorchTests", dependencies: ["Torch", "TorchNN", "TestSupport"], swiftSettings: strict, linkerSettings: torchRunPath),
        .testTarget(name: "ModelsTests", dependencies: ["Models", "Weights", "TestSupport"], swiftSettings: strict, linkerSettings: torchRunPath),
        .testTarget(name: "WeightsTests", dependencies: ["Weights", "TestSupport"], swiftSettings: strict),
        .testTarget(name: "MedicalImagingTests", dependencies: ["MedicalImaging", "TestSupport"], swiftSettings: strict),
        .testTarget(name: "PreprocessingTests", dependencies: ["Preprocessing", "TestSupport"], swiftSettings: strict),
        .testTarget(name: "EvaluationTests", dependencies: ["Evaluation", "TestSupport"], swiftSettings: strict),
        .testTarget(name: "PhantomsTests", dependencies: ["Phantoms", "TestSupport"], swiftSettings: strict),
        .testTarget(name: "SegmentationTests", dependencies: ["Segmentation", "TestSupport"], swiftSettings: strict, linkerSettings: torchRunPath),
        .testTarget(
            name: "LearningTests", dependencies: ["Learning", "Datasets", "Phantoms", "Randomness", "TestSupport"], swiftSettings: strict,
            linkerSettings: torchRunPath),
        .testTarget(name: "DatasetsTests", dependencies: ["Datasets", "Phantoms", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "ModelArchiveTests", dependencies: ["ModelArchive", "Datasets", "Phantoms", "TestSupport"], swiftSettings: strict,
            linkerSettings: torchRunPath),
        .testTarget(name: "ReportingTests", dependencies: ["Reporting", "TestSupport", "CDeflate"], swiftSettings: strict),
        .testTarget(
            name: "CommandLineTests",
            dependencies: ["MedicalImaging", "Phantoms", "Evaluation", "Models", "Preprocessing", "TestSupport", "viscera", "viscera-engine"],
            swiftSettings: strict,
            linkerSettings: torchRunPath),
    ],
    swiftLanguageModes: [.v6],
    cxxLanguageStandard: .cxx17
)
