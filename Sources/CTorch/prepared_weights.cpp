// Weights in the form that a kernel takes, made once for weights that stay as they are.
#include "prepared_weights.h"

#include <map>
#include <mutex>
#include <utility>

namespace ctorch {
namespace {

/// A weight's other form. The weak reference keeps the address from being given to another tensor.
struct Prepared {
    c10::weak_intrusive_ptr<at::TensorImpl> weight;
    int64_t version;
    at::Tensor form;
};

struct PreparedWeights {
    using Key = std::pair<at::TensorImpl *, Preparation>;
    std::mutex mutex;
    std::map<Key, Prepared> entries;

    static PreparedWeights &shared() {
        static PreparedWeights *const all = new PreparedWeights;  // outlives every tensor
        return *all;
    }

    void drop_those_of_dead_weights() {
        for (auto entry = entries.begin(); entry != entries.end();) entry = entry->second.weight.expired() ? entries.erase(entry) : std::next(entry);
    }
};

}  // namespace

at::Tensor prepared(const at::Tensor &weight, Preparation make) {
    if (weight.requires_grad() || weight.is_inference()) return make(weight);
    auto &all = PreparedWeights::shared();
    std::lock_guard<std::mutex> lock(all.mutex);
    PreparedWeights::Key key{weight.unsafeGetTensorImpl(), make};
    auto found = all.entries.find(key);
    if (found != all.entries.end() && found->second.version == weight._version()) return found->second.form;
    all.drop_those_of_dead_weights();
    auto form = make(weight);
    all.entries.insert_or_assign(key, Prepared{c10::weak_intrusive_ptr<at::TensorImpl>(weight.getIntrusivePtr()), weight._version(), form});
    return form;
}

}  // namespace ctorch
