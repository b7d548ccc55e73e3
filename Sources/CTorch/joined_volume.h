// A volume whose channels are in one tensor or side by side in two: a decoder's input without a copy of both.
#pragma once

#include "fused.h"
#include "kernels.h"

namespace ctorch {

/// [batch, channels, X, Y, Z], channels-last float32 in main memory.
struct JoinedVolume {
    at::Tensor first, second;  // the second may be undefined

    JoinedVolume(const at::Tensor &first, const std::optional<at::Tensor> &second)
        : first(channels_last(first)), second(second && second->defined() ? channels_last(*second) : at::Tensor()) {}

    int64_t samples() const { return first.size(0); }
    int64_t first_channels() const { return first.size(1); }
    int64_t second_channels() const { return second.defined() ? second.size(1) : 0; }
    int64_t channels() const { return first_channels() + second_channels(); }
    VolumeShape shape() const { return {first.size(2), first.size(3), first.size(4)}; }
    int64_t voxels() const { return shape().x * shape().y * shape().z; }

    JoinedSample sample(int64_t index) const {
        return {floats(first) + index * voxels() * first_channels(), first_channels(),
                second.defined() ? floats(second) + index * voxels() * second_channels() : nullptr, second_channels()};
    }
};

/// Whether our kernels take a convolution of these operands, as far as their kind goes; `second` joins the channels of `first`.
inline bool are_kernel_operands(const at::Tensor &first, const std::optional<at::Tensor> &second, const at::Tensor &weight) {
    auto is_fit = [](const at::Tensor &x) { return x.is_cpu() && x.scalar_type() == at::kFloat && x.dim() == 5; };
    if (!is_fit(first) || !is_fit(weight) || first.numel() == 0) return false;
    if (!second) return true;
    return is_fit(*second) && second->numel() > 0 && second->size(0) == first.size(0) && second->sizes().slice(2) == first.sizes().slice(2);
}

/// How many channels both have together.
inline int64_t joined_channels(const at::Tensor &first, const std::optional<at::Tensor> &second) { return first.size(1) + (second ? second->size(1) : 0); }

}  // namespace ctorch
