// The CPU kernels of the decoder: plain loops over channels-last memory, compiled once per instruction set (kernels_*.cpp from
// kernels.inc) and chosen at run time. Layout everywhere: one sample is [X, Y, Z, channels], channels fastest.
#pragma once

#include <cstddef>
#include <cstdint>

namespace ctorch {

/// A volume of rows: X·Y rows of Z voxels.
struct VolumeShape {
    int64_t x, y, z;
};

/// The functions of one instruction set.
struct Kernels {
    const char *name;
    /// Channels are handled in groups of this many.
    int64_t lanes;
    /// One x-plane of a 3×3×3 convolution with zero padding 1.
    /// `input` is a whole sample; `weight` is [3, 3, 3, in, out]; `output` the plane [Y, Z, out]; `scratch` holds `scratch_size` floats.
    void (*convolve_plane)(const float *input, VolumeShape shape, int64_t inputs, const float *weight, int64_t outputs, int64_t plane, float *output,
                           float *scratch);
    /// Adds one x-plane's part of the weight gradient to `gradient` [3, 3, 3, in, out]; `slope` is the plane [Y, Z, out] of the output's gradient.
    void (*weight_gradient_plane)(const float *input, VolumeShape shape, int64_t inputs, const float *slope, int64_t outputs, int64_t plane,
                                  float *gradient, float *scratch);
    /// Adds Σ(x − shift) and Σ(x − shift)² of `rows` voxels to `sums` [2, channels].
    void (*moments)(const float *x, int64_t rows, int64_t channels, const float *shift, double *sums);
    /// y = lrelu((a − mean)·scale [+ (b − mean)·scale]); the means and scales are [channels], those of b may be NULL for plain addition of b.
    void (*normalize)(const struct NormalizedPair &pair, int64_t rows, float *y);
    /// Adds Σg, Σg·â and, where b is normalised, Σg·b̂ to `sums` [3, channels], g being the gradient before the activation.
    void (*normalize_sums)(const struct NormalizedPair &pair, const float *y, const float *slope, int64_t rows, double *sums);
    /// Gradients of a and, where wanted, of b; `averages` [3, channels] are the sums over all voxels divided by their number.
    void (*normalize_gradient)(const struct NormalizedPair &pair, const float *y, const float *slope, const float *averages, int64_t rows, float *da,
                               float *db);
    /// Adds a range of voxels to the sums of a sample's loss: probability, overlap and count of every class, weighted cross entropy, its weight.
    void (*loss_sums)(const struct LossSample &sample, int64_t first, int64_t voxels, double *sums);
    /// Writes the gradient of the logits of a range of voxels.
    void (*loss_gradient)(const struct LossSample &sample, const struct LossSlopes &slopes, int64_t first, int64_t voxels, float *gradient);
};

/// The loss kernels keep one vector per channel.
constexpr int64_t maximum_loss_channels = 160;

/// One sample of the fused loss.
struct LossSample {
    const float *logits;    // [voxels, channels]
    const uint8_t *labels;  // [voxels]
    const float *drawn;     // [channels], 0 for classes that count as background
    const float *weights;   // [channels], of a class's voxels in the cross entropy
    int64_t channels;
    int32_t ignored_label;
};

/// The derivatives of the loss by a sample's sums.
struct LossSlopes {
    const float *probability;  // [channels]
    const float *overlap;      // [channels]
    float entropy;             // weight of one voxel's cross entropy, before that of its class
};

/// The operands of a fused normalisation: lrelu(norm(a) + norm(b)), lrelu(norm(a) + b) or lrelu(norm(a)).
struct NormalizedPair {
    int64_t channels;
    float negative_slope;
    const float *a;
    const float *a_mean;
    const float *a_scale;
    const float *b;
    const float *b_mean;
    const float *b_scale;
};

/// Floats of scratch a plane of either convolution kernel needs.
inline int64_t convolution_scratch(VolumeShape shape, int64_t inputs, int64_t outputs) { return 10 * (shape.z + 2) * inputs + 27 * inputs * outputs; }

const Kernels *baseline_kernels();
const Kernels *avx2_kernels();
const Kernels *avx512_kernels();

/// The best set for this processor.
const Kernels &kernels();

}  // namespace ctorch
