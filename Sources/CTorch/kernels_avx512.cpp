// The kernels for x86-64 processors with AVX-512: twice the lanes and twice the registers.
#include "kernels.h"

#if defined(__x86_64__)
#define KERNEL_NAME "avx512"
#define KERNEL_LANES 16
#define KERNEL_WIDE_POSITIONS 12
#define KERNEL_POSITIONS 12
#define KERNEL_TAPS 16
#define KERNEL_WIDE_TAPS 8
#define KERNEL_MOST_PAIRS (128 * 128)

#pragma clang attribute push(__attribute__((target("avx512f,avx512vl,avx512dq,avx512bw,fma"))), apply_to = function)
#pragma clang fp contract(fast)
namespace ctorch {
namespace avx512 {
#include "kernels.inc"
}
}  // namespace ctorch
#pragma clang attribute pop

const ctorch::Kernels *ctorch::avx512_kernels() {
    bool supported = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq")
                     && __builtin_cpu_supports("avx512bw");
    return supported ? &avx512::set : nullptr;
}
#else
const ctorch::Kernels *ctorch::avx512_kernels() { return nullptr; }
#endif
