// Devices and their memory. The CUDA backend is not linked: it is loaded when somebody asks for it, and present.
#include <ATen/Context.h>
#include <c10/core/CachingDeviceAllocator.h>
#include <sys/resource.h>

#if defined(__linux__)
#include <dlfcn.h>
#include <link.h>
#include <unistd.h>
#endif

#include "ctorch_devices.h"
#include "support.h"

namespace {

#if defined(__linux__)
/// The folder that libtorch_cpu was loaded from.
std::string library_folder() {
    std::string folder;
    auto visit = [](dl_phdr_info *info, size_t, void *result) {
        std::string path = info->dlpi_name ? info->dlpi_name : "";
        auto slash = path.rfind('/');
        if (slash == std::string::npos || path.compare(slash + 1, 12, "libtorch_cpu") != 0) return 0;
        *static_cast<std::string *>(result) = path.substr(0, slash);
        return 1;
    };
    dl_iterate_phdr(visit, &folder);
    return folder;
}

/// Loads the CUDA backend beside libtorch_cpu: nothing, or why not.
std::string load_cuda() {
    if (at::CUDAHooksRegistry()->Has("CUDAHooks")) return "";  // linked or loaded by the program already
    auto path = library_folder() + "/libtorch_cuda.so";
    if (access(path.c_str(), R_OK) != 0) return "this LibTorch was set up without CUDA (there is no " + path + ")";
    if (!dlopen(path.c_str(), RTLD_LAZY | RTLD_GLOBAL)) {
        const char *reason = dlerror();
        return std::string("LibTorch's CUDA backend does not load: ") + (reason ? reason : "no reason given");
    }
    return "";
}
#else
std::string load_cuda() { return "LibTorch has no CUDA backend on this system"; }
#endif

intptr_t cuda_count() {
    static const std::string failure = load_cuda();
    if (!failure.empty()) {
        ctorch::set_last_error(failure);
        return 0;
    }
    auto count = at::detail::getCUDAHooks().getNumGPUs();
    if (count == 0) ctorch::set_last_error("LibTorch's CUDA backend is loaded and finds no device: does nvidia-smi list one?");
    return count;
}

void read_cuda(at::DeviceIndex index, CTorchDeviceMemory &memory) {
    at::globalContext().lazyInitDevice(at::kCUDA);
    auto *allocator = c10::getDeviceAllocator(at::kCUDA);
    auto [free, total] = allocator->getMemoryInfo(index);
    auto bytes = allocator->getDeviceStats(index).allocated_bytes[static_cast<size_t>(c10::CachingAllocator::StatType::AGGREGATE)];
    memory = {static_cast<int64_t>(total), static_cast<int64_t>(free), bytes.current, bytes.peak};
}

void read_mps(CTorchDeviceMemory &memory) {
    const auto &hooks = at::detail::getMPSHooks();
    memory = {static_cast<int64_t>(hooks.getRecommendedMaxMemory()), -1, static_cast<int64_t>(hooks.getCurrentAllocatedMemory()), -1};
}

}  // namespace

extern "C" {

intptr_t ctorch_device_count(int32_t type) noexcept {
    intptr_t count = 0;
    ctorch::guarded_action([&] {
        switch (static_cast<at::DeviceType>(type)) {
            case at::kCPU: count = 1; break;
            case at::kCUDA: count = cuda_count(); break;
            case at::kMPS:
                count = at::detail::getMPSHooks().hasMPS() ? 1 : 0;
                if (count == 0) ctorch::set_last_error("MPS exists on Macs with Apple silicon only");
                break;
            default: TORCH_CHECK(false, "devices of type ", type, " are not known here");
        }
    });
    return count;
}

bool ctorch_device_memory(CTorchDevice device, CTorchDeviceMemory *memory) noexcept {
    return ctorch::guarded_action([&] {
        *memory = {-1, -1, -1, -1};
        switch (static_cast<at::DeviceType>(device.type)) {
            case at::kCUDA: read_cuda(static_cast<at::DeviceIndex>(std::max(device.index, 0)), *memory); break;
            case at::kMPS: read_mps(*memory); break;
            default: TORCH_CHECK(false, "devices of type ", device.type, " have no memory of their own");
        }
    });
}

int64_t ctorch_process_peak(void) noexcept {
    rusage usage{};
    if (getrusage(RUSAGE_SELF, &usage) != 0) return 0;
#if defined(__APPLE__)
    return usage.ru_maxrss;
#else
    return usage.ru_maxrss * 1024;
#endif
}
}
