// What the code for each vector width shares.
#ifndef WB_WINOGRAD_PLAN_H
#define WB_WINOGRAD_PLAN_H

#include "winograd.h"

// Tiles of 4×4 results are computed in panels of `tiles` tiles.
typedef struct {
    int64_t tiles, count, all;
} panel;

// Floats between the matrices of neighbouring points.
typedef struct {
    int64_t x, y, sum;
} strides;

// The points are 0, ±a, ±b and infinity; a and b are exact in binary. Lavin and Gray 2016 take 1 and 2.
#define PA 0.625f
#define PB 1.5f
#define PA2 (PA * PA)
#define PB2 (PB * PB)
// 1 / N'(point) of N(x) = x (x² − a²) (x² − b²)
#define W0 (1.0f / (PA2 * PB2))
#define WA (1.0f / (2 * PA2 * (PA2 - PB2)))
#define WB (1.0f / (2 * PB2 * (PB2 - PA2)))

#endif
