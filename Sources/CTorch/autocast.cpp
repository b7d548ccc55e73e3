// Mixed precision by LibTorch's autocast, which is a state of the thread.
#include "support.h"

#include <ATen/autocast_mode.h>

using namespace ctorch;

bool ctorch_exchange_autocast(int32_t device_type, CTorchAutocast *state) noexcept {
    return guarded_action([&] {
        const auto type = static_cast<at::DeviceType>(device_type);
        const CTorchAutocast previous = {at::autocast::is_autocast_enabled(type), static_cast<int32_t>(at::autocast::get_autocast_dtype(type))};
        at::autocast::set_autocast_dtype(type, static_cast<at::ScalarType>(state->dtype));
        at::autocast::set_autocast_enabled(type, state->enabled);
        // Weights converted under the state that ends are not kept.
        at::autocast::clear_cache();
        *state = previous;
    });
}

bool ctorch_processor_gains_from(int32_t dtype) noexcept {
#if defined(__x86_64__)
    __builtin_cpu_init();
    switch (static_cast<at::ScalarType>(dtype)) {
    case at::kBFloat16: return __builtin_cpu_supports("amx-bf16");
    case at::kHalf: return __builtin_cpu_supports("amx-fp16");
    default: return true;
    }
#else
    (void)dtype;
    return true;
#endif
}
