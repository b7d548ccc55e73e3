// Sharing out independent tasks over LibTorch's own team of threads.
#pragma once

#include <cstdint>
#include <type_traits>

namespace ctorch {

/// Calls `body(context, task)` for every task of [0, tasks), in any order, on up to LibTorch's number of threads.
///
/// at::parallel_for is a template over OpenMP pragmas, which do nothing in a library compiled without -fopenmp; this calls the OpenMP library that
/// LibTorch has loaded, so that there is one team of threads and not two that spin against each other.
void share_out(int64_t tasks, void (*body)(void *context, int64_t task), void *context);

template <class Body>
void for_tasks(int64_t tasks, const Body &body) {
    share_out(tasks, [](void *context, int64_t task) { (*static_cast<const Body *>(context))(task); }, const_cast<void *>(static_cast<const void *>(&body)));
}

}  // namespace ctorch
