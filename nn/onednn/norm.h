// Batch norm and what follows it, and their gradients, of images with channels last or in blocks of channels. Each does
// in one pass what the library does in several, or does slowly.
#ifndef WB_NORM_H
#define WB_NORM_H

#include "pixels.h"

// Images [n, channels, pixels] of float32 or, if half, of bfloat16. They are in blocks of `block` channels or, if block
// is 0, with channels last. Results are the same for every number of threads.
typedef struct {
    int64_t n, channels, pixels, block;
    // In blocks: how many pixels of a block lie between neighbouring images of x, of dy and of what is computed. There
    // are more than the image's own if the images are some channels of larger images. 0: no others. Lanes beyond the
    // channels may then hold other channels of x, and of plus; dx keeps those of plus if it lies there.
    struct { int64_t x, dy, y; } apart;
    int half;
    double epsilon;
    wb_then then;
} wb_batch_norm_shape;

// Floats of scratch memory, and of the map.
int64_t wb_batch_norm_floats(const wb_batch_norm_shape *s);
int64_t wb_batch_norm_map_floats(const wb_batch_norm_shape *s);

// y = then(scale · (x − mean) / √(variance + ε) + shift + shortcut). The mean and variance are those of x
// (wb_batch_norm) or given (wb_batch_norm_apply).
typedef struct {
    wb_batch_norm_shape s;
    const void *x, *shortcut; // shortcut NULL: none
    const float *scale, *shift;
    void *y;                // may lie over x or the shortcut
    float *mean, *variance; // [channels] each
    float *map;             // factor and offset that made y of x − mean, which the gradient needs with an activation
    float *work;
} wb_batch_norm_arg;
void wb_batch_norm(const void *arg);
void wb_batch_norm_apply(const void *arg);

// The gradients. If `result` is given, it is the y of ReLU after a sum with a shortcut. The gradient then counts where
// `result` is positive, and `then` and the map are not read.
typedef struct {
    wb_batch_norm_shape s;
    const void *x, *dy, *result;
    const void *plus; // what is added to dx, and lies like it; only without `result`; NULL: nothing
    const float *mean, *variance, *scale, *map;
    void *dx;        // may lie over plus or, if dshortcut is NULL and nothing is apart, over dy
    void *dshortcut; // dy where result is positive; may lie over dy; NULL: not wanted
    float *dscale, *dshift, *work;
} wb_batch_norm_bwd_arg;
void wb_batch_norm_bwd(const void *arg);

#endif
