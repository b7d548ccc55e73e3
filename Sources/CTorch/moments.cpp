#include "moments.h"

#include <cmath>

namespace ctorch {

at::Tensor ChannelMoments::statistics(int64_t samples, int64_t rows, double epsilon) const {
    auto result = at::empty({2, samples, channels}, at::kFloat);
    float *means = mutable_floats(result), *scales = means + samples * channels;
    for (int64_t sample = 0; sample < samples; ++sample)
        for (int64_t c = 0; c < channels; ++c) {
            // Chan, Golub and LeVeque's sum of parts: each about its own mean, which large means common to all parts do not blur.
            double mean = 0, spread = 0, count = 0;
            for (int64_t part = 0; part < parts; ++part) {
                auto place = static_cast<size_t>((sample * parts + part) * channels);
                auto size = static_cast<double>(std::min(length, rows - part * length));
                double first = sums[2 * place + static_cast<size_t>(c)], second = sums[2 * place + static_cast<size_t>(channels + c)];
                double own_mean = static_cast<double>(origins[place + static_cast<size_t>(c)]) + first / size, distance = own_mean - mean;
                spread += std::max(0.0, second - first * first / size) + distance * distance * count * size / (count + size);
                count += size;
                mean += distance * size / count;
            }
            means[sample * channels + c] = static_cast<float>(mean);
            scales[sample * channels + c] = static_cast<float>(1 / std::sqrt(spread / count + epsilon));
        }
    return result;
}

}  // namespace ctorch
