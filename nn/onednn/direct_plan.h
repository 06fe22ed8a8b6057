// What the code for each vector width shares.
#ifndef WB_DIRECT_PLAN_H
#define WB_DIRECT_PLAN_H

#include "direct.h"

// How work is divided. Every slice of the images has sums of its own. Threads share slices and groups of results.
typedef struct {
    int64_t slices, groups;
    int64_t rows;         // of results that are summed at a time
    int64_t lines, width; // of their part of x with the padding
    int64_t blocks;       // of x's channels
    int64_t part, size;   // floats of that part, and of the sums
} direct_plan;

#endif
