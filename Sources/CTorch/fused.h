// Layers with kernels of our own, recorded for gradients.
#pragma once

#include "moments.h"
#include "support.h"

namespace ctorch {

/// False sends this thread's layers to LibTorch's own kernels: the oracle of the tests.
extern thread_local bool own_kernels_enabled;

/// Whether the direct kernels take a 3×3×3 convolution with padding 1 of these operands. Here and below the channels of `second`, where there is one,
/// join those of `first`.
bool takes_direct_convolution(const at::Tensor &first, const std::optional<at::Tensor> &second, const at::Tensor &weight);

/// A 3×3×3 convolution with stride 1 and padding 1, channels-last. Here and below the result's moments go where they are asked for.
at::Tensor direct_convolution(const at::Tensor &first, const std::optional<at::Tensor> &second, const at::Tensor &weight, ChannelMoments *moments);

/// Whether the row kernels take a 1×1×1 convolution, or a transposed one whose stride is its kernel.
bool takes_row_products(const at::Tensor &first, const std::optional<at::Tensor> &second, const at::Tensor &weight);
bool takes_block_expansion(const at::Tensor &input, const at::Tensor &weight);

/// A 1×1×1 convolution on a channels-last volume.
at::Tensor row_products(const at::Tensor &first, const std::optional<at::Tensor> &second, const at::Tensor &weight, const std::optional<at::Tensor> &bias,
                        ChannelMoments *moments);

/// A transposed convolution whose stride is its kernel, channels-last: every product is written where it belongs.
at::Tensor block_expansion(const at::Tensor &input, const at::Tensor &weight);

/// The volume with its channels fastest in memory: itself or a copy.
inline at::Tensor channels_last(const at::Tensor &tensor) { return tensor.contiguous(at::MemoryFormat::ChannelsLast3d); }

/// The tensor in C order: itself or a copy.
at::Tensor contiguous(const at::Tensor &tensor);

/// A convolution by the kernels that take it, else by LibTorch's.
at::Tensor convolve(const at::Tensor &first, const std::optional<at::Tensor> &second, const at::Tensor &weight, const std::optional<at::Tensor> &bias,
                    const CTorchConvolution &how);

/// lrelu(norm(a) + shortcut) of operands whose moments are known: no shortcut, b or, where b has moments, norm(b). Where no gradients are recorded
/// the result takes the memory of `a`.
at::Tensor normalized_activation(const at::Tensor &a, const ChannelMoments &a_moments, const std::optional<at::Tensor> &b, const ChannelMoments *b_moments,
                                 double slope, double epsilon);

/// lrelu(norm(a) + shortcut), the shortcut being nothing, b or norm(b): in one pass each way where the kernels apply.
at::Tensor normalized_activation(const at::Tensor &a, const std::optional<at::Tensor> &b, bool normalizes_b, double slope, double epsilon);

}  // namespace ctorch
