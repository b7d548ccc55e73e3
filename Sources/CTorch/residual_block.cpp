// The residual block of a decoder as one operation: what writes a map finds its moments, and maps that nobody else sees are overwritten.
#include "fused.h"

namespace ctorch {
namespace {

/// The weights of a block: two 3×3×3 convolutions and, where the channels change, the 1×1×1 one of the shortcut.
struct ResidualBlock {
    at::Tensor conv1, conv2;
    std::optional<at::Tensor> conv3;
};

constexpr double slope = 0.01, epsilon = 1e-5;
constexpr CTorchConvolution wide{{1, 1, 1}, {1, 1, 1}}, narrow{{1, 1, 1}, {0, 0, 0}};

/// Whether our kernels take all of the block.
bool takes_kernels(const at::Tensor &first, const std::optional<at::Tensor> &second, const ResidualBlock &weights) {
    auto outputs = weights.conv1.size(0);
    if (!takes_direct_convolution(first, second, weights.conv1) || (!weights.conv3 && (second || first.size(1) != outputs))) return false;
    if (weights.conv3 && !(takes_row_products(first, second, *weights.conv3) && weights.conv3->size(0) == outputs)) return false;
    // What conv1 gives is as large as the input, with the channels that conv2 takes.
    auto inner = at::empty({1}, first.options()).expand({first.size(0), outputs, first.size(2), first.size(3), first.size(4)});
    return takes_direct_convolution(inner, {}, weights.conv2) && weights.conv2.size(0) == outputs;
}

at::Tensor normalized_convolution(const at::Tensor &first, const std::optional<at::Tensor> &second, const at::Tensor &weight) {
    ChannelMoments moments;
    auto output = direct_convolution(first, second, weight, &moments);
    return normalized_activation(output, moments, {}, nullptr, slope, epsilon);
}

at::Tensor run(const at::Tensor &first, const std::optional<at::Tensor> &second, const ResidualBlock &weights) {
    ChannelMoments outer_moments, shortcut_moments;
    auto inner = normalized_convolution(first, second, weights.conv1);
    auto outer = direct_convolution(inner, {}, weights.conv2, &outer_moments);
    inner.reset();
    if (!weights.conv3) return normalized_activation(outer, outer_moments, first, nullptr, slope, epsilon);
    auto shortcut = row_products(first, second, *weights.conv3, {}, &shortcut_moments);
    return normalized_activation(outer, outer_moments, shortcut, &shortcut_moments, slope, epsilon);
}

at::Tensor run_by_layers(const at::Tensor &first, const std::optional<at::Tensor> &second, const ResidualBlock &weights) {
    auto inner = normalized_activation(convolve(first, second, weights.conv1, {}, wide), {}, false, slope, epsilon);
    auto outer = convolve(inner, {}, weights.conv2, {}, wide);
    inner.reset();
    if (!weights.conv3) return normalized_activation(outer, first, false, slope, epsilon);
    return normalized_activation(outer, convolve(first, second, *weights.conv3, {}, narrow), true, slope, epsilon);
}

}  // namespace
}  // namespace ctorch

extern "C" CTorchTensorRef ctorch_residual_block(CTorchTensorRef first, CTorchTensorRef second, CTorchTensorRef conv1, CTorchTensorRef conv2,
                                                 CTorchTensorRef conv3) noexcept {
    return ctorch::guarded([&] {
        ctorch::ResidualBlock weights{conv1->value, conv2->value, ctorch::optional(conv3)};
        auto joined = ctorch::optional(second);
        return ctorch::takes_kernels(first->value, joined, weights) ? ctorch::run(first->value, joined, weights)
                                                                    : ctorch::run_by_layers(first->value, joined, weights);
    });
}

extern "C" CTorchTensorRef ctorch_normalized_convolution(CTorchTensorRef input, CTorchTensorRef weight) noexcept {
    return ctorch::guarded([&] {
        auto &x = input->value, &kernel = weight->value;
        if (ctorch::takes_direct_convolution(x, {}, kernel)) return ctorch::normalized_convolution(x, {}, kernel);
        return ctorch::normalized_activation(ctorch::convolve(x, {}, kernel, {}, ctorch::wide), {}, false, ctorch::slope, ctorch::epsilon);
    });
}
