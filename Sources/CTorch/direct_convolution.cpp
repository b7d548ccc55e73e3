// 3×3×3 convolutions of few channels on channels-last volumes, forward and backward, on the direct kernels.
#include <torch/csrc/autograd/custom_function.h>

#include "fused.h"
#include "kernels.h"
#include "parallel.h"

namespace ctorch {
namespace {

at::Tensor channels_last(const at::Tensor &tensor) { return tensor.contiguous(at::MemoryFormat::ChannelsLast3d); }

VolumeShape volume(const at::Tensor &tensor) { return {tensor.size(2), tensor.size(3), tensor.size(4)}; }

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

/// `weight` packed [point, 3, 3, in, out]; both volumes channels-last.
at::Tensor convolve_packed(const at::Tensor &input, const at::Tensor &weight) {
    auto shape = volume(input);
    auto inputs = input.size(1), outputs = weight.size(4);
    auto output = at::empty({input.size(0), outputs, shape.x, shape.y, shape.z}, input.options(), at::MemoryFormat::ChannelsLast3d);
    const float *source = floats(input), *matrix = floats(weight);
    float *target = mutable_floats(output);
    auto plane_size = shape.y * shape.z;
    auto &set = *kernels_filled_by(outputs);
    int64_t length = planes_per_run(shape, inputs, outputs, input.size(0) * shape.x, false), runs = (shape.x + length - 1) / length;
    for_tasks(input.size(0) * runs, [&](int64_t task) {
        auto sample = task / runs, x = task % runs * length;
        PlaneRun run{x, std::min(length, shape.x - x)};
        set.convolve_planes(source + sample * shape.x * plane_size * inputs, shape, inputs, matrix, outputs, run,
                            target + (sample * shape.x + x) * plane_size * outputs,
                            scratch(convolution_scratch(shape, inputs, outputs, length, false)));
    });
    return output;
}

at::Tensor weight_gradient(const at::Tensor &input, const at::Tensor &slope) {
    auto shape = volume(input);
    auto inputs = input.size(1), outputs = slope.size(1);
    const float *source = floats(input), *gradient = floats(slope);
    auto plane_size = shape.y * shape.z, planes = input.size(0) * shape.x;
    // One sum per group of planes, not per thread: the result does not depend on the number of threads.
    int64_t groups = std::min<int64_t>(planes, 16);
    auto sums = at::zeros({groups, winograd_points, 3, 3, inputs, outputs}, input.options());
    float *target = mutable_floats(sums);
    auto &set = *kernels_filled_by(outputs);
    int64_t length = planes_per_run(shape, inputs, outputs, planes, true);
    for_tasks(groups, [&](int64_t group) {
        float *space = scratch(convolution_scratch(shape, inputs, outputs, length, true));
        for (int64_t plane = group * planes / groups, end = (group + 1) * planes / groups; plane < end;) {
            auto sample = plane / shape.x, x = plane % shape.x;
            PlaneRun run{x, std::min({length, shape.x - x, end - plane})};
            set.weight_gradient_planes(source + sample * shape.x * plane_size * inputs, shape, inputs, gradient + plane * plane_size * outputs, outputs, run,
                                       target + group * winograd_points * 9 * inputs * outputs, space);
            plane += run.count;
        }
    });
    auto taps = evaluated(sums.sum(0), true).reshape({3, 3, 3, inputs, outputs});
    return taps.permute({4, 3, 1, 2, 0}).contiguous();
}

struct DirectConvolution : torch::autograd::Function<DirectConvolution> {
    static at::Tensor forward(torch::autograd::AutogradContext *context, const at::Tensor &input, const at::Tensor &weight) {
        auto volume = channels_last(input);
        context->save_for_backward({volume, weight});
        return convolve_packed(volume, packed(weight));
    }

    static torch::autograd::variable_list backward(torch::autograd::AutogradContext *context, torch::autograd::variable_list slopes) {
        auto saved = context->get_saved_variables();
        auto slope = channels_last(slopes[0]);
        at::Tensor input_gradient, weight_slope;
        if (context->needs_input_grad(0)) {
            // The gradient of a convolution is a convolution with the kernel mirrored and its channels exchanged.
            auto mirrored = saved[1].flip({2, 3, 4}).transpose(0, 1);
            input_gradient = kernels_filled_by(saved[1].size(1))
                ? convolve_packed(slope, packed(mirrored))
                : at::conv3d(slope, mirrored.contiguous(), {}, at::IntArrayRef({1, 1, 1}), at::IntArrayRef({1, 1, 1}));
        }
        if (context->needs_input_grad(1)) weight_slope = weight_gradient(saved[0], slope);
        return {input_gradient, weight_slope};
    }
};

}  // namespace

bool takes_direct_convolution(const at::Tensor &input, const at::Tensor &weight) {
    if (!own_kernels_enabled || !input.is_cpu() || !weight.is_cpu() || input.scalar_type() != at::kFloat || weight.scalar_type() != at::kFloat) return false;
    if (input.dim() != 5 || weight.dim() != 5 || input.size(1) != weight.size(1) || input.numel() == 0) return false;
    if (weight.size(2) != 3 || weight.size(3) != 3 || weight.size(4) != 3) return false;
    // With many channels a blocked matrix product (oneDNN) reuses its operands better.
    return kernels_filled_by(weight.size(0)) && weight.size(0) * weight.size(1) <= 128 * 64;
}

at::Tensor direct_convolution(const at::Tensor &input, const at::Tensor &weight) { return DirectConvolution::apply(input, weight); }

}  // namespace ctorch
