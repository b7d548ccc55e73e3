// 3×3×3 convolutions of few channels on channels-last volumes, forward and backward, on the direct kernels.
#include <torch/csrc/autograd/custom_function.h>

#include "fused.h"
#include "joined_volume.h"
#include "parallel.h"
#include "prepared_weights.h"

namespace ctorch {
namespace {

/// What the three taps along z are at the six points, as Winograd's method scales them: [point][kz].
constexpr double a = winograd_a, b = winograd_b, aa = a * a, bb = b * b;
constexpr double at_zero = 1 / (aa * bb), at_a = 1 / (2 * aa * (aa - bb)), at_b = 1 / (2 * bb * (bb - aa));
constexpr double evaluation[winograd_points][3] = {{at_zero, 0, 0},          {at_a, a * at_a, aa * at_a}, {at_a, -a * at_a, aa * at_a},
                                                   {at_b, b * at_b, bb * at_b}, {at_b, -b * at_b, bb * at_b}, {0, 0, 1}};

/// Taps [3, …] at the points [point, …] or, `back`, the adjoint. Plain sums: a library's product may round differently with more threads.
at::Tensor evaluated(const at::Tensor &taps, bool back) {
    int64_t rows = back ? 3 : winograd_points, terms = back ? winograd_points : 3, count = taps.numel() / terms;
    auto result = at::zeros({rows, count}, taps.options());
    const float *source = floats(taps);
    float *target = mutable_floats(result);
    for (int64_t row = 0; row < rows; ++row)
        for (int64_t term = 0; term < terms; ++term) {
            auto factor = static_cast<float>(back ? evaluation[term][row] : evaluation[row][term]);
            for (int64_t i = 0; i < count; ++i) target[row * count + i] += factor * source[term * count + i];
        }
    return result;
}

/// [out, in, 3, 3, 3] → [point, 3, 3, in, out]
at::Tensor packed(const at::Tensor &weight) {
    auto taps = weight.permute({4, 2, 3, 1, 0}).contiguous();
    return evaluated(taps, false).reshape({winograd_points, 3, 3, weight.size(1), weight.size(0)});
}

/// Working memory of this thread, kept for the next call.
float *scratch(int64_t count) {
    thread_local std::vector<float> space;
    if (space.size() < static_cast<size_t>(count)) space.resize(static_cast<size_t>(count));
    return space.data();
}

/// `weight` packed [point, 3, 3, in, out]; the output's moments go where they are asked for.
at::Tensor convolve_packed(const JoinedVolume &input, const at::Tensor &weight, ChannelMoments *moments = nullptr) {
    auto shape = input.shape();
    auto inputs = input.channels(), outputs = weight.size(4);
    auto output = at::empty({input.samples(), outputs, shape.x, shape.y, shape.z}, input.first.options(), at::MemoryFormat::ChannelsLast3d);
    const float *matrix = floats(weight);
    float *target = mutable_floats(output);
    auto plane_size = shape.y * shape.z;
    auto &set = *kernels_filled_by(outputs);
    int64_t length = planes_per_run(shape, inputs, outputs, input.samples() * shape.x, false), runs = (shape.x + length - 1) / length;
    if (moments) moments->prepare(input.samples(), shape.x, plane_size, outputs);
    for_tasks(input.samples() * runs, [&](int64_t task) {
        auto sample = task / runs, x = task % runs * length;
        PlaneRun run{x, std::min(length, shape.x - x)};
        set.convolve_planes(input.sample(sample), shape, matrix, outputs, run, target + (sample * shape.x + x) * plane_size * outputs,
                            moments ? moments->part(sample, x) : PlaneMoments{}, scratch(convolution_scratch(shape, inputs, outputs, length, false)));
    });
    return output;
}

at::Tensor weight_gradient(const JoinedVolume &input, const at::Tensor &slope) {
    auto shape = input.shape();
    auto inputs = input.channels(), outputs = slope.size(1);
    const float *gradient = floats(slope);
    auto plane_size = shape.y * shape.z, planes = input.samples() * shape.x;
    // One sum per group of planes, not per thread: the result does not depend on the number of threads.
    int64_t groups = std::min<int64_t>(planes, 16);
    auto sums = at::zeros({groups, winograd_points, 3, 3, inputs, outputs}, slope.options());
    float *target = mutable_floats(sums);
    auto &set = *kernels_filled_by(outputs);
    int64_t length = planes_per_run(shape, inputs, outputs, planes, true);
    for_tasks(groups, [&](int64_t group) {
        float *space = scratch(convolution_scratch(shape, inputs, outputs, length, true));
        for (int64_t plane = group * planes / groups, end = (group + 1) * planes / groups; plane < end;) {
            auto sample = plane / shape.x, x = plane % shape.x;
            PlaneRun run{x, std::min({length, shape.x - x, end - plane})};
            set.weight_gradient_planes(input.sample(sample), shape, gradient + plane * plane_size * outputs, outputs, run,
                                       target + group * winograd_points * 9 * inputs * outputs, space);
            plane += run.count;
        }
    });
    auto taps = evaluated(sums.sum(0), true).reshape({3, 3, 3, inputs, outputs});
    return taps.permute({4, 3, 1, 2, 0}).contiguous();
}

/// The gradient of the input channels [first, first + count): a convolution with the kernel mirrored and its channels exchanged.
at::Tensor input_gradient(const at::Tensor &slope, const at::Tensor &weight, int64_t first, int64_t count) {
    auto mirrored = weight.slice(1, first, first + count).flip({2, 3, 4}).transpose(0, 1);
    return kernels_filled_by(count) ? convolve_packed(JoinedVolume(slope, {}), packed(mirrored))
                                    : at::conv3d(slope, mirrored.contiguous(), {}, at::IntArrayRef({1, 1, 1}), at::IntArrayRef({1, 1, 1}));
}

struct DirectConvolution : torch::autograd::Function<DirectConvolution> {
    static at::Tensor forward(torch::autograd::AutogradContext *context, const at::Tensor &first, const at::Tensor &weight,
                              const std::optional<at::Tensor> &second, ChannelMoments *moments) {
        JoinedVolume volume(first, second);
        context->save_for_backward({volume.first, weight, volume.second});
        return convolve_packed(volume, prepared(weight, &packed), moments);
    }

    static torch::autograd::variable_list backward(torch::autograd::AutogradContext *context, torch::autograd::variable_list slopes) {
        auto saved = context->get_saved_variables();
        JoinedVolume volume(saved[0], saved[2]);
        auto &weight = saved[1];
        auto slope = channels_last(slopes[0]);
        at::Tensor first, weight_slope, second;
        if (context->needs_input_grad(1)) weight_slope = weight_gradient(volume, slope);
        bool needs_second = volume.second.defined() && context->needs_input_grad(2);
        if (context->needs_input_grad(0) && needs_second) {
            // Both at once fill wider vectors.
            auto both = input_gradient(slope, weight, 0, volume.channels());
            first = channels_last(both.slice(1, 0, volume.first_channels()));
            second = channels_last(both.slice(1, volume.first_channels()));
        } else {
            if (context->needs_input_grad(0)) first = input_gradient(slope, weight, 0, volume.first_channels());
            if (needs_second) second = input_gradient(slope, weight, volume.first_channels(), volume.second_channels());
        }
        return {first, weight_slope, second, at::Tensor()};
    }
};

}  // namespace

bool takes_direct_convolution(const at::Tensor &first, const std::optional<at::Tensor> &second, const at::Tensor &weight) {
    if (!own_kernels_enabled || !are_kernel_operands(first, second, weight) || weight.size(1) != joined_channels(first, second)) return false;
    if (weight.size(2) != 3 || weight.size(3) != 3 || weight.size(4) != 3) return false;
    auto set = kernels_filled_by(weight.size(0));
    return set && weight.size(0) * weight.size(1) <= set->most_pairs;
}

at::Tensor direct_convolution(const at::Tensor &first, const std::optional<at::Tensor> &second, const at::Tensor &weight, ChannelMoments *moments) {
    return DirectConvolution::apply(first, weight, second, moments);
}

}  // namespace ctorch
