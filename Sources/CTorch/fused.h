// Layers with kernels of our own, recorded for gradients.
#pragma once

#include "support.h"

namespace ctorch {

/// False sends this thread's layers to LibTorch's own kernels: the oracle of the tests.
extern thread_local bool own_kernels_enabled;

/// Whether the direct kernels take a 3×3×3 convolution with padding 1 of these operands. Here and below the channels of `second`, where there is one,
/// join those of `first`.
bool takes_direct_convolution(const at::Tensor &first, const std::optional<at::Tensor> &second, const at::Tensor &weight);

/// A 3×3×3 convolution with stride 1 and padding 1, channels-last.
at::Tensor direct_convolution(const at::Tensor &first, const std::optional<at::Tensor> &second, const at::Tensor &weight);

/// Whether the row kernels take a 1×1×1 convolution, or a transposed one whose stride is its kernel.
bool takes_row_products(const at::Tensor &first, const std::optional<at::Tensor> &second, const at::Tensor &weight);
bool takes_block_expansion(const at::Tensor &input, const at::Tensor &weight);

/// A 1×1×1 convolution on a channels-last volume.
at::Tensor row_products(const at::Tensor &first, const std::optional<at::Tensor> &second, const at::Tensor &weight, const std::optional<at::Tensor> &bias);

/// A transposed convolution whose stride is its kernel, channels-last: every product is written where it belongs.
at::Tensor block_expansion(const at::Tensor &input, const at::Tensor &weight);

/// lrelu(norm(a) + shortcut), the shortcut being nothing, b or norm(b): in one pass each way where the kernels apply.
at::Tensor normalized_activation(const at::Tensor &a, const std::optional<at::Tensor> &b, bool normalizes_b, double slope, double epsilon);

}  // namespace ctorch
