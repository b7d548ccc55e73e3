// Large tensors' memory is kept for the next tensor of about its size.
//
// A decoder's maps take tens of megabytes each, which the C library returns to the system at once; the next map then costs a page fault per 4 KB, and the
// kernel clears every page: a fifth of a forward pass. New memory is taken while no more than `allowance` lies idle; beyond that a request gets an idle
// block that is too large for it, or idle blocks go for it. So what is held never exceeds the greatest use by much.
//
// New memory is refused when the machine (or the container) does not have it, or when a limit that was set does not allow it: the kernel would
// promise it all the same, and end the process without a word when the promise is called in.
// Registered when the program is loaded; every allocation of LibTorch on the CPU goes through it.
#include <c10/core/CPUAllocator.h>
#include <c10/core/impl/alloc_cpu.h>
#include <c10/util/Exception.h>
#include <hostmemory.h>

#if defined(__linux__)
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>
#endif

#include <algorithm>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "ctorch_devices.h"

namespace {

constexpr size_t header_size = 64;          // keeps the alignment of c10::alloc_cpu
constexpr size_t smallest_kept = 1 << 19;   // below, the C library keeps memory itself
constexpr size_t grain = 1 << 16;
constexpr size_t allowance = 64 << 20;
constexpr int64_t reserve = 100'000'000;    // is left to everything that is not a tensor
constexpr int64_t least_growth_between_looks = 32 << 20;

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

    void set_limit(int64_t bytes) {
        std::lock_guard<std::mutex> lock(mutex);
        limit = bytes;
    }

    int64_t bytes_held() {
        std::lock_guard<std::mutex> lock(mutex);
        return held;
    }

    static MemoryPool &shared() {
        static MemoryPool *const pool = new MemoryPool;  // outlives every tensor
        return *pool;
    }

private:
    std::mutex mutex;
    std::multimap<size_t, void *> idle;  // by size
    size_t idle_bytes = 0;
    std::map<void *, size_t> blocks;  // all large ones, idle or not
    int64_t held = 0;                 // their bytes
    int64_t limit = 0;                // of `held`; 0: none
    int64_t held_at_last_look = 0;
    int64_t found_at_last_look = -1;

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
        for (size_t dropped = 0; idle_bytes > allowance && dropped < size;) dropped += drop_greatest();
        require(static_cast<int64_t>(size));
        void *start = make_large(size);
        blocks.emplace(start, size);
        held += static_cast<int64_t>(size);
        return start;
    }

    /// A new block, for which idle ones go where the system refuses it.
    void *make_large(size_t size) {
        try {
            return make(size);
        } catch (const c10::Error &) {
            drop_all();
        }
        try {
            return make(size);
        } catch (const c10::Error &) {
            refuse(static_cast<int64_t>(size), "the system refuses them: look at the limits of this process (ulimit -v)");
        }
    }

    /// Returns the greatest idle block to the system; gives its size.
    size_t drop_greatest() {
        auto greatest = std::prev(idle.end());
        size_t size = greatest->first;
        blocks.erase(greatest->second);
        c10::free_cpu(greatest->second);
        remove(greatest);
        held -= static_cast<int64_t>(size);
        return size;
    }

    void drop_all() {
        while (!idle.empty()) drop_greatest();
#if defined(__linux__)
        malloc_trim(0);
#endif
    }

    /// Throws unless `size` more bytes may be taken; idle blocks go before that.
    void require(int64_t size) {
        while (limit > 0 && held + size > limit && !idle.empty()) drop_greatest();
        if (limit > 0 && held + size > limit) refuse(size, megabytes(limit - held) + " are left of the " + megabytes(limit) + " that tensors may take");
        // A look takes a millisecond: while much is left, a sixteenth of it may be taken before the next one.
        int64_t growth = held + size - held_at_last_look;
        if (left_as_known() >= size + reserve && growth < std::max(least_growth_between_looks, found_at_last_look / 16)) return;
        // What was taken since the last look may not have been written to, and is then not yet missing from what the machine has.
        if (look(std::max<int64_t>(0, held - held_at_last_look)) >= size + reserve) return;
        drop_all();
        int64_t left = look(untouched());
        if (left < size + reserve) refuse(size, megabytes(left - reserve) + " are available beside a reserve of " + megabytes(reserve));
    }

    int64_t left_as_known() const { return found_at_last_look - (held - held_at_last_look); }

    /// What the machine can still give besides `promised` bytes.
    int64_t look(int64_t promised) {
        int64_t left = hostmemory_read("").with_swap;
        found_at_last_look = left < 0 ? INT64_MAX / 2 : left - promised;
        held_at_last_look = held;
        return found_at_last_look;
    }

    /// Bytes of blocks that nobody has written to yet, which the machine has promised and not given.
    int64_t untouched() const {
        int64_t bytes = 0;
#if defined(__linux__)
        const size_t page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
        std::vector<unsigned char> resident;
        for (const auto &[start, size] : blocks) {
            size_t first = (reinterpret_cast<size_t>(start) + page - 1) / page * page;
            resident.assign((reinterpret_cast<size_t>(start) + size - first) / page, 1);
            if (resident.empty() || mincore(reinterpret_cast<void *>(first), resident.size() * page, resident.data()) != 0) continue;
            for (unsigned char there : resident) bytes += there & 1 ? 0 : static_cast<int64_t>(page);
        }
#endif
        return bytes;
    }

    [[noreturn]] static void refuse(int64_t size, const std::string &reason) {
        C10_THROW_ERROR(OutOfMemoryError, "not enough memory: " + megabytes(size) + " more are needed, " + reason);
    }

    static std::string megabytes(int64_t bytes) { return std::to_string((std::max<int64_t>(0, bytes) + 999999) / 1000000) + " MB"; }

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

extern "C" {

void ctorch_set_memory_limit(int64_t bytes) noexcept { MemoryPool::shared().set_limit(bytes); }
int64_t ctorch_memory_held(void) noexcept { return MemoryPool::shared().bytes_held(); }
}
