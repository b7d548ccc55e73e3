// The kernels for x86-64 processors with AVX2 and FMA: a tile of 6 × 2 accumulators fills the 16 registers.
#include "kernels.h"

#if defined(__x86_64__)
#define KERNEL_NAME "avx2"
#define KERNEL_LANES 8
#define KERNEL_WIDE_POSITIONS 6
#define KERNEL_POSITIONS 12
#define KERNEL_TAPS 12
#define KERNEL_WIDE_TAPS 6
#define KERNEL_MOST_PAIRS (128 * 64)

#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#pragma clang fp contract(fast)
namespace ctorch {
namespace avx2 {
#include "kernels.inc"
}
}  // namespace ctorch
#pragma clang attribute pop

const ctorch::Kernels *ctorch::avx2_kernels() {
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? &avx2::set : nullptr;
}
#else
const ctorch::Kernels *ctorch::avx2_kernels() { return nullptr; }
#endif
