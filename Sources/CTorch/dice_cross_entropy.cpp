// Soft Dice plus cross entropy over softmaxed logits in one pass each way: no one-hot volume, no probabilities kept.
#include <torch/csrc/autograd/custom_function.h>

#include "fused.h"
#include "kernels.h"
#include "parallel.h"

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

namespace ctorch {
namespace {

constexpr int64_t voxels_per_task = 4096;

/// Sums of one sample: probability, overlap and label count of every class, then the cross entropy and the weight of the voxels in it.
struct SampleSums {
    explicit SampleSums(int64_t channels) : channels(channels), values(static_cast<size_t>(3 * channels + 2), 0.0) {}
    int64_t channels;
    std::vector<double> values;
    double probability(int64_t c) const { return values[static_cast<size_t>(c)]; }
    double overlap(int64_t c) const { return values[static_cast<size_t>(channels + c)]; }
    double labels(int64_t c) const { return values[static_cast<size_t>(2 * channels + c)]; }
    double entropy() const { return values[static_cast<size_t>(3 * channels)]; }
    double entropy_weight() const { return values[static_cast<size_t>(3 * channels + 1)]; }
};

/// What the loss of a batch is made of, in host memory.
struct LossProblem {
    at::Tensor logits;  // channels-last
    at::Tensor labels;  // contiguous uint8
    at::Tensor drawn;   // [batch, channels] float, on the host
    at::Tensor class_weights;  // [channels] float, on the host
    CTorchDiceCrossEntropy how;

    int64_t batch() const { return logits.size(0); }
    int64_t channels() const { return logits.size(1); }
    int64_t voxels() const { return logits.size(2) * logits.size(3) * logits.size(4); }

    LossSample sample(int64_t index) const {
        return {floats(logits) + index * voxels() * channels(), static_cast<const uint8_t *>(labels.const_data_ptr()) + index * voxels(),
                floats(drawn) + index * channels(), floats(class_weights), channels(), static_cast<int32_t>(how.ignored_label)};
    }

    /// The weight of a class of a sample in the Dice mean, to be divided by the number of drawn classes.
    double weight(int64_t index, int64_t c) const {
        return static_cast<double>(floats(drawn)[index * channels() + c]) * static_cast<double>(floats(class_weights)[c]);
    }
    double drawn_count() const { return drawn.sum().item<double>(); }
};

SampleSums sums(const LossProblem &problem, int64_t index) {
    auto voxels = problem.voxels(), tasks = (voxels + voxels_per_task - 1) / voxels_per_task;
    auto count = static_cast<size_t>(3 * problem.channels() + 2);
    std::vector<double> partial(count * static_cast<size_t>(tasks), 0.0);
    auto sample = problem.sample(index);
    for_tasks(tasks, [&](int64_t task) {
        auto first = task * voxels_per_task;
        kernels().loss_sums(sample, first, std::min(voxels_per_task, voxels - first), partial.data() + static_cast<size_t>(task) * count);
    });
    SampleSums result(problem.channels());
    for (size_t i = 0; i < partial.size(); ++i) result.values[i % count] += partial[i];
    return result;
}

struct DiceCrossEntropy : torch::autograd::Function<DiceCrossEntropy> {
    /// Gives [3]: total, Dice, cross entropy.
    static at::Tensor forward(AutogradContext *context, const at::Tensor &logits, const at::Tensor &labels, const at::Tensor &drawn,
                              const at::Tensor &class_weights, CTorchDiceCrossEntropy how) {
        LossProblem problem{logits.contiguous(at::MemoryFormat::ChannelsLast3d), labels.to(at::kByte).contiguous(), drawn.to(at::kFloat).contiguous(),
                            class_weights.to(at::kFloat).contiguous(), how};
        auto channels = problem.channels();
        double dice = 0, entropy = 0, entropy_weight = 0, classes = std::max(problem.drawn_count(), 1e-12);
        // d loss / d probability = slope + overlap slope where the label is the class: [2, batch, channels]
        auto slopes = at::zeros({2, problem.batch(), channels}, drawn.options().dtype(at::kFloat));
        float *plain = mutable_floats(slopes), *overlapping = plain + problem.batch() * channels;
        for (int64_t index = 0; index < problem.batch(); ++index) {
            auto figures = sums(problem, index);
            entropy += figures.entropy();
            entropy_weight += figures.entropy_weight();
            for (int64_t c = 0; c < channels; ++c) {
                double mass = figures.probability(c) + figures.labels(c) + how.smoothing, twice = 2 * figures.overlap(c) + how.smoothing;
                double weight = problem.weight(index, c) / classes;
                dice += weight * (1 - twice / mass);
                plain[index * channels + c] = static_cast<float>(how.dice_weight * weight * twice / (mass * mass));
                overlapping[index * channels + c] = static_cast<float>(-how.dice_weight * weight * 2 / mass);
            }
        }
        TORCH_CHECK(entropy_weight > 0, "no voxel counts: each has the ignored label ", how.ignored_label, " or a class of weight 0");
        entropy /= entropy_weight;
        context->save_for_backward({problem.logits, problem.labels, problem.drawn, problem.class_weights, slopes});
        context->saved_data["entropy"] = how.cross_entropy_weight / entropy_weight;
        context->saved_data["ignored"] = static_cast<int64_t>(how.ignored_label);
        auto result = at::empty({3}, logits.options());
        float *values = mutable_floats(result);
        values[0] = static_cast<float>(how.dice_weight * dice + how.cross_entropy_weight * entropy);
        values[1] = static_cast<float>(dice);
        values[2] = static_cast<float>(entropy);
        return result;
    }

    static variable_list backward(AutogradContext *context, variable_list seeds) {
        auto saved = context->get_saved_variables();
        LossProblem problem{saved[0], saved[1], saved[2], saved[3], {}};
        problem.how.ignored_label = context->saved_data["ignored"].toInt();
        auto seed = seeds[0].contiguous();
        TORCH_CHECK(floats(seed)[1] == 0 && floats(seed)[2] == 0, "only the total of the loss carries a gradient");
        float factor = floats(seed)[0], entropy = static_cast<float>(context->saved_data["entropy"].toDouble()) * factor;
        auto slopes = saved[4] * factor;
        auto gradient = at::empty_like(problem.logits);
        auto voxels = problem.voxels(), channels = problem.channels();
        for (int64_t index = 0; index < problem.batch(); ++index) {
            auto sample = problem.sample(index);
            LossSlopes weights{floats(slopes) + index * channels, floats(slopes) + (problem.batch() + index) * channels, entropy};
            float *target = mutable_floats(gradient) + index * voxels * channels;
            for_tasks((voxels + voxels_per_task - 1) / voxels_per_task, [&](int64_t task) {
                auto first = task * voxels_per_task;
                kernels().loss_gradient(sample, weights, first, std::min(voxels_per_task, voxels - first), target + first * channels);
            });
        }
        return {gradient, at::Tensor(), at::Tensor(), at::Tensor(), at::Tensor()};
    }
};

}  // namespace
}  // namespace ctorch

extern "C" CTorchTensorRef ctorch_dice_cross_entropy(CTorchTensorRef logits, CTorchTensorRef labels, CTorchTensorRef drawn,
                                                     CTorchTensorRef class_weights, CTorchDiceCrossEntropy how) noexcept {
    return ctorch::guarded([&] {
        auto &x = logits->value, &y = labels->value;
        TORCH_CHECK(x.dim() == 5 && y.dim() == 4 && x.size(0) == y.size(0) && x.sizes().slice(2) == y.sizes().slice(1),
                    "logits [batch, channels, X, Y, Z] and labels [batch, X, Y, Z] are expected");
        TORCH_CHECK(x.is_cpu() && x.scalar_type() == at::kFloat, "the fused loss takes float32 logits in main memory");
        TORCH_CHECK(x.size(1) <= ctorch::maximum_loss_channels, "at most ", ctorch::maximum_loss_channels, " channels are supported");
        TORCH_CHECK(!at::isIntegralType(y.scalar_type(), false) || y.numel() == 0 || y.eq(how.ignored_label).logical_or(y.lt(x.size(1)).logical_and(y.ge(0))).all().item<bool>(),
                    "a label is neither a channel nor the ignored label ", how.ignored_label);
        auto classes = drawn ? drawn->value : at::ones({x.size(0), x.size(1)}, x.options());
        TORCH_CHECK(classes.sizes() == at::IntArrayRef({x.size(0), x.size(1)}), "drawn classes [batch, channels] are expected, found ", classes.sizes());
        auto weights = class_weights ? class_weights->value : at::ones({x.size(1)}, x.options());
        TORCH_CHECK(weights.sizes() == at::IntArrayRef({x.size(1)}), "class weights [channels] are expected, found ", weights.sizes());
        return ctorch::DiceCrossEntropy::apply(x, y, classes, weights, how);
    });
}
