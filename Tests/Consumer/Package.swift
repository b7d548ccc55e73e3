// swift-tools-version: 6.2
// A package as someone else would write it on top of Viscera's libraries: no flags, no settings.
import PackageDescription

let package = Package(
    name: "Consumer",
    platforms: [.macOS(.v15)],
    dependencies: [.package(name: "Viscera", path: "../..")],
    targets: [
        .executableTarget(
            name: "Consumer",
            dependencies: [
                .product(name: "MedicalImaging", package: "Viscera"),
                .product(name: "Torch", package: "Viscera"),
                .product(name: "Segmentation", package: "Viscera"),
                .product(name: "Phantoms", package: "Viscera"),
            ])
    ]
)
