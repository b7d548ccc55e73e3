// Large tensors' memory is kept for the next tensor of about its size.
//
// A decoder's maps take tens of megabytes each, which the C library returns to the system at once; the next map then costs a page fault per 4 KB, and the
// kernel clears every page: a fifth of a forward pass. What this pool holds, used or not, exceeds the greatest use so far by no more than `allowance`:
// near that bound a request gets a block that is too large for it rather than new memory, and what fits nowhere makes idle blocks go.
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
    size_t block;      // bytes of the whole block, with the header
    size_t requested;  // bytes of them that were asked for, with the header
};

class MemoryPool final : public c10::Allocator {
public:
    c10::DataPtr allocate(size_t count) override {
        if (count == 0) return {nullptr, nullptr, &release, at::Device(at::kCPU)};
        size_t size = count + header_size;
        void *start = size >= smallest_kept ? take((size + grain - 1) / grain * grain) : make(size, size);
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
    size_t held_bytes = 0;                 // of all blocks
    size_t used_bytes = 0, greatest_use = 0;  // as requested

    static void *make(size_t block, size_t requested) {
        void *start = c10::alloc_cpu(block);
        *static_cast<Header *>(start) = {block, requested};
        return start;
    }

    void *take(size_t size) {
        std::lock_guard<std::mutex> lock(mutex);
        size_t bound = std::max(greatest_use, used_bytes + size) + allowance;
        auto fit = idle.lower_bound(size);
        bool has_room = held_bytes + size <= bound;
        void *start;
        if (fit != idle.end() && (fit->first <= size + size / 4 || !has_room)) {
            start = fit->second;
            static_cast<Header *>(start)->requested = size;
            idle.erase(fit);
        } else {
            while (!idle.empty() && held_bytes + size > bound) drop(std::prev(idle.end()));
            start = make(size, size);
            held_bytes += size;
        }
        used_bytes += size;
        greatest_use = std::max(greatest_use, used_bytes);
        return start;
    }

    void drop(std::multimap<size_t, void *>::iterator block) {
        held_bytes -= block->first;
        c10::free_cpu(block->second);
        idle.erase(block);
    }

    void give_back(void *start) {
        std::lock_guard<std::mutex> lock(mutex);
        auto header = *static_cast<Header *>(start);
        used_bytes -= header.requested;
        idle.emplace(header.block, start);
    }

    static void release(void *data) {
        if (!data) return;
        void *start = static_cast<char *>(data) - header_size;
        if (static_cast<Header *>(start)->requested >= smallest_kept) {
            shared().give_back(start);
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
