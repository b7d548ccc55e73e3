// Process groups: several processes that compute one thing, over c10d. Gloo on the CPU; NCCL lives in LibTorch's CUDA library.
#define USE_C10D_GLOO
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <thread>

#include "support.h"

struct CTorchProcessGroup {
    c10::intrusive_ptr<c10d::Store> store;
    c10::intrusive_ptr<c10d::Backend> backend;
    int rank;
    int size;
    std::chrono::milliseconds timeout;
    int64_t barriers = 0;
};

namespace {

std::chrono::milliseconds milliseconds(double seconds) { return std::chrono::milliseconds(static_cast<int64_t>(seconds * 1000)); }

/// Says that this rank reached `place`, then waits for all others; throws the ranks that did not come in time.
void meet(c10d::Store &store, const std::string &place, int rank, int size, std::chrono::milliseconds timeout) {
    store.set(place + "/" + std::to_string(rank), std::string("here"));
    std::vector<std::string> keys;
    for (int other = 0; other < size; ++other) keys.push_back(place + "/" + std::to_string(other));
    try {
        store.wait(keys, timeout);
    } catch (...) {
        std::string missing;
        for (int other = 0; other < size; ++other)
            if (!store.check({keys[static_cast<size_t>(other)]})) missing += (missing.empty() ? "" : ", ") + std::to_string(other);
        TORCH_CHECK(missing.empty(), "rank ", missing, " of 0..", size - 1, " did not reach ", place, " within ", timeout.count() / 1000, " s");
        throw;
    }
}

c10::intrusive_ptr<c10d::Backend> gloo_backend(const c10::intrusive_ptr<c10d::Store> &store, int rank, int size, std::chrono::milliseconds timeout) {
    auto options = c10d::ProcessGroupGloo::Options::create(timeout);
    const char *interface = std::getenv("GLOO_SOCKET_IFNAME");
    options->devices.push_back(
        interface && *interface ? c10d::ProcessGroupGloo::createDeviceForInterface(interface) : c10d::ProcessGroupGloo::createDefaultDevice());
    return c10::make_intrusive<c10d::ProcessGroupGloo>(c10::make_intrusive<c10d::PrefixStore>("gloo", store), rank, size, options);
}

/// Starts a collective. c10d notes each in a record of the whole process, and looks into that without its lock (FlightRecorder::record): groups that
/// share a process start theirs one at a time.
template <class Start> c10::intrusive_ptr<c10d::Work> started(const Start &start) {
    static std::mutex one_at_a_time;
    std::lock_guard<std::mutex> lock(one_at_a_time);
    return start();
}

/// One contiguous copy of tensors of one type.
at::Tensor flattened(const std::vector<at::Tensor> &tensors) {
    std::vector<at::Tensor> flat;
    for (const auto &tensor : tensors) flat.push_back(tensor.detach().reshape({-1}));
    return at::cat(flat);
}

void scatter(const at::Tensor &flat, const std::vector<at::Tensor> &tensors) {
    int64_t start = 0;
    for (const auto &tensor : tensors) {
        tensor.detach().copy_(flat.narrow(0, start, tensor.numel()).view(tensor.sizes()));
        start += tensor.numel();
    }
}

}  // namespace

extern "C" {

CTorchProcessGroupRef ctorch_process_group_make(CTorchRendezvous where) noexcept {
    c10::intrusive_ptr<c10d::Store> store;
    try {
        c10d::TCPStoreOptions options;
        options.port = static_cast<uint16_t>(where.port);
        options.isServer = where.hosts_store;
        options.waitWorkers = false;
        options.timeout = milliseconds(where.timeout);
        store = c10::make_intrusive<c10d::TCPStore>(where.address, options);
        const auto timeout = milliseconds(where.timeout);
        meet(*store, "the start", where.rank, where.size, timeout);
        return new CTorchProcessGroup{store, gloo_backend(store, where.rank, where.size, timeout), where.rank, where.size, timeout};
    } catch (...) {
        ctorch::keep_current_exception();
        // Those who wait at the store that this process serves time out now, too, and still have to ask who is missing.
        if (store && where.hosts_store) std::this_thread::sleep_for(std::chrono::seconds(2));
        return nullptr;
    }
}

void ctorch_process_group_release(CTorchProcessGroupRef group) noexcept {
    if (!group) return;
    // The process that hosts the store leaves last, or the others could not say goodbye.
    ctorch::guarded_action([&] { meet(*group->store, "the end", group->rank, group->size, std::min(group->timeout, milliseconds(10))); });
    delete group;
}

bool ctorch_all_reduce(CTorchProcessGroupRef group, const CTorchTensorRef *tensors, intptr_t count, double scale) noexcept {
    return ctorch::guarded_action([&] {
        if (count == 0) return;
        auto values = ctorch::list(tensors, count);
        std::vector<at::Tensor> buffer{flattened(values)};
        started([&] { return group->backend->allreduce(buffer); })->wait();
        if (scale != 1) buffer[0].mul_(scale);
        scatter(buffer[0], values);
    });
}

bool ctorch_broadcast(CTorchProcessGroupRef group, const CTorchTensorRef *tensors, intptr_t count, intptr_t root) noexcept {
    return ctorch::guarded_action([&] {
        if (count == 0) return;
        auto values = ctorch::list(tensors, count);
        std::vector<at::Tensor> buffer{flattened(values)};
        c10d::BroadcastOptions options;
        options.rootRank = root;
        started([&] { return group->backend->broadcast(buffer, options); })->wait();
        scatter(buffer[0], values);
    });
}

CTorchTensorRef ctorch_all_gather(CTorchProcessGroupRef group, CTorchTensorRef tensor) noexcept {
    return ctorch::guarded([&] {
        std::vector<at::Tensor> input{tensor->value.detach().contiguous()};
        std::vector<std::vector<at::Tensor>> output(1);
        for (int rank = 0; rank < group->size; ++rank) output[0].push_back(at::empty_like(input[0]));
        started([&] { return group->backend->allgather(output, input); })->wait();
        return at::stack(output[0]);
    });
}

bool ctorch_barrier(CTorchProcessGroupRef group) noexcept {
    return ctorch::guarded_action([&] {
        meet(*group->store, "barrier " + std::to_string(group->barriers++), group->rank, group->size, group->timeout);
    });
}
}
