// Making tensors, and the random generators.
#include <ATen/CPUGeneratorImpl.h>

#include <cstring>

#include "support.h"

using namespace ctorch;

namespace {
std::optional<at::Generator> optional_generator(CTorchGeneratorRef generator) {
    return generator ? std::optional<at::Generator>(generator->value) : std::nullopt;
}

at::Generator generator_or_default(CTorchGeneratorRef generator) {
    return generator ? generator->value : at::detail::getDefaultCPUGenerator();
}
}  // namespace

extern "C" {

CTorchTensorRef ctorch_full(const intptr_t *shape, intptr_t rank, double value, int32_t dtype, CTorchDevice where) noexcept {
    return guarded([&] {
        auto how = options(dtype, where);
        return value == 0 ? at::zeros(extents(shape, rank), how) : at::full(extents(shape, rank), value, how);
    });
}

CTorchTensorRef ctorch_zeros_like(CTorchTensorRef tensor) noexcept {
    return guarded([&] { return at::zeros_like(tensor->value.detach()); });
}

CTorchTensorRef ctorch_arange(double start, double end, double step, int32_t dtype, CTorchDevice where) noexcept {
    return guarded([&] { return at::arange(start, end, step, options(dtype, where)); });
}

CTorchTensorRef ctorch_from_bytes(const void *bytes, intptr_t count, const intptr_t *shape, intptr_t rank, int32_t dtype) noexcept {
    return guarded([&] {
        auto tensor = at::empty(extents(shape, rank), options(dtype, {0, -1}));
        TORCH_CHECK(static_cast<intptr_t>(tensor.nbytes()) == count, "a shape of ", tensor.sizes(), " takes ", tensor.nbytes(), " bytes, not ", count);
        if (count > 0) std::memcpy(tensor.mutable_data_ptr(), bytes, static_cast<size_t>(count));
        return tensor;
    });
}

CTorchTensorRef ctorch_random(bool uniform, double first, double second, const intptr_t *shape, intptr_t rank, int32_t dtype,
                              CTorchGeneratorRef generator) noexcept {
    return guarded([&] {
        auto tensor = at::empty(extents(shape, rank), options(dtype, {0, -1}));
        auto source = optional_generator(generator);
        return uniform ? tensor.uniform_(first, second, source) : tensor.normal_(first, second, source);
    });
}

CTorchTensorRef ctorch_random_integers(intptr_t low, intptr_t high, const intptr_t *shape, intptr_t rank, CTorchGeneratorRef generator) noexcept {
    return guarded([&] { return at::randint(low, high, extents(shape, rank), optional_generator(generator), at::TensorOptions().dtype(at::kLong)); });
}

bool ctorch_manual_seed(uint64_t seed) noexcept {
    return guarded_action([&] { at::manual_seed(seed); });
}

CTorchGeneratorRef ctorch_generator_make(uint64_t seed) noexcept {
    try {
        return new CTorchGenerator{at::detail::createCPUGenerator(seed)};
    } catch (...) {
        keep_current_exception();
        return nullptr;
    }
}

void ctorch_generator_release(CTorchGeneratorRef generator) noexcept { delete generator; }

CTorchTensorRef ctorch_generator_state(CTorchGeneratorRef generator) noexcept {
    return guarded([&] {
        auto source = generator_or_default(generator);
        std::lock_guard<std::mutex> lock(source.mutex());
        return source.get_state();
    });
}

bool ctorch_generator_set_state(CTorchGeneratorRef generator, CTorchTensorRef state) noexcept {
    return guarded_action([&] {
        auto source = generator_or_default(generator);
        std::lock_guard<std::mutex> lock(source.mutex());
        source.set_state(state->value);
    });
}
}
