// Channels-last volumes in C order: LibTorch's copy reads one number per cache line.
#include "fused.h"
#include "kernels.h"
#include "parallel.h"

namespace ctorch {

at::Tensor contiguous(const at::Tensor &tensor) {
    bool is_fit = own_kernels_enabled && tensor.is_cpu() && tensor.scalar_type() == at::kFloat && tensor.dim() == 5 && tensor.numel() > 0
        && !tensor.is_contiguous() && tensor.is_contiguous(at::MemoryFormat::ChannelsLast3d) && !(at::GradMode::is_enabled() && tensor.requires_grad());
    if (!is_fit) return tensor.contiguous();
    auto result = at::empty(tensor.sizes(), tensor.options());
    int64_t channels = tensor.size(1), rows = tensor.size(2) * tensor.size(3) * tensor.size(4), group = 4096, groups = (rows + group - 1) / group;
    const float *source = floats(tensor);
    float *target = mutable_floats(result);
    for_tasks(tensor.size(0) * groups, [&](int64_t task) {
        int64_t start = task / groups * rows * channels, first = task % groups * group;
        kernels().separate_channels(source + start + first * channels, std::min(group, rows - first), channels, rows, target + start + first);
    });
    return result;
}

}  // namespace ctorch
