#include "kernels.h"
#include "parallel.h"

#include <ATen/Parallel.h>
#include <dlfcn.h>
#include <unistd.h>

#include <atomic>
#include <thread>
#include <vector>

namespace ctorch {
namespace {

/// A team's work: threads take the next task until none is left. Bodies do not throw.
struct Team {
    int64_t tasks;
    void (*body)(void *context, int64_t task);
    void *context;
    std::atomic<int64_t> next{0};

    static void work(void *data) {
        auto &team = *static_cast<Team *>(data);
        for (int64_t task = team.next++; task < team.tasks; task = team.next++) team.body(team.context, task);
    }
};

using RunTeam = void (*)(void (*work)(void *), void *data, unsigned threads, unsigned flags);

/// GNU OpenMP's entry, in the library that LibTorch for Linux brings along.
RunTeam open_mp() {
    static const auto entry = reinterpret_cast<RunTeam>(dlsym(RTLD_DEFAULT, "GOMP_parallel"));
    return entry;
}

}  // namespace

void share_out(int64_t tasks, void (*body)(void *context, int64_t task), void *context) {
    Team team{tasks, body, context};
    auto threads = std::min<int64_t>(tasks, at::get_num_threads());
    if (threads <= 1 || at::in_parallel_region()) {
        Team::work(&team);
    } else if (RunTeam run = open_mp()) {
        run(Team::work, &team, static_cast<unsigned>(threads), 0);
    } else {
        std::vector<std::thread> others;
        for (int64_t i = 1; i < threads; ++i) others.emplace_back(Team::work, &team);
        Team::work(&team);
        for (auto &thread : others) thread.join();
    }
}

int64_t second_cache() {
    static const int64_t bytes = [] {
#ifdef _SC_LEVEL2_CACHE_SIZE
        if (int64_t known = sysconf(_SC_LEVEL2_CACHE_SIZE); known > 0) return std::clamp<int64_t>(known, 256 << 10, 4 << 20);
#endif
        return int64_t{512 << 10};
    }();
    return bytes;
}

}  // namespace ctorch
