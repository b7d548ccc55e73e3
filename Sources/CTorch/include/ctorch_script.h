// ctorch_script.h: TorchScript programs. Conventions as in ctorch.h.
//
// A TorchScript file is a program. Loading it may run code of its own, running it always does; that code is limited to TorchScript's operations,
// which compute, and can read and write files, but cannot call Python or the system.
#ifndef CTORCH_SCRIPT_H
#define CTORCH_SCRIPT_H

#include "ctorch.h"

#if defined(__cplusplus)
extern "C" {
#endif
#if defined(__swift__) || defined(__clang__)
#pragma clang assume_nonnull begin
#endif

typedef struct CTorchScript *CTorchScriptRef CTORCH_NEWTYPE;

/// Loads the program in the file at `path` onto a device, set to evaluation.
CTorchScriptRef _Nullable ctorch_script_load(const char *path, CTorchDevice device) CTORCH_NOEXCEPT;
void ctorch_script_release(CTorchScriptRef script) CTORCH_NOEXCEPT;
/// Runs `forward` on one tensor: the tensor it returns, or the first one of the tuple or list it returns.
CTorchTensorRef _Nullable ctorch_script_forward(CTorchScriptRef script, CTorchTensorRef input) CTORCH_NOEXCEPT;

intptr_t ctorch_script_method_count(CTorchScriptRef script) CTORCH_NOEXCEPT;
/// `forward(x: Tensor) -> Tensor`; valid as long as the program.
const char *ctorch_script_method(CTorchScriptRef script, intptr_t index) CTORCH_NOEXCEPT;
/// Parameters and buffers.
intptr_t ctorch_script_tensor_count(CTorchScriptRef script) CTORCH_NOEXCEPT;
/// The dotted name of a tensor; valid as long as the program.
const char *ctorch_script_tensor_name(CTorchScriptRef script, intptr_t index) CTORCH_NOEXCEPT;
CTorchTensorRef _Nullable ctorch_script_tensor(CTorchScriptRef script, intptr_t index) CTORCH_NOEXCEPT;

/// A computation to be recorded. It owns `input`; what it returns stays the caller's and must live until the recording ends. NULL on failure.
typedef CTorchTensorRef _Nullable (*CTorchComputation)(CTorchTensorRef input, void *_Nullable context);
/// Records what `body` does to `input` as a program whose parameters have the given dotted names. LibTorch's own operations only: the kernels of
/// this library are switched off meanwhile, and so are gradients.
CTorchScriptRef _Nullable ctorch_script_record(CTorchTensorRef input, const char *_Nonnull const *_Nonnull names, const CTorchTensorRef _Nonnull *_Nonnull tensors, intptr_t count,
                                               CTorchComputation body, void *_Nullable context) CTORCH_NOEXCEPT;
/// Writes the program to `path`, with one extra file beside its code.
bool ctorch_script_save(CTorchScriptRef script, const char *path, const char *extra_name, const char *extra_text) CTORCH_NOEXCEPT;

#if defined(__swift__) || defined(__clang__)
#pragma clang assume_nonnull end
#endif
#if defined(__cplusplus)
}
#endif
#endif
