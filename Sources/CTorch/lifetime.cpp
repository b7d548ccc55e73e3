// Handles, errors, metadata and reading out.
#include <ATen/Parallel.h>
#include <torch/version.h>

#include <cstring>

#include "fused.h"

namespace {
thread_local std::string last_error;
thread_local bool last_error_is_memory = false;
std::atomic<intptr_t> live_tensors{0};
thread_local intptr_t live_tensors_of_thread = 0;
}  // namespace

CTorchTensor::CTorchTensor(at::Tensor tensor) : value(std::move(tensor)) {
    live_tensors.fetch_add(1, std::memory_order_relaxed);
    ++live_tensors_of_thread;
}

CTorchTensor::~CTorchTensor() {
    live_tensors.fetch_sub(1, std::memory_order_relaxed);
    --live_tensors_of_thread;
}

namespace ctorch {

void set_last_error(std::string text) noexcept {
    last_error = std::move(text);
    last_error_is_memory = false;
}

/// Whether a text tells of a lack of memory; TorchScript and oneDNN pass on nothing but the text of what they catch.
static bool tells_of_memory(const std::string &text) {
    for (const char *phrase : {"not enough memory", "can't allocate memory", "out of memory", "Out of memory", "out_of_memory"})
        if (text.find(phrase) != std::string::npos) return true;
    return false;
}

void keep_current_exception() noexcept {
    bool is_memory = false;
    try {
        throw;
    } catch (const c10::OutOfMemoryError &error) {
        last_error = error.what_without_backtrace();
        is_memory = true;
    } catch (const c10::Error &error) {
        last_error = error.what_without_backtrace();
    } catch (const std::bad_alloc &) {
        last_error = "not enough memory";
    } catch (const std::exception &error) {
        last_error = error.what();
    } catch (...) {
        last_error = "an exception of unknown type";
    }
    last_error_is_memory = is_memory || tells_of_memory(last_error);
}

}  // namespace ctorch

extern "C" {

const char *ctorch_last_error(void) noexcept { return last_error.c_str(); }
bool ctorch_last_error_is_memory(void) noexcept { return last_error_is_memory; }
intptr_t ctorch_live_tensors(void) noexcept { return live_tensors.load(std::memory_order_relaxed); }
intptr_t ctorch_live_tensors_of_thread(void) noexcept { return live_tensors_of_thread; }
const char *ctorch_version(void) noexcept { return TORCH_VERSION; }
void ctorch_tensor_release(CTorchTensorRef tensor) noexcept { delete tensor; }
intptr_t ctorch_thread_count(void) noexcept { return at::get_num_threads(); }

bool ctorch_set_thread_count(intptr_t count) noexcept {
    return ctorch::guarded_action([&] { at::set_num_threads(static_cast<int>(count)); });
}

intptr_t ctorch_rank(CTorchTensorRef tensor) noexcept { return tensor->value.dim(); }

void ctorch_shape(CTorchTensorRef tensor, intptr_t *shape) noexcept {
    auto sizes = tensor->value.sizes();
    std::copy(sizes.begin(), sizes.end(), shape);
}

intptr_t ctorch_count(CTorchTensorRef tensor) noexcept { return tensor->value.numel(); }
int32_t ctorch_dtype(CTorchTensorRef tensor) noexcept { return static_cast<int32_t>(tensor->value.scalar_type()); }
intptr_t ctorch_element_size(CTorchTensorRef tensor) noexcept { return static_cast<intptr_t>(tensor->value.element_size()); }

CTorchDevice ctorch_device(CTorchTensorRef tensor) noexcept {
    auto device = tensor->value.device();
    return {static_cast<int32_t>(device.type()), static_cast<int32_t>(device.index())};
}

bool ctorch_is_contiguous(CTorchTensorRef tensor, bool channels_last) noexcept {
    return tensor->value.is_contiguous(channels_last ? at::MemoryFormat::ChannelsLast3d : at::MemoryFormat::Contiguous);
}

bool ctorch_read(CTorchTensorRef tensor, void *bytes, intptr_t count) noexcept {
    return ctorch::guarded_action([&] {
        auto host = ctorch::contiguous(tensor->value.detach().to(at::kCPU));
        TORCH_CHECK(static_cast<intptr_t>(host.nbytes()) == count, "the buffer holds ", count, " bytes, the tensor ", host.nbytes());
        if (count > 0) std::memcpy(bytes, host.const_data_ptr(), static_cast<size_t>(count));
    });
}

const void *ctorch_elements(CTorchTensorRef tensor) noexcept {
    const auto &value = tensor->value;
    return value.is_cpu() && value.is_contiguous() ? value.const_data_ptr() : nullptr;
}
}
