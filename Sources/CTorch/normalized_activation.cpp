// Instance normalisation, shortcut and leaky ReLU in two passes over memory, forward and backward.
#include <torch/csrc/autograd/custom_function.h>

#include "fused.h"
#include "kernels.h"
#include "parallel.h"

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

namespace ctorch {
namespace {

constexpr int64_t rows_per_task = 4096;

/// Runs `body(task, first row, rows)` for every group of rows of one sample, in parallel.
template <class Body>
void for_rows(int64_t rows, const Body &body) {
    int64_t tasks = (rows + rows_per_task - 1) / rows_per_task;
    for_tasks(tasks, [&](int64_t task) {
        int64_t first = task * rows_per_task;
        body(task, first, std::min(rows_per_task, rows - first));
    });
}

/// Adds up the partial sums [tasks, count] in order: the result does not depend on the number of threads.
std::vector<double> total(const std::vector<double> &partial, size_t count) {
    std::vector<double> sums(count, 0.0);
    for (size_t i = 0; i < partial.size(); ++i) sums[i % count] += partial[i];
    return sums;
}

/// Mean and 1/√(variance + ε) of every channel and sample: [2, batch, channels].
at::Tensor statistics(const at::Tensor &x, double epsilon) {
    auto batch = x.size(0), channels = x.size(1), rows = x.size(2) * x.size(3) * x.size(4);
    auto result = at::empty({2, batch, channels}, x.options());
    float *means = mutable_floats(result), *scales = means + batch * channels;
    auto &set = *kernels_filled_by(channels);
    for (int64_t sample = 0; sample < batch; ++sample) {
        const float *data = floats(x) + sample * rows * channels;
        auto count = static_cast<size_t>(2 * channels);
        std::vector<double> partial(count * static_cast<size_t>((rows + rows_per_task - 1) / rows_per_task), 0.0);
        for_rows(rows, [&](int64_t task, int64_t first, int64_t size) {
            set.moments(data + first * channels, size, channels, data, partial.data() + static_cast<size_t>(task) * count);
        });
        auto sums = total(partial, count);
        for (int64_t c = 0; c < channels; ++c) {
            double offset = sums[static_cast<size_t>(c)] / static_cast<double>(rows);
            double variance = sums[static_cast<size_t>(channels + c)] / static_cast<double>(rows) - offset * offset;
            means[sample * channels + c] = static_cast<float>(static_cast<double>(data[c]) + offset);
            scales[sample * channels + c] = static_cast<float>(1 / std::sqrt(std::max(variance, 0.0) + epsilon));
        }
    }
    return result;
}

NormalizedPair pair(const at::Tensor &a, const at::Tensor &a_statistics, const at::Tensor &b, const at::Tensor &b_statistics, double slope, int64_t sample) {
    auto channels = a.size(1), offset = sample * a.size(2) * a.size(3) * a.size(4) * channels, place = sample * channels;
    auto scale = a.size(0) * channels + place;
    NormalizedPair operands{channels, static_cast<float>(slope), floats(a) + offset, floats(a_statistics) + place,
                            floats(a_statistics) + scale, nullptr, nullptr, nullptr};
    if (b.defined()) operands.b = floats(b) + offset;
    if (b_statistics.defined()) {
        operands.b_mean = floats(b_statistics) + place;
        operands.b_scale = floats(b_statistics) + scale;
    }
    return operands;
}

NormalizedPair shifted(NormalizedPair operands, int64_t first) {
    operands.a += first * operands.channels;
    if (operands.b) operands.b += first * operands.channels;
    return operands;
}

/// The averages over all voxels that the gradients subtract: [3, channels].
std::vector<float> averages(const NormalizedPair &operands, const float *y, const float *slope, int64_t rows) {
    auto count = static_cast<size_t>(3 * operands.channels);
    auto &set = *kernels_filled_by(operands.channels);
    std::vector<double> partial(count * static_cast<size_t>((rows + rows_per_task - 1) / rows_per_task), 0.0);
    for_rows(rows, [&](int64_t task, int64_t first, int64_t size) {
        auto place = first * operands.channels;
        set.normalize_sums(shifted(operands, first), y + place, slope + place, size, partial.data() + static_cast<size_t>(task) * count);
    });
    std::vector<float> result;
    for (double sum : total(partial, count)) result.push_back(static_cast<float>(sum / static_cast<double>(rows)));
    return result;
}

/// What is normalised, with the statistics of its channels; those of b are undefined where it is added as it is.
struct Operands {
    at::Tensor a, a_statistics, b, b_statistics;

    int64_t rows() const { return a.size(2) * a.size(3) * a.size(4); }
};

/// Writes lrelu(norm(a) + shortcut) to y, which may be a.
void normalize_into(const Operands &of, double slope, const at::Tensor &y) {
    auto rows = of.rows(), channels = of.a.size(1);
    auto &set = *kernels_filled_by(channels);
    for (int64_t sample = 0; sample < of.a.size(0); ++sample) {
        auto operands = pair(of.a, of.a_statistics, of.b, of.b_statistics, slope, sample);
        float *target = mutable_floats(y) + sample * rows * channels;
        for_rows(rows, [&](int64_t, int64_t first, int64_t size) { set.normalize(shifted(operands, first), size, target + first * channels); });
    }
}

struct NormalizedActivation : torch::autograd::Function<NormalizedActivation> {
    static at::Tensor forward(AutogradContext *context, const at::Tensor &a, const std::optional<at::Tensor> &b, const at::Tensor &a_statistics,
                              const std::optional<at::Tensor> &b_statistics, double slope) {
        Operands of{channels_last(a), a_statistics, b ? channels_last(*b) : at::Tensor(), b_statistics ? *b_statistics : at::Tensor()};
        auto y = at::empty_like(of.a);
        normalize_into(of, slope, y);
        context->save_for_backward({of.a, of.a_statistics, of.b_statistics.defined() ? of.b : at::Tensor(), of.b_statistics, y});
        context->saved_data["slope"] = slope;
        context->saved_data["has_b"] = b.has_value();
        return y;
    }

    static variable_list backward(AutogradContext *context, variable_list slopes) {
        auto saved = context->get_saved_variables();
        auto &a = saved[0], &y = saved[4];
        auto g = channels_last(slopes[0]);
        bool wants_b = context->saved_data["has_b"].toBool() && context->needs_input_grad(1);
        auto da = at::empty_like(a), db = wants_b ? at::empty_like(a) : at::Tensor();
        auto rows = a.size(2) * a.size(3) * a.size(4), channels = a.size(1);
        auto &set = *kernels_filled_by(channels);
        for (int64_t sample = 0; sample < a.size(0); ++sample) {
            auto operands = pair(a, saved[1], saved[2], saved[3], context->saved_data["slope"].toDouble(), sample);
            auto offset = sample * rows * channels;
            const float *values = floats(y) + offset, *gradient = floats(g) + offset;
            auto means = averages(operands, values, gradient, rows);
            float *a_target = mutable_floats(da) + offset, *b_target = wants_b ? mutable_floats(db) + offset : nullptr;
            for_rows(rows, [&](int64_t, int64_t first, int64_t size) {
                auto place = first * channels;
                set.normalize_gradient(shifted(operands, first), values + place, gradient + place, means.data(), size, a_target + place,
                                       b_target ? b_target + place : nullptr);
            });
        }
        return {da, db, at::Tensor(), at::Tensor(), at::Tensor()};
    }
};

bool takes_kernels(const at::Tensor &a, const std::optional<at::Tensor> &b, double slope) {
    if (!own_kernels_enabled || !a.is_cpu() || a.scalar_type() != at::kFloat || a.dim() != 5 || a.numel() == 0 || !kernels_filled_by(a.size(1)) || slope <= 0) return false;
    return !b || (b->is_cpu() && b->scalar_type() == at::kFloat && b->sizes() == a.sizes());
}

}  // namespace

at::Tensor normalized_activation(const at::Tensor &a, const ChannelMoments &a_moments, const std::optional<at::Tensor> &b, const ChannelMoments *b_moments,
                                 double slope, double epsilon) {
    auto rows = a.size(2) * a.size(3) * a.size(4);
    auto a_statistics = a_moments.statistics(a.size(0), rows, epsilon);
    std::optional<at::Tensor> b_statistics;
    if (b_moments) b_statistics = b_moments->statistics(a.size(0), rows, epsilon);
    bool is_recorded = at::GradMode::is_enabled() && (a.requires_grad() || (b && b->requires_grad()));
    if (is_recorded) return NormalizedActivation::apply(a, b, a_statistics, b_statistics, slope);
    normalize_into({a, a_statistics, b ? channels_last(*b) : at::Tensor(), b_statistics ? *b_statistics : at::Tensor()}, slope, a);
    return a;
}

at::Tensor normalized_activation(const at::Tensor &a, const std::optional<at::Tensor> &b, bool normalizes_b, double slope, double epsilon) {
    if (takes_kernels(a, b, slope)) {
        auto x = channels_last(a);
        std::optional<at::Tensor> shortcut, shortcut_statistics;
        if (b) shortcut = channels_last(*b);
        if (b && normalizes_b) shortcut_statistics = statistics(*shortcut, epsilon);
        return NormalizedActivation::apply(x, shortcut, statistics(x, epsilon), shortcut_statistics, slope);
    }
    auto norm = [&](const at::Tensor &x) { return at::instance_norm(x, {}, {}, {}, {}, true, 0.1, epsilon, true); };
    auto sum = b ? norm(a) + (normalizes_b ? norm(*b) : *b) : norm(a);
    return at::leaky_relu(sum, slope);
}

}  // namespace ctorch

extern "C" CTorchTensorRef ctorch_normalized_activation(CTorchTensorRef a, CTorchTensorRef b, bool normalizes_b, double slope, double epsilon) noexcept {
    return ctorch::guarded([&] { return ctorch::normalized_activation(a->value, ctorch::optional(b), normalizes_b, slope, epsilon); });
}
