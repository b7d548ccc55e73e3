// Views, selections, joins and copies.
#include "fused.h"

using namespace ctorch;

extern "C" {

CTorchTensorRef ctorch_to(CTorchTensorRef tensor, int32_t dtype, CTorchDevice where) noexcept {
    return guarded([&] { return tensor->value.to(device(where), static_cast<at::ScalarType>(dtype)); });
}

CTorchTensorRef ctorch_contiguous(CTorchTensorRef tensor, bool channels_last) noexcept {
    return guarded([&] { return channels_last ? tensor->value.contiguous(at::MemoryFormat::ChannelsLast3d) : contiguous(tensor->value); });
}

CTorchTensorRef ctorch_clone(CTorchTensorRef tensor) noexcept {
    return guarded([&] { return tensor->value.clone(); });
}

CTorchTensorRef ctorch_detach(CTorchTensorRef tensor) noexcept {
    return guarded([&] { return tensor->value.detach(); });
}

CTorchTensorRef ctorch_reshape(CTorchTensorRef tensor, const intptr_t *shape, intptr_t rank) noexcept {
    return guarded([&] { return tensor->value.reshape(extents(shape, rank)); });
}

CTorchTensorRef ctorch_permute(CTorchTensorRef tensor, const intptr_t *axes, intptr_t count) noexcept {
    return guarded([&] { return tensor->value.permute(extents(axes, count)); });
}

CTorchTensorRef ctorch_transpose(CTorchTensorRef tensor, intptr_t first, intptr_t second) noexcept {
    return guarded([&] { return tensor->value.transpose(first, second); });
}

CTorchTensorRef ctorch_expand(CTorchTensorRef tensor, const intptr_t *shape, intptr_t rank) noexcept {
    return guarded([&] { return tensor->value.expand(extents(shape, rank)); });
}

CTorchTensorRef ctorch_narrow(CTorchTensorRef tensor, intptr_t axis, intptr_t start, intptr_t length) noexcept {
    return guarded([&] { return tensor->value.narrow(axis, start, length); });
}

CTorchTensorRef ctorch_select(CTorchTensorRef tensor, intptr_t axis, intptr_t index) noexcept {
    return guarded([&] { return tensor->value.select(axis, index); });
}

CTorchTensorRef ctorch_index_select(CTorchTensorRef tensor, intptr_t axis, CTorchTensorRef indices) noexcept {
    return guarded([&] { return tensor->value.index_select(axis, indices->value); });
}

CTorchTensorRef ctorch_gather(CTorchTensorRef tensor, intptr_t axis, CTorchTensorRef indices) noexcept {
    return guarded([&] { return tensor->value.gather(axis, indices->value); });
}

CTorchTensorRef ctorch_flip(CTorchTensorRef tensor, const intptr_t *axes, intptr_t count) noexcept {
    return guarded([&] { return tensor->value.flip(extents(axes, count)); });
}

CTorchTensorRef ctorch_rotate90(CTorchTensorRef tensor, intptr_t turns, intptr_t first, intptr_t second) noexcept {
    return guarded([&] { return tensor->value.rot90(turns, {first, second}); });
}

CTorchTensorRef ctorch_concatenate(const CTorchTensorRef *tensors, intptr_t count, intptr_t axis, bool stack) noexcept {
    return guarded([&] {
        auto values = list(tensors, count);
        return stack ? at::stack(values, axis) : at::cat(values, axis);
    });
}

CTorchTensorRef ctorch_one_hot(CTorchTensorRef tensor, intptr_t classes) noexcept {
    return guarded([&] { return at::one_hot(tensor->value, classes); });
}

CTorchTensorRef ctorch_pad(CTorchTensorRef tensor, const intptr_t *widths, intptr_t count, double value) noexcept {
    return guarded([&] { return at::constant_pad_nd(tensor->value, extents(widths, count), value); });
}

bool ctorch_copy_from(CTorchTensorRef tensor, CTorchTensorRef source) noexcept {
    return guarded_action([&] {
        at::NoGradGuard guard;
        tensor->value.copy_(source->value);
    });
}

bool ctorch_set_data(CTorchTensorRef tensor, CTorchTensorRef source) noexcept {
    return guarded_action([&] {
        tensor->value.set_data(source->value.detach());
        tensor->value.mutable_grad().reset();
    });
}

bool ctorch_fill(CTorchTensorRef tensor, double value) noexcept {
    return guarded_action([&] {
        at::NoGradGuard guard;
        tensor->value.fill_(value);
    });
}
}
