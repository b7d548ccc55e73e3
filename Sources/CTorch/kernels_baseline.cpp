// The kernels for any processor, and the choice among the sets.
#include "kernels.h"

#define KERNEL_NAME "baseline"
#define KERNEL_LANES 4
#define KERNEL_WIDE_POSITIONS 2
#define KERNEL_POSITIONS 4

namespace ctorch {
namespace baseline {
#include "kernels.inc"
}

const Kernels *baseline_kernels() { return &baseline::set; }

const Kernels &kernels() {
    static const Kernels *const chosen = [] {
        if (const Kernels *wide = avx512_kernels()) return wide;
        if (const Kernels *middle = avx2_kernels()) return middle;
        return baseline_kernels();
    }();
    return *chosen;
}

}  // namespace ctorch
