import ArgumentParser

/// The option for DICOM series whose slices are unevenly spaced.
package enum UnevenSlices {
    package static let help = ArgumentHelp(
        "Resample a DICOM series whose slices are unevenly spaced or missing onto evenly spaced ones (linear); without it such a series is refused.")
}
