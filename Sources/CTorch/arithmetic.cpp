// Elementwise operations, products, reductions.
#include "support.h"

using namespace ctorch;

namespace {

at::Tensor apply(CTorchUnary operation, const at::Tensor &x) {
    switch (operation) {
        case CTorchUnaryNegate: return x.neg();
        case CTorchUnaryExp: return x.exp();
        case CTorchUnaryLog: return x.log();
        case CTorchUnarySqrt: return x.sqrt();
        case CTorchUnaryAbs: return x.abs();
        case CTorchUnarySin: return x.sin();
        case CTorchUnaryCos: return x.cos();
        case CTorchUnaryTanh: return x.tanh();
        case CTorchUnarySigmoid: return x.sigmoid();
        case CTorchUnaryRelu: return x.relu();
        case CTorchUnaryReciprocal: return x.reciprocal();
        case CTorchUnaryFloor: return x.floor();
        case CTorchUnaryRound: return x.round();
        case CTorchUnaryIsNaN: return x.isnan();
        case CTorchUnaryIsFinite: return x.isfinite();
        case CTorchUnaryNot: return x.logical_not();
        case CTorchUnaryGelu: return at::gelu(x);
    }
    TORCH_CHECK(false, "unknown unary operation ", static_cast<int>(operation));
}

at::Tensor apply(CTorchBinary operation, const at::Tensor &a, const at::Tensor &b) {
    switch (operation) {
        case CTorchBinaryAdd: return a.add(b);
        case CTorchBinarySubtract: return a.sub(b);
        case CTorchBinaryMultiply: return a.mul(b);
        case CTorchBinaryDivide: return a.div(b);
        case CTorchBinaryMaximum: return at::maximum(a, b);
        case CTorchBinaryMinimum: return at::minimum(a, b);
        case CTorchBinaryPower: return a.pow(b);
        case CTorchBinaryEqual: return a.eq(b);
        case CTorchBinaryNotEqual: return a.ne(b);
        case CTorchBinaryLess: return a.lt(b);
        case CTorchBinaryLessEqual: return a.le(b);
        case CTorchBinaryGreater: return a.gt(b);
        case CTorchBinaryGreaterEqual: return a.ge(b);
        case CTorchBinaryAnd: return a.logical_and(b);
        case CTorchBinaryOr: return a.logical_or(b);
        case CTorchBinaryMatmul: return a.matmul(b);
    }
    TORCH_CHECK(false, "unknown binary operation ", static_cast<int>(operation));
}

at::Tensor reduce(CTorchReduction operation, const at::Tensor &x, at::IntArrayRef axes, bool keep) {
    std::vector<int64_t> all;
    if (axes.empty()) {
        for (int64_t axis = 0; axis < x.dim(); ++axis) all.push_back(axis);
        axes = all;
    }
    switch (operation) {
        case CTorchReductionSum: return x.sum(axes, keep);
        case CTorchReductionMean: return x.mean(axes, keep);
        case CTorchReductionMaximum: return x.amax(axes, keep);
        case CTorchReductionMinimum: return x.amin(axes, keep);
        case CTorchReductionVariance: return x.var(axes, std::optional<at::Scalar>(0), keep);
        case CTorchReductionLogSumExp: return x.logsumexp(axes, keep);
        case CTorchReductionNorm: return x.norm(std::optional<at::Scalar>(2), axes, keep);
        case CTorchReductionArgmax:
            TORCH_CHECK(axes.size() == 1 || !all.empty(), "argmax takes one axis, or none for the flat index");
            return all.empty() ? x.argmax(axes[0], keep) : x.argmax(std::nullopt, keep);
    }
    TORCH_CHECK(false, "unknown reduction ", static_cast<int>(operation));
}

}  // namespace

extern "C" {

CTorchTensorRef ctorch_unary(CTorchUnary operation, CTorchTensorRef tensor) noexcept {
    return guarded([&] { return apply(operation, tensor->value); });
}

CTorchTensorRef ctorch_binary(CTorchBinary operation, CTorchTensorRef left, CTorchTensorRef right) noexcept {
    return guarded([&] { return apply(operation, left->value, right->value); });
}

CTorchTensorRef ctorch_binary_scalar(CTorchBinary operation, CTorchTensorRef tensor, double scalar, bool integral, bool reversed) noexcept {
    return guarded([&] {
        auto number = at::scalar_tensor(scalar, at::TensorOptions().dtype(integral ? at::kLong : at::kDouble));
        number.unsafeGetTensorImpl()->set_wrapped_number(true);
        return reversed ? apply(operation, number, tensor->value) : apply(operation, tensor->value, number);
    });
}

CTorchTensorRef ctorch_reduce(CTorchReduction operation, CTorchTensorRef tensor, const intptr_t *axes, intptr_t count, bool keep) noexcept {
    return guarded([&] { return reduce(operation, tensor->value, extents(axes, count), keep); });
}

CTorchTensorRef ctorch_cumulative_sum(CTorchTensorRef tensor, intptr_t axis) noexcept {
    return guarded([&] { return tensor->value.cumsum(axis); });
}

CTorchTensorRef ctorch_clamp(CTorchTensorRef tensor, double low, double high) noexcept {
    return guarded([&] { return tensor->value.clamp(low, high); });
}

CTorchTensorRef ctorch_where(CTorchTensorRef condition, CTorchTensorRef left, CTorchTensorRef right) noexcept {
    return guarded([&] { return at::where(condition->value, left->value, right->value); });
}

CTorchTensorRef ctorch_softmax(CTorchTensorRef tensor, intptr_t axis, bool logarithm) noexcept {
    return guarded([&] { return logarithm ? tensor->value.log_softmax(axis) : tensor->value.softmax(axis); });
}

CTorchTensorRef ctorch_leaky_relu(CTorchTensorRef tensor, double slope) noexcept {
    return guarded([&] { return at::leaky_relu(tensor->value, slope); });
}

bool ctorch_equal(CTorchTensorRef left, CTorchTensorRef right, bool *equal) noexcept {
    return guarded_action([&] { *equal = left->value.equal(right->value); });
}
}
