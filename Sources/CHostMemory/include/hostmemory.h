// hostmemory.h: how much main memory this process can still use. Reads a few small files of the system; takes no memory itself.
#ifndef HOSTMEMORY_H
#define HOSTMEMORY_H

#include <stdint.h>

#if defined(__cplusplus)
extern "C" {
#endif

/// Bytes; -1 where the system does not say.
typedef struct {
    /// What programs can use without anything being swapped out.
    int64_t available;
    /// The same and the free swap space.
    int64_t with_swap;
} HostMemory;

/// The system's available memory (/proc/meminfo), but no more than the control groups of this process (versions 1 and 2) and those above them leave.
/// Pages of files that nobody has used lately count as free: they are given up before anything fails.
/// @param root what stands before the paths; "" but in tests.
HostMemory hostmemory_read(const char *root);

#if defined(__cplusplus)
}
#endif
#endif
