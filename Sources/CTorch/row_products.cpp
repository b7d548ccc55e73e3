// Convolutions that are products of rows with a small matrix: 1×1×1 kernels, and transposed ones whose kernels do not overlap.
//
// LibTorch's matrix product reaches a fifth of the machine's speed on 16 to 64 channels, and wants the blocks of a transposed convolution
// interleaved afterwards. Here a voxel's block goes straight into its rows: for one (kx, ky) the outputs of a row of voxels are one contiguous row.
#include <torch/csrc/autograd/custom_function.h>

#include "fused.h"
#include "joined_volume.h"
#include "parallel.h"
#include "prepared_weights.h"

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

namespace ctorch {
namespace {

constexpr int64_t rows_per_task = 4096;

at::Tensor empty_volume(const at::Tensor &like, at::IntArrayRef shape) { return at::empty(shape, like.options(), at::MemoryFormat::ChannelsLast3d); }

/// The widest set for rows of this many outputs, or NULL: the last vector of a row may repeat some of the one before.
const Kernels *kernels_within(int64_t outputs) {
    return kernels_where([=](int64_t lanes) { return outputs >= lanes; });
}

/// rows [count, in] of a volume times `matrix` [in, out], whose first rows belong to the first channels
at::Tensor multiplied(const JoinedVolume &volume, const at::Tensor &matrix, const at::Tensor &start, ChannelMoments *moments = nullptr) {
    auto outputs = matrix.size(1), rows = volume.voxels();
    auto output = empty_volume(volume.first, {volume.samples(), outputs, volume.shape().x, volume.shape().y, volume.shape().z});
    RowProduct first{volume.first_channels(), outputs, floats(matrix), start.defined() ? floats(start) : nullptr, false};
    RowProduct second{volume.second_channels(), outputs, floats(matrix) + first.inputs * outputs, nullptr, true};
    auto &set = *kernels_within(outputs);
    int64_t parts = (rows + rows_per_task - 1) / rows_per_task;
    if (moments) moments->prepare(volume.samples(), parts, rows_per_task, outputs);
    float *results = mutable_floats(output);
    for_tasks(volume.samples() * parts, [&](int64_t task) {
        int64_t sample = task / parts, row = task % parts * rows_per_task, size = std::min(rows_per_task, rows - row);
        JoinedSample source = volume.sample(sample);
        float *target = results + (sample * rows + row) * outputs;
        set.multiply_rows(first, source.first + row * first.inputs, size, target);
        if (source.second) set.multiply_rows(second, source.second + row * second.inputs, size, target);
        if (!moments) return;
        auto found = moments->part(sample, task % parts);
        std::copy(target, target + outputs, found.origins);
        set.moments(target, size, outputs, found.origins, found.sums);
    });
    return output;
}

/// xᵀ · slope over all rows: [in, out]. One sum per group of rows, not per thread: the result does not depend on the number of threads.
at::Tensor correlated(const at::Tensor &x, const at::Tensor &slope) {
    auto inputs = x.size(1), outputs = slope.size(1), rows = x.numel() / inputs, tasks = (rows + rows_per_task - 1) / rows_per_task;
    int64_t groups = std::min<int64_t>(tasks, 16);
    auto sums = at::zeros({groups, inputs, outputs}, x.options());
    const float *source = floats(x), *gradient = floats(slope);
    float *target = mutable_floats(sums);
    auto &set = *kernels_filled_by(outputs);
    for_tasks(groups, [&](int64_t group) {
        for (int64_t task = group * tasks / groups; task < (group + 1) * tasks / groups; ++task) {
            int64_t first = task * rows_per_task, size = std::min(rows_per_task, rows - first);
            set.correlate_rows(source + first * inputs, size, inputs, gradient + first * outputs, outputs, target + group * inputs * outputs);
        }
    });
    return sums.sum(0);
}

/// The gradient of a matrix [out, in] that took `x` to what has the gradient `slope`.
at::Tensor matrix_gradient(const at::Tensor &x, const at::Tensor &slope) {
    return kernels_filled_by(slope.size(1)) ? correlated(x, slope).t() : correlated(slope, x);
}

/// The gradient of an input whose channels go through the columns `back` [out, in].
at::Tensor rows_gradient(const at::Tensor &slope, const at::Tensor &back) {
    return kernels_within(back.size(1)) ? multiplied(JoinedVolume(slope, {}), back.contiguous(), {})
                                        : slope.permute({0, 2, 3, 4, 1}).matmul(back).permute({0, 4, 1, 2, 3});
}

/// The weight as a matrix [in, out].
at::Tensor matrix(const at::Tensor &weight) { return weight.reshape({weight.size(0), weight.size(1)}).t().contiguous(); }

struct RowProducts : torch::autograd::Function<RowProducts> {
    static at::Tensor forward(AutogradContext *context, const at::Tensor &first, const at::Tensor &weight, const std::optional<at::Tensor> &second,
                              const std::optional<at::Tensor> &bias, ChannelMoments *moments) {
        JoinedVolume volume(first, second);
        context->save_for_backward({volume.first, weight, volume.second});
        context->saved_data["has_bias"] = bias.has_value();
        return multiplied(volume, prepared(weight, &matrix), bias ? bias->contiguous() : at::Tensor(), moments);
    }

    static variable_list backward(AutogradContext *context, variable_list slopes) {
        auto saved = context->get_saved_variables();
        JoinedVolume volume(saved[0], saved[2]);
        auto &weight = saved[1];
        auto slope = channels_last(slopes[0]);
        bool is_joined = volume.second.defined();
        auto back = weight.reshape({weight.size(0), weight.size(1)});
        at::Tensor first_gradient, weight_gradient, second_gradient, bias_gradient;
        if (context->needs_input_grad(0)) first_gradient = rows_gradient(slope, back.slice(1, 0, volume.first_channels()));
        if (context->needs_input_grad(1)) {
            auto found = matrix_gradient(volume.first, slope);
            if (is_joined) found = at::cat({found, matrix_gradient(volume.second, slope)}, 1);
            weight_gradient = found.reshape(weight.sizes());
        }
        if (is_joined && context->needs_input_grad(2)) second_gradient = rows_gradient(slope, back.slice(1, volume.first_channels()));
        if (context->saved_data["has_bias"].toBool() && context->needs_input_grad(is_joined ? 3 : 2))
            bias_gradient = slope.sum(at::IntArrayRef({0, 2, 3, 4}));
        return {first_gradient, weight_gradient, second_gradient, bias_gradient, at::Tensor()};
    }
};

/// The geometry of a transposed convolution whose stride is its kernel.
struct Blocks {
    Blocks(const at::Tensor &input, const at::Tensor &weight)
        : batch(input.size(0)), x(input.size(2)), y(input.size(3)), z(input.size(4)), kx(weight.size(2)), ky(weight.size(3)), kz(weight.size(4)),
          inputs(weight.size(0)), outputs(weight.size(1)) {}
    int64_t batch, x, y, z, kx, ky, kz, inputs, outputs;

    int64_t rows() const { return batch * x * y; }
    int64_t width() const { return kz * outputs; }
    std::vector<int64_t> output_shape() const { return {batch, outputs, x * kx, y * ky, z * kz}; }
    /// Where the outputs of input row `row` at (i, j) begin: rows are counted over batch, x and y on both sides.
    int64_t start(int64_t row, int64_t i, int64_t j) const { return ((row / y * kx + i) * y * ky + row % y * ky + j) * z * width(); }
};

/// [in, out, kx, ky, kz] → [kx, ky, in, kz·out]
at::Tensor block_matrices(const at::Tensor &weight) { return weight.permute({2, 3, 0, 4, 1}).contiguous(); }

struct BlockExpansion : torch::autograd::Function<BlockExpansion> {
    static at::Tensor forward(AutogradContext *context, const at::Tensor &input, const at::Tensor &weight) {
        auto volume = channels_last(input);
        context->save_for_backward({volume, weight});
        Blocks blocks(volume, weight);
        auto matrices = prepared(weight, &block_matrices), output = empty_volume(volume, blocks.output_shape());
        const float *source = floats(volume), *first = floats(matrices);
        float *target = mutable_floats(output);
        auto &set = *kernels_filled_by(blocks.width());
        for_tasks(blocks.rows(), [&](int64_t row) {
            for (int64_t k = 0; k < blocks.kx * blocks.ky; ++k) {
                RowProduct how{blocks.inputs, blocks.width(), first + k * blocks.inputs * blocks.width(), nullptr, false};
                set.multiply_rows(how, source + row * blocks.z * blocks.inputs, blocks.z, target + blocks.start(row, k / blocks.ky, k % blocks.ky));
            }
        });
        return output;
    }

    static at::Tensor input_gradient(const Blocks &blocks, const at::Tensor &weight, const at::Tensor &slope) {
        auto matrices = weight.permute({2, 3, 4, 1, 0}).contiguous();  // [kx, ky, kz·out, in]
        auto result = empty_volume(slope, {blocks.batch, blocks.inputs, blocks.x, blocks.y, blocks.z});
        const float *source = floats(slope), *first = floats(matrices);
        float *target = mutable_floats(result);
        auto &set = *kernels_filled_by(blocks.inputs);
        for_tasks(blocks.rows(), [&](int64_t row) {
            for (int64_t k = 0; k < blocks.kx * blocks.ky; ++k) {
                RowProduct how{blocks.width(), blocks.inputs, first + k * blocks.inputs * blocks.width(), nullptr, k > 0};
                set.multiply_rows(how, source + blocks.start(row, k / blocks.ky, k % blocks.ky), blocks.z, target + row * blocks.z * blocks.inputs);
            }
        });
        return result;
    }

    static at::Tensor weight_gradient(const Blocks &blocks, const at::Tensor &volume, const at::Tensor &slope) {
        int64_t groups = std::min<int64_t>(blocks.rows(), 16), size = blocks.inputs * blocks.width();
        auto sums = at::zeros({groups, blocks.kx, blocks.ky, blocks.inputs, blocks.kz, blocks.outputs}, volume.options());
        const float *source = floats(volume), *gradient = floats(slope);
        float *target = mutable_floats(sums);
        auto &set = *kernels_filled_by(blocks.width());
        for_tasks(groups, [&](int64_t group) {
            for (int64_t row = group * blocks.rows() / groups; row < (group + 1) * blocks.rows() / groups; ++row)
                for (int64_t k = 0; k < blocks.kx * blocks.ky; ++k)
                    set.correlate_rows(source + row * blocks.z * blocks.inputs, blocks.z, blocks.inputs,
                                       gradient + blocks.start(row, k / blocks.ky, k % blocks.ky), blocks.width(),
                                       target + (group * blocks.kx * blocks.ky + k) * size);
        });
        return sums.sum(0).permute({2, 4, 0, 1, 3}).contiguous();
    }

    static variable_list backward(AutogradContext *context, variable_list slopes) {
        auto saved = context->get_saved_variables();
        auto slope = channels_last(slopes[0]);
        Blocks blocks(saved[0], saved[1]);
        return {context->needs_input_grad(0) ? input_gradient(blocks, saved[1], slope) : at::Tensor(),
                context->needs_input_grad(1) ? weight_gradient(blocks, saved[0], slope) : at::Tensor()};
    }
};

/// Above this many inputs a matrix product that blocks its operands is faster.
constexpr int64_t maximum_inputs = 128;

}  // namespace

bool takes_row_products(const at::Tensor &first, const std::optional<at::Tensor> &second, const at::Tensor &weight) {
    if (!own_kernels_enabled || !are_kernel_operands(first, second, weight) || weight.size(1) != joined_channels(first, second)) return false;
    if (weight.size(2) * weight.size(3) * weight.size(4) != 1 || weight.size(1) > maximum_inputs) return false;
    // What is added to must fill its vectors; so must one side of the weight's gradient.
    bool is_filled = kernels_filled_by(weight.size(0)) != nullptr;
    return is_filled || (!second && kernels_within(weight.size(0)) && kernels_filled_by(weight.size(1)));
}

bool takes_block_expansion(const at::Tensor &input, const at::Tensor &weight) {
    return own_kernels_enabled && are_kernel_operands(input, {}, weight) && input.size(1) == weight.size(0) && weight.size(0) <= maximum_inputs
        && kernels_filled_by(weight.size(0)) && kernels_filled_by(weight.size(1) * weight.size(4));
}

at::Tensor row_products(const at::Tensor &first, const std::optional<at::Tensor> &second, const at::Tensor &weight, const std::optional<at::Tensor> &bias,
                        ChannelMoments *moments) {
    return RowProducts::apply(first, weight, second, bias, moments);
}

at::Tensor block_expansion(const at::Tensor &input, const at::Tensor &weight) { return BlockExpansion::apply(input, weight); }

}  // namespace ctorch
