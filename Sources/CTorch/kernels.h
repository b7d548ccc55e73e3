// The CPU kernels of the decoder: plain loops over channels-last memory, compiled once per instruction set (kernels_*.cpp from
// kernels.inc) and chosen at run time. Layout everywhere: one sample is [X, Y, Z, channels], channels fastest.
#pragma once

#include <cstddef>
#include <cstdint>

namespace ctorch {

/// Winograd's F(4, 3): four outputs of three taps from six products, by evaluation at 0, ±a, ±b and ∞ (convolution_kernels.inc).
constexpr int64_t winograd_points = 6, winograd_tile = 4;
constexpr float winograd_a = 0.625f, winograd_b = 1.25f;

/// A volume of rows: X·Y rows of Z voxels.
struct VolumeShape {
    int64_t x, y, z;

    /// The tiles of four voxels that cover a row.
    int64_t tiles() const { return (z + winograd_tile - 1) / winograd_tile; }
    /// The rows that the convolution kernels take at once: about 48 tiles, so that they and the weights of one point stay in the cache.
    int64_t block_rows() const {
        int64_t rows = 48 / tiles();
        rows = rows < 2 ? 2 : rows;
        return rows < y ? rows : y;
    }
};

/// Some x-planes of an output, one after another.
struct PlaneRun {
    int64_t first, count;
};

/// The channels of one sample, in one volume or side by side in two.
struct JoinedSample {
    const float *first;
    int64_t first_channels;
    const float *second;      // or NULL
    int64_t second_channels;  // 0 without it

    int64_t channels() const { return first_channels + second_channels; }
};

/// Where the moments of planes, or of groups of rows, go that are being written: the first voxel of each [planes, channels], and about it Σ(x − first)
/// and Σ(x − first)² [planes, 2, channels]. Both are NULL where nobody asks.
struct PlaneMoments {
    float *origins;
    double *sums;
};

/// The functions of one instruction set.
struct Kernels {
    const char *name;
    /// Channels are handled in groups of this many.
    int64_t lanes;
    /// Weights of more pairs of channels than this are left to a convolution that blocks its operands.
    int64_t most_pairs;
    /// A run of x-planes of a 3×3×3 convolution with zero padding 1.
    /// `weight` is [point, 3, 3, in, out]; `output` the planes [X, Y, Z, out]; `scratch` holds `convolution_scratch` floats.
    void (*convolve_planes)(const JoinedSample &input, VolumeShape shape, const float *weight, int64_t outputs, PlaneRun run, float *output,
                            PlaneMoments moments, float *scratch);
    /// Adds a run's part of the weight gradient to `gradient` [point, 3, 3, in, out]; `slope` is the planes [X, Y, Z, out] of the output's gradient.
    void (*weight_gradient_planes)(const JoinedSample &input, VolumeShape shape, const float *slope, int64_t outputs, PlaneRun run, float *gradient,
                                   float *scratch);
    /// y [rows, out] = x [rows, in] · weight; `out` is at least `lanes`.
    void (*multiply_rows)(const struct RowProduct &how, const float *x, int64_t rows, float *y);
    /// Adds xᵀ · slope to `gradient` [in, out]; `out` is a multiple of `lanes`.
    void (*correlate_rows)(const float *x, int64_t rows, int64_t inputs, const float *slope, int64_t outputs, float *gradient);
    /// x [rows, channels] to y [channels, rows], the channels `stride` apart.
    void (*separate_channels)(const float *x, int64_t rows, int64_t channels, int64_t stride, float *y);
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

/// A product of many rows with a small matrix.
struct RowProduct {
    int64_t inputs, outputs;
    const float *weight;  // [in, out]
    const float *start;   // [out], what the sums start from, or NULL
    bool adds;            // to what is in the target; `out` must be a multiple of the lanes then
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

/// Floats of scratch that either convolution kernel needs for a run of `planes`.
inline int64_t convolution_scratch(VolumeShape shape, int64_t inputs, int64_t outputs, int64_t planes, bool gradient) {
    int64_t rows = shape.block_rows(), points = winograd_points;
    int64_t values = points * shape.tiles() * ((planes + 2) * (rows + 2) * inputs + planes * rows * outputs);
    return values + inputs + outputs + (gradient ? planes * points * 9 * inputs * outputs : 0);
}

/// The bytes of a core's second cache.
int64_t second_cache();

/// The planes of a run: every plane of the input is evaluated once for each run that needs it, so long runs spare work, as long as their scratch
/// stays in the second cache, the values of one point in a small part of it, and the `planes` of all samples still make enough tasks.
/// The sums are the same for runs of any length.
inline int64_t planes_per_run(VolumeShape shape, int64_t inputs, int64_t outputs, int64_t planes, bool gradient) {
    constexpr int64_t longest = 8, least_tasks = 16, floats = sizeof(float);
    const int64_t cached = second_cache() / floats * 5 / 8, nearest = second_cache() / floats / 18;
    int64_t plane = shape.tiles() * (shape.block_rows() + 2) * inputs, run = longest;
    auto fits = [&] { return (run + 2) * plane <= nearest && convolution_scratch(shape, inputs, outputs, run, gradient) <= cached; };
    while (run > 1 && (run > shape.x || run * least_tasks > planes || !fits())) run /= 2;
    return run;
}

const Kernels *baseline_kernels();
const Kernels *avx2_kernels();
const Kernels *avx512_kernels();

/// The sets for this processor, the widest first, with NULL after the last.
const Kernels *const *kernel_sets();

/// The widest set for this processor.
inline const Kernels &kernels() { return **kernel_sets(); }

/// The widest set with so many lanes as `accepts` takes, or NULL: eight channels do not fill a vector of sixteen, but one of eight.
template <class Accepts>
const Kernels *kernels_where(const Accepts &accepts) {
    auto set = kernel_sets();
    while (*set && !accepts((*set)->lanes)) ++set;
    return *set;
}

/// The widest set whose vectors this many channels fill, or NULL.
inline const Kernels *kernels_filled_by(int64_t channels) {
    return kernels_where([=](int64_t lanes) { return channels % lanes == 0; });
}

}  // namespace ctorch
