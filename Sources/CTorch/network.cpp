// Layers.
#include "fused.h"
#include "kernels.h"
#include "prepared_weights.h"

using namespace ctorch;

namespace ctorch {

thread_local bool own_kernels_enabled = true;

namespace {

bool is_all(const intptr_t (&values)[3], intptr_t value) { return values[0] == value && values[1] == value && values[2] == value; }

/// 1×1×1 kernels as one matrix product over the voxels. LibTorch's own path for them unfolds the volume first (slow_conv3d).
at::Tensor pointwise(const at::Tensor &input, const at::Tensor &weight, const std::optional<at::Tensor> &bias) {
    auto voxels = input.permute({0, 2, 3, 4, 1});  // [batch, X, Y, Z, in]: a view without copy of a channels-last volume
    auto matrix = weight.reshape({weight.size(0), weight.size(1)});
    return at::linear(voxels, matrix, bias).permute({0, 4, 1, 2, 3});
}

/// [in, out, kx, ky, kz] → [in, kx·ky·kz·out]
at::Tensor block_matrix(const at::Tensor &weight) { return weight.permute({0, 2, 3, 4, 1}).reshape({weight.size(0), -1}); }

/// Kernels that do not overlap (stride = kernel): one matrix product, then the blocks are interleaved into their places.
at::Tensor expand_blocks(const at::Tensor &input, const at::Tensor &weight, const std::optional<at::Tensor> &bias) {
    auto batch = input.size(0), x = input.size(2), y = input.size(3), z = input.size(4);
    auto out = weight.size(1), kx = weight.size(2), ky = weight.size(3), kz = weight.size(4);
    auto voxels = input.permute({0, 2, 3, 4, 1});
    auto blocks = voxels.matmul(prepared(weight, &block_matrix)).reshape({batch, x, y, z, kx, ky, kz, out});
    auto volume = blocks.permute({0, 1, 4, 2, 5, 3, 6, 7}).reshape({batch, x * kx, y * ky, z * kz, out});
    return (bias ? volume + *bias : volume).permute({0, 4, 1, 2, 3});
}

}  // namespace

at::Tensor convolve(const at::Tensor &first, const std::optional<at::Tensor> &second, const at::Tensor &weight, const std::optional<at::Tensor> &bias,
                    const CTorchConvolution &how) {
    bool is_plain = is_all(how.stride, 1);
    if (is_plain && is_all(how.padding, 0) && takes_row_products(first, second, weight)) return row_products(first, second, weight, bias, nullptr);
    if (is_plain && is_all(how.padding, 1) && takes_direct_convolution(first, second, weight)) {
        auto output = direct_convolution(first, second, weight, nullptr);
        return bias ? output + bias->reshape({1, -1, 1, 1, 1}) : output;
    }
    auto input = second ? at::cat({first, *second}, 1) : first;
    if (own_kernels_enabled && input.dim() == 5 && weight.dim() == 5 && input.is_cpu() && input.size(1) == weight.size(1) && is_plain && is_all(how.padding, 0)
        && weight.size(2) * weight.size(3) * weight.size(4) == 1)
        return pointwise(input, weight, bias);
    return at::conv3d(input, weight, bias, extents(how.stride, 3), extents(how.padding, 3));
}

at::Tensor convolve_transposed(const at::Tensor &input, const at::Tensor &weight, const std::optional<at::Tensor> &bias, const CTorchConvolution &how) {
    if (own_kernels_enabled && input.dim() == 5 && weight.dim() == 5 && input.size(1) == weight.size(0) && is_all(how.padding, 0) && weight.size(2) == how.stride[0]
        && weight.size(3) == how.stride[1] && weight.size(4) == how.stride[2]) {
        if (!takes_block_expansion(input, weight)) return expand_blocks(input, weight, bias);
        auto output = block_expansion(input, weight);
        return bias ? output + bias->reshape({1, -1, 1, 1, 1}) : output;
    }
    return at::conv_transpose3d(input, weight, bias, extents(how.stride, 3), extents(how.padding, 3));
}

}  // namespace ctorch

extern "C" {

const char *ctorch_kernel_set(void) noexcept { return kernels().name; }
void ctorch_use_own_kernels(bool enabled) noexcept { own_kernels_enabled = enabled; }

CTorchTensorRef ctorch_conv3d(CTorchTensorRef input, CTorchTensorRef weight, CTorchTensorRef bias, CTorchConvolution how) noexcept {
    return guarded([&] { return convolve(input->value, {}, weight->value, optional(bias), how); });
}

CTorchTensorRef ctorch_conv3d_joined(CTorchTensorRef first, CTorchTensorRef second, CTorchTensorRef weight, CTorchTensorRef bias,
                                     CTorchConvolution how) noexcept {
    return guarded([&] { return convolve(first->value, second->value, weight->value, optional(bias), how); });
}

CTorchTensorRef ctorch_conv_transpose3d(CTorchTensorRef input, CTorchTensorRef weight, CTorchTensorRef bias, CTorchConvolution how) noexcept {
    return guarded([&] { return convolve_transposed(input->value, weight->value, optional(bias), how); });
}

CTorchTensorRef ctorch_linear(CTorchTensorRef input, CTorchTensorRef weight, CTorchTensorRef bias) noexcept {
    return guarded([&] { return at::linear(input->value, weight->value, optional(bias)); });
}

CTorchTensorRef ctorch_layer_norm(CTorchTensorRef input, CTorchTensorRef weight, CTorchTensorRef bias, double epsilon) noexcept {
    return guarded([&] {
        at::IntArrayRef normalized = weight ? weight->value.sizes() : input->value.sizes().slice(input->value.dim() - 1);
        return at::layer_norm(input->value, normalized, optional(weight), optional(bias), epsilon);
    });
}

CTorchTensorRef ctorch_instance_norm(CTorchTensorRef input, CTorchTensorRef weight, CTorchTensorRef bias, double epsilon) noexcept {
    return guarded([&] { return at::instance_norm(input->value, optional(weight), optional(bias), {}, {}, true, 0.1, epsilon, true); });
}

CTorchTensorRef ctorch_attention(CTorchTensorRef query, CTorchTensorRef key, CTorchTensorRef value) noexcept {
    return guarded([&] { return at::scaled_dot_product_attention(query->value, key->value, value->value); });
}

CTorchTensorRef ctorch_interpolate_trilinear(CTorchTensorRef input, const intptr_t shape[3], bool align_corners) noexcept {
    return guarded([&] { return at::upsample_trilinear3d(input->value, extents(shape, 3), align_corners); });
}

CTorchTensorRef ctorch_dropout(CTorchTensorRef input, double probability) noexcept {
    return guarded([&] { return at::dropout(input->value, probability, true); });
}

CTorchTensorRef ctorch_cross_entropy(CTorchTensorRef logits, CTorchTensorRef target, CTorchTensorRef weight, intptr_t ignored_index,
                                     double label_smoothing) noexcept {
    return guarded([&] {
        return at::cross_entropy_loss(logits->value, target->value, optional(weight), at::Reduction::Mean, ignored_index, label_smoothing);
    });
}
}
