// Recording, gradients, and the fused optimizers.
#include "support.h"

using namespace ctorch;

extern "C" {

bool ctorch_requires_gradient(CTorchTensorRef tensor) noexcept { return tensor->value.requires_grad(); }

bool ctorch_set_requires_gradient(CTorchTensorRef tensor, bool value) noexcept {
    return guarded_action([&] { tensor->value.set_requires_grad(value); });
}

bool ctorch_backward(CTorchTensorRef tensor, CTorchTensorRef gradient) noexcept {
    return guarded_action([&] { tensor->value.backward(gradient ? gradient->value : at::Tensor()); });
}

CTorchTensorRef ctorch_gradient(CTorchTensorRef tensor) noexcept {
    set_last_error("");
    if (!tensor->value.grad().defined()) return nullptr;
    return guarded([&] { return tensor->value.grad(); });
}

bool ctorch_set_gradient(CTorchTensorRef tensor, CTorchTensorRef gradient) noexcept {
    return guarded_action([&] { tensor->value.mutable_grad() = gradient ? gradient->value.detach() : at::Tensor(); });
}

bool ctorch_set_gradient_mode(bool enabled) noexcept {
    bool previous = c10::GradMode::is_enabled();
    c10::GradMode::set_enabled(enabled);
    return previous;
}

bool ctorch_gradient_mode(void) noexcept { return c10::GradMode::is_enabled(); }

bool ctorch_adam_step(const CTorchTensorRef *parameters, const CTorchTensorRef *gradients, const CTorchTensorRef *averages,
                      const CTorchTensorRef *squared_averages, const CTorchTensorRef *steps, intptr_t count, CTorchAdam how) noexcept {
    return guarded_action([&] {
        at::NoGradGuard guard;
        auto values = list(parameters, count), slopes = list(gradients, count), first = list(averages, count);
        auto second = list(squared_averages, count), counters = list(steps, count);
        for (size_t i = 0; i < values.size(); ++i) {
            TORCH_CHECK(values[i].sizes() == slopes[i].sizes(), "parameter ", i, " has shape ", values[i].sizes(), " but its gradient ", slopes[i].sizes());
            // The fused kernel walks the raw storages in step: all four must be laid out alike.
            if (slopes[i].strides() != values[i].strides()) slopes[i] = at::empty_like(values[i]).copy_(slopes[i]);
            TORCH_CHECK(first[i].strides() == values[i].strides() && second[i].strides() == values[i].strides(),
                        "optimizer state ", i, " is laid out unlike its parameter");
            counters[i].add_(1);
        }
        if (how.decoupled) {
            at::_fused_adamw_(values, slopes, first, second, {}, counters, how.learning_rate, how.beta1, how.beta2, how.weight_decay, how.epsilon, false, false);
        } else {
            at::_fused_adam_(values, slopes, first, second, {}, counters, how.learning_rate, how.beta1, how.beta2, how.weight_decay, how.epsilon, false, false);
        }
    });
}

CTorchTensorRef ctorch_clip_gradient_norm(const CTorchTensorRef *gradients, intptr_t count, double maximum) noexcept {
    return guarded([&] {
        at::NoGradGuard guard;
        auto slopes = list(gradients, count);
        TORCH_CHECK(!slopes.empty(), "no gradients to clip: run backward first");
        auto total = at::stack(at::_foreach_norm(slopes)).norm();
        auto factor = (maximum / (total + 1e-6)).clamp_max(1.0);
        at::_foreach_mul_(slopes, factor);
        return total;
    });
}
}
