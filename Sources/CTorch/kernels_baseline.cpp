// The kernels for any processor, and the choice among the sets.
#include "kernels.h"

#include <array>

#define KERNEL_NAME "baseline"
#define KERNEL_LANES 4
#define KERNEL_WIDE_POSITIONS 2
#define KERNEL_POSITIONS 4
#define KERNEL_TAPS 4
#define KERNEL_WIDE_TAPS 2
#define KERNEL_MOST_PAIRS (128 * 64)

namespace ctorch {
namespace baseline {
#include "kernels.inc"
}

const Kernels *baseline_kernels() { return &baseline::set; }

const Kernels *const *kernel_sets() {
    static const std::array<const Kernels *, 3> found = [] {
        std::array<const Kernels *, 3> sets{};
        size_t count = 0;
        for (const Kernels *set : {avx512_kernels(), avx2_kernels()})
            if (set) sets[count++] = set;
        if (count == 0) sets[0] = baseline_kernels();
        return sets;
    }();
    return found.data();
}

}  // namespace ctorch
