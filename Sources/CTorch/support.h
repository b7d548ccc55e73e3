// What every file of the shim shares: the handle, the guard against exceptions, conversions of arguments.
#pragma once

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <atomic>
#include <string>

#include "ctorch.h"

struct CTorchTensor {
    explicit CTorchTensor(at::Tensor value);
    ~CTorchTensor();
    at::Tensor value;
};

struct CTorchGenerator {
    at::Generator value;
};

namespace ctorch {

/// Keeps the text of the exception that is being handled as this thread's last error.
void keep_current_exception() noexcept;
void set_last_error(std::string text) noexcept;

/// Runs `body`, which returns an at::Tensor, and wraps its result; NULL and a kept message if it throws.
template <class Body>
CTorchTensorRef guarded(Body &&body) noexcept {
    try {
        return new CTorchTensor(body());
    } catch (...) {
        keep_current_exception();
        return nullptr;
    }
}

/// Runs `body` and returns true; false and a kept message if it throws.
template <class Body>
bool guarded_action(Body &&body) noexcept {
    try {
        body();
        return true;
    } catch (...) {
        keep_current_exception();
        return false;
    }
}

inline at::IntArrayRef extents(const intptr_t *values, intptr_t count) {
    static_assert(sizeof(intptr_t) == sizeof(int64_t));
    return at::IntArrayRef(reinterpret_cast<const int64_t *>(values), static_cast<size_t>(count));
}

inline at::Device device(CTorchDevice where) {
    return at::Device(static_cast<at::DeviceType>(where.type), static_cast<at::DeviceIndex>(where.index));
}

inline at::TensorOptions options(int32_t dtype, CTorchDevice where) {
    return at::TensorOptions().dtype(static_cast<at::ScalarType>(dtype)).device(device(where));
}

inline std::optional<at::Tensor> optional(CTorchTensorRef tensor) {
    return tensor ? std::optional<at::Tensor>(tensor->value) : std::nullopt;
}

inline std::vector<at::Tensor> list(const CTorchTensorRef *tensors, intptr_t count) {
    std::vector<at::Tensor> values;
    values.reserve(static_cast<size_t>(count));
    for (intptr_t i = 0; i < count; ++i) values.push_back(tensors[i]->value);
    return values;
}

// Not the templates `const_data_ptr<float>()`: clang mangles their constraints unlike the compiler that LibTorch is built with.
inline const float *floats(const at::Tensor &tensor) { return static_cast<const float *>(tensor.const_data_ptr()); }
inline float *mutable_floats(const at::Tensor &tensor) { return static_cast<float *>(tensor.mutable_data_ptr()); }

/// The networks of this project, as layers on channels-last volumes (kernels in their own files).
at::Tensor convolve(const at::Tensor &input, const at::Tensor &weight, const std::optional<at::Tensor> &bias, const CTorchConvolution &how);
at::Tensor convolve_transposed(const at::Tensor &input, const at::Tensor &weight, const std::optional<at::Tensor> &bias, const CTorchConvolution &how);

}  // namespace ctorch
