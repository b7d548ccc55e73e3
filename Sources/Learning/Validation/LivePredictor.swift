import Models
import Segmentation
import Torch

/// The network of a running training as a predictor of windows; unlike `NetworkPredictor` it leaves the network as it is.
struct LivePredictor: WindowPredictor {
    let network: UNETR
    let device: Device
    let precision: Precision

    var channelCount: Int { network.configuration.outChannels }

    var windowShape: SIMD3<Int> {
        let shape = network.configuration.imageShape
        return SIMD3(shape[0], shape[1], shape[2])
    }

    func predict(_ windows: [Float], count: Int) throws -> [Float] {
        try withoutGradients {
            let input = try Tensor(windows, shape: [count, 1] + network.configuration.imageShape).to(device)
            let logits = try precision.computing(on: device) { try network(input) }
            return try logits.to(.float32, .cpu).floats()
        }
    }
}
