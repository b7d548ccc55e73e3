// Means and variances of the channels of a volume, found by what writes the volume.
#pragma once

#include <vector>

#include "kernels.h"
#include "support.h"

namespace ctorch {

/// The moments of a volume's channels, part by part; the parts of a sample are equally long but for the last.
class ChannelMoments {
public:
    /// Makes room for `parts` of each of the samples.
    void prepare(int64_t samples, int64_t parts_per_sample, int64_t rows_per_part, int64_t channel_count) {
        parts = parts_per_sample;
        length = rows_per_part;
        channels = channel_count;
        auto values = static_cast<size_t>(samples * parts * channels);
        origins.assign(values, 0);
        sums.assign(2 * values, 0);
    }

    /// Where the moments of this part and those after it go.
    PlaneMoments part(int64_t sample, int64_t index) {
        auto place = static_cast<size_t>((sample * parts + index) * channels);
        return {origins.data() + place, sums.data() + 2 * place};
    }

    /// Mean and 1/√(variance + ε) of every channel of samples of `rows` voxels: [2, samples, channels].
    at::Tensor statistics(int64_t samples, int64_t rows, double epsilon) const;

private:
    int64_t parts = 0, length = 0, channels = 0;
    std::vector<float> origins;
    std::vector<double> sums;
};

}  // namespace ctorch
