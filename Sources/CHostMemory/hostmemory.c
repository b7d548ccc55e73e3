#include "hostmemory.h"

#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { text_size = 16384 };

/// Reads the beginning of a file as text.
static bool read_text(const char *path, char *text) {
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return false;
    size_t length = 0;
    for (ssize_t count; length < text_size - 1 && (count = read(file, text + length, text_size - 1 - length)) > 0;) length += (size_t)count;
    close(file);
    text[length] = 0;
    return length > 0;
}

/// The number that a file begins with; -1 for `max`, no limit, and for no file.
static int64_t number(const char *folder, const char *name) {
    char path[PATH_MAX], text[text_size];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    if (!read_text(path, text) || text[0] < '0' || text[0] > '9') return -1;
    return strtoll(text, NULL, 10);
}

/// The number behind `name` at the beginning of a line; -1 without one.
static int64_t entry(const char *text, const char *name) {
    size_t length = strlen(name);
    for (const char *line = text; line; line = strchr(line, '\n')) {
        if (*line == '\n') ++line;
        if (strncmp(line, name, length) == 0 && (line[length] == ':' || line[length] == ' ')) return strtoll(line + length + 1, NULL, 10);
    }
    return -1;
}

static int64_t at_least_zero(int64_t value) { return value > 0 ? value : 0; }

/// Lowers what is known by what one control group leaves.
static void consider(HostMemory *memory, const char *group, bool is_unified, int64_t free_swap) {
    int64_t limit = number(group, is_unified ? "memory.max" : "memory.limit_in_bytes");
    int64_t used = number(group, is_unified ? "memory.current" : "memory.usage_in_bytes");
    if (limit < 0 || used < 0) return;
    char path[PATH_MAX], text[text_size];
    snprintf(path, sizeof path, "%s/memory.stat", group);
    int64_t cached = read_text(path, text) ? at_least_zero(entry(text, is_unified ? "inactive_file" : "total_inactive_file")) : 0;
    int64_t left = at_least_zero(limit - at_least_zero(used - cached));
    int64_t swap = free_swap, swap_limit = is_unified ? number(group, "memory.swap.max") : -1;
    if (swap_limit >= 0) {
        int64_t group_swap = at_least_zero(swap_limit - at_least_zero(number(group, "memory.swap.current")));
        if (group_swap < swap) swap = group_swap;
    }
    if (memory->available < 0 || left < memory->available) memory->available = left;
    if (memory->with_swap < 0 || left + swap < memory->with_swap) memory->with_swap = left + swap;
}

/// Considers the group at `path` below `mount` and each above it. Within a container the path may name folders that only the host sees.
static void consider_levels(HostMemory *memory, const char *mount, const char *path, bool is_unified, int64_t free_swap) {
    char group[PATH_MAX];
    if (snprintf(group, sizeof group, "%s%s", mount, path) >= (int)sizeof group) return;
    for (size_t end = strlen(group), least = strlen(mount); end >= least; --end) {
        if (group[end] != 0 && group[end] != '/') continue;
        group[end] = 0;
        consider(memory, group, is_unified, free_swap);
    }
}

/// Whether a comma-separated list holds `name`.
static bool lists(const char *list, const char *name) {
    size_t length = strlen(name);
    for (const char *item = list; item; item = strchr(item, ',')) {
        if (*item == ',') ++item;
        if (strncmp(item, name, length) == 0 && (item[length] == 0 || item[length] == ',')) return true;
    }
    return false;
}

HostMemory hostmemory_read(const char *root) {
    HostMemory memory = {-1, -1};
    char path[PATH_MAX], text[text_size];
    int64_t free_swap = 0;
    snprintf(path, sizeof path, "%s/proc/meminfo", root);
    if (read_text(path, text)) {
        int64_t available = entry(text, "MemAvailable");
        free_swap = at_least_zero(entry(text, "SwapFree")) * 1024;
        if (available >= 0) memory = (HostMemory){available * 1024, available * 1024 + free_swap};
    }
    snprintf(path, sizeof path, "%s/proc/self/cgroup", root);
    if (!read_text(path, text)) return memory;
    // Lines such as `4:memory:/path` (version 1) and `0::/path` (version 2).
    char *rest = NULL;
    for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        char *controllers = strchr(line, ':'), *group = controllers ? strchr(controllers + 1, ':') : NULL;
        if (!group) continue;
        *group++ = 0;
        bool is_unified = *++controllers == 0;
        if (!is_unified && !lists(controllers, "memory")) continue;
        snprintf(path, sizeof path, "%s/sys/fs/cgroup%s", root, is_unified ? "" : "/memory");
        consider_levels(&memory, path, group, is_unified, free_swap);
    }
    return memory;
}
