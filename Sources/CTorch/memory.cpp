// Large tensors' memory is kept for the next tensor of about its size.
//
// A decoder's maps take tens of megabytes each, which the C library returns to the system at once; the next map then costs a page fault per 4 KB, and the
// kernel clears every page: a fifth of a forward pass. New memory is taken while no more than `allowance` lies idle; beyond that a request gets an idle
// block that is too large for it, or idle blocks go for it. So what is held never exceeds the greatest use by much.
// Registered when the program is loaded; every allocation of LibTorch on the CPU goes through it.
#include <c10/core/CPUAllocator.h>
#include <c10/core/impl/alloc_cpu.h>

#include <algorithm>
#include <map>
#include <mutex>

namespace {

constexpr size_t header_size = 64;          // keeps the alignment of c10::alloc_cpu
constexpr size_t smallest_kept = 1 << 19;   // below, the C library keeps memory itself
constexpr size_t grain = 1 << 16;
constexpr size_t allowance = 64 << 20;

/// Stands before a tensor's memory.
struct Header {
    size_t size;  // of the block, with the header
};

class MemoryPool final : public c10::Allocator {
public:
    c10::DataPtr allocate(size_t count) override {
        if (count == 0) return {nullptr, nullptr, &release, at::Device(at::kCPU)};
        size_t size = count + header_size;
        void *start = size >= smallest_kept ? take((size + grain - 1) / grain * grain) : make(size);
        void *data = static_cast<char *>(start) + header_size;
        return {data, data, &release, at::Device(at::kCPU)};
    }

    at::DeleterFnPtr raw_deleter() const override { return &release; }

    void copy_data(void *target, const void *source, size_t count) const override { default_copy_data(target, source, count); }

    static MemoryPool &shared() {
        static MemoryPool *const pool = new MemoryPool;  // outlives every tensor
        return *pool;
    }

private:
    std::mutex mutex;
    std::multimap<size_t, void *> idle;  // by size
    size_t idle_bytes = 0;

    static void *make(size_t size) {
        void *start = c10::alloc_cpu(size);
        static_cast<Header *>(start)->size = size;
        return start;
    }

    void *take(size_t size) {
        std::lock_guard<std::mutex> lock(mutex);
        auto fit = idle.lower_bound(size);
        bool is_close = fit != idle.end() && fit->first <= size + size / 4;
        if (fit != idle.end() && (is_close || idle_bytes > allowance)) {
            void *start = fit->second;
            remove(fit);
            return start;
        }
        for (size_t dropped = 0; idle_bytes > allowance && dropped < size;) {
            auto greatest = std::prev(idle.end());
            dropped += greatest->first;
            c10::free_cpu(greatest->second);
            remove(greatest);
        }
        return make(size);
    }

    void remove(std::multimap<size_t, void *>::iterator block) {
        idle_bytes -= block->first;
        idle.erase(block);
    }

    void give_back(void *start, size_t size) {
        std::lock_guard<std::mutex> lock(mutex);
        idle.emplace(size, start);
        idle_bytes += size;
    }

    static void release(void *data) {
        if (!data) return;
        void *start = static_cast<char *>(data) - header_size;
        size_t size = static_cast<Header *>(start)->size;
        if (size >= smallest_kept) {
            shared().give_back(start, size);
        } else {
            c10::free_cpu(start);
        }
    }
};

const bool registered = [] {
    c10::SetCPUAllocator(&MemoryPool::shared(), 1);
    return true;
}();

}  // namespace
