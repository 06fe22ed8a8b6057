// Batch norm and what follows it, and their gradients, of images with channels last or in blocks of channels: in one pass what the library
// does in several, or does slowly.
#ifndef WB_NORM_H
#define WB_NORM_H

#include "pixels.h"

// Images [n, channels, pixels] of float32 or, if half, of bfloat16; in blocks of `block` channels or, where block is 0, with channels
// last. Numbers are the same for every number of threads.
typedef struct {
    int64_t n, channels, pixels, block;
    int64_t apart; // in blocks: how many pixels of a block lie between neighbouring images of y, or of dy in the gradient; 0: as of x
    int half;
    double epsilon;
    wb_then then;
} wb_batch_norm_shape;

// Floats of scratch memory, and of the map.
int64_t wb_batch_norm_floats(const wb_batch_norm_shape *s);
int64_t wb_batch_norm_map_floats(const wb_batch_norm_shape *s);

// y = then(scale · (x − mean) / √(variance + ε) + shift + shortcut), with mean and variance of x (wb_batch_norm) or given (wb_batch_norm_apply).
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

// The gradients. Where `result` is given, it is y of a sum with a shortcut and of ReLU after it: the gradient counts where it is
// positive, and `then` and the map are not read.
typedef struct {
    wb_batch_norm_shape s;
    const void *x, *dy, *result;
    const float *mean, *variance, *scale, *map;
    void *dx;        // may lie over dy if dshortcut is NULL and apart is 0
    void *dshortcut; // dy where result is positive; may lie over dy; NULL: not wanted
    float *dscale, *dshift, *work;
} wb_batch_norm_bwd_arg;
void wb_batch_norm_bwd(const void *arg);

#endif
