// How kernels divide their work.
#ifndef WB_DIVIDE_H
#define WB_DIVIDE_H

#include <stdint.h>

static inline int64_t up(int64_t a, int64_t b) { return (a + b - 1) / b; }
static inline int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }

// Into how many groups each slice's units are divided, so that the thread with the
// most to do has as little as possible.
static inline int64_t groups_of(int64_t slices, int64_t units, int64_t threads)
{
    int64_t best = 0, chosen = 1;
    for (int64_t groups = 1; groups <= least(units, threads); groups++) {
        const int64_t cost = up(slices * groups, threads) * up(units, groups);
        if (best == 0 || cost < best)
            best = cost, chosen = groups;
    }
    return chosen;
}

#endif
