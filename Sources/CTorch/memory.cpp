// Large tensors' memory is kept for the next tensor of about its size.
//
// A decoder's maps take tens of megabytes each, which the C library returns to the system at once; the next map then costs a page fault per 4 KB, and the
// kernel clears every page: a fifth of a forward pass. New blocks are taken while no more than `allowance` lies idle; beyond that a request gets a part
// of an idle block that is too large for it, or idle blocks go for it. So what is held never exceeds the greatest use by much. Parts that lie idle side
// by side become one again: a map of full resolution finds its block whole after the smaller ones that used it.
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
#include <new>
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

/// Stands before a tensor's memory: a part of a block, or all of it.
struct Part {
    size_t size;     // with this header
    Part *previous;  // the neighbours in the block
    Part *next;
    bool is_idle;

    bool is_whole_block() const { return !previous && !next; }
};
static_assert(sizeof(Part) <= header_size);

class MemoryPool final : public c10::Allocator {
public:
    c10::DataPtr allocate(size_t count) override {
        if (count == 0) return {nullptr, nullptr, &release, at::Device(at::kCPU)};
        size_t size = count + header_size;
        Part *part = size >= smallest_kept ? take((size + grain - 1) / grain * grain) : make(size);
        void *data = reinterpret_cast<char *>(part) + header_size;
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
    std::multimap<size_t, Part *> idle;  // by size
    size_t idle_bytes = 0;
    std::map<void *, size_t> blocks;  // all large ones, idle or not
    int64_t held = 0;                 // their bytes
    int64_t limit = 0;                // of `held`; 0: none
    int64_t held_at_last_look = 0;
    int64_t found_at_last_look = -1;

    static Part *make(size_t size) { return new (c10::alloc_cpu(size)) Part{size, nullptr, nullptr, false}; }

    Part *take(size_t size) {
        std::lock_guard<std::mutex> lock(mutex);
        auto fit = idle.lower_bound(size);
        bool is_close = fit != idle.end() && fit->first <= size + size / 4;
        if (fit != idle.end() && (is_close || idle_bytes > allowance)) {
            Part *part = fit->second;
            remove(part);
            if (!is_close) split(part, size);
            return part;
        }
        for (size_t dropped = 0, size_of_last = 1; idle_bytes > allowance && dropped < size && size_of_last > 0; dropped += size_of_last)
            size_of_last = drop_greatest();
        require(static_cast<int64_t>(size));
        Part *start = make_large(size);
        blocks.emplace(start, size);
        held += static_cast<int64_t>(size);
        return start;
    }

    /// Leaves `part` with `size` bytes and the rest idle.
    void split(Part *part, size_t size) {
        auto rest = new (reinterpret_cast<char *>(part) + size) Part{part->size - size, part, part->next, false};
        if (part->next) part->next->previous = rest;
        part->next = rest;
        part->size = size;
        add(rest);
    }

    /// Makes one part of `part` and the one after it.
    static void join_next(Part *part) {
        part->size += part->next->size;
        part->next = part->next->next;
        if (part->next) part->next->previous = part;
    }

    /// A new block, for which idle ones go where the system refuses it.
    Part *make_large(size_t size) {
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

    /// Returns the greatest block that is idle as a whole to the system; gives its size, 0 where there is none.
    size_t drop_greatest() {
        auto greatest = std::find_if(idle.rbegin(), idle.rend(), [](const auto &entry) { return entry.second->is_whole_block(); });
        if (greatest == idle.rend()) return 0;
        Part *block = greatest->second;
        size_t size = block->size;
        remove(block);
        blocks.erase(block);
        c10::free_cpu(block);
        held -= static_cast<int64_t>(size);
        return size;
    }

    void drop_all() {
        while (drop_greatest() > 0) {
        }
#if defined(__linux__)
        malloc_trim(0);
#endif
    }

    /// Throws unless `size` more bytes may be taken; idle blocks go before that.
    void require(int64_t size) {
        while (limit > 0 && held + size > limit && drop_greatest() > 0) {
        }
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

    void add(Part *part) {
        part->is_idle = true;
        idle.emplace(part->size, part);
        idle_bytes += part->size;
    }

    void remove(Part *part) {
        auto [first, end] = idle.equal_range(part->size);
        idle.erase(std::find_if(first, end, [=](const auto &entry) { return entry.second == part; }));
        idle_bytes -= part->size;
        part->is_idle = false;
    }

    void give_back(Part *part) {
        std::lock_guard<std::mutex> lock(mutex);
        if (part->next && part->next->is_idle) {
            remove(part->next);
            join_next(part);
        }
        if (Part *previous = part->previous; previous && previous->is_idle) {
            remove(previous);
            join_next(previous);
            part = previous;
        }
        add(part);
    }

    static void release(void *data) {
        if (!data) return;
        auto part = reinterpret_cast<Part *>(static_cast<char *>(data) - header_size);
        if (part->size >= smallest_kept) {
            shared().give_back(part);
        } else {
            c10::free_cpu(part);
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
