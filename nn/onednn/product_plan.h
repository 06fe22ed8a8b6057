// What the code for each vector width shares.
#ifndef WB_PRODUCT_PLAN_H
#define WB_PRODUCT_PLAN_H

#include "product.h"

enum {
    WB_PRODUCT_ROWS = 240,           // most pixels of a panel; a multiple of what the kernels do at a time
    // Channels that are summed at a time, times the width of a vector. Their weights stay in the first cache.
    WB_PRODUCT_DEPTH = 256 * 8,
    WB_PRODUCT_CHUNK = 192 * 8,      // pixels that are summed at a time in the gradient of weights, times the vector
};

// Images of which every stride-th pixel takes part.
typedef struct {
    int64_t channels, h, w, stride[2];
} grid;

// A product of rows of pixels, [rows, from.channels] × [from.channels, to.channels].
typedef struct {
    int64_t oh, ow, rows; // rows: n·oh·ow
    grid from, to;
    int threads;
    const float *x, *weights, *bias, *shortcut;
    int64_t biases;
    float *y, *work;
    int relu, turned;                  // turned: weights are those of the gradient's convolution
    // The pixels of a panel, the number of panels, and the number of groups into which
    // pairs of blocks of results are divided.
    int64_t panel, panels, groups;
} pass;

// The pixels that each sum adds up are divided into slices. Threads share slices and groups of channels of results.
typedef struct {
    int64_t rows, slices, groups;
} gradient_parts;

#endif
