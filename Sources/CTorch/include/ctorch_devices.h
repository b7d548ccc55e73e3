// ctorch_devices.h: which devices there are and what memory they have. Conventions as in ctorch.h.
#ifndef CTORCH_DEVICES_H
#define CTORCH_DEVICES_H

#include "ctorch.h"

#if defined(__cplusplus)
extern "C" {
#endif
#if defined(__swift__) || defined(__clang__)
#pragma clang assume_nonnull begin
#endif

/// How many devices of a type there are; where there are none, `ctorch_last_error` says why.
///
/// The first question about CUDA loads LibTorch's CUDA backend (libtorch_cuda beside libtorch_cpu), which this library is not linked with.
/// LibTorch looks for its backend once: ask before anything else that concerns CUDA, seeds and gradients included.
intptr_t ctorch_device_count(int32_t type) CTORCH_NOEXCEPT;

/// Bytes of a device's memory; -1 where the backend does not say.
typedef struct {
    int64_t total;
    int64_t free;
    /// In tensors now, and at most since the start.
    int64_t allocated;
    int64_t peak;
} CTorchDeviceMemory;

/// The memory of a CUDA or MPS device that `ctorch_device_count` has counted.
bool ctorch_device_memory(CTorchDevice device, CTorchDeviceMemory *memory) CTORCH_NOEXCEPT;
/// The most bytes of main memory that tensors of 512 kB and more may take, blocks kept for later ones included; 0, the beginning: as many as the
/// machine has. What would go beyond either fails as out of memory.
void ctorch_set_memory_limit(int64_t bytes) CTORCH_NOEXCEPT;
/// The bytes that they take now.
int64_t ctorch_memory_held(void) CTORCH_NOEXCEPT;
/// The most main memory that this process has had in use, in bytes.
int64_t ctorch_process_peak(void) CTORCH_NOEXCEPT;

#if defined(__swift__) || defined(__clang__)
#pragma clang assume_nonnull end
#endif
#if defined(__cplusplus)
}
#endif
#endif
