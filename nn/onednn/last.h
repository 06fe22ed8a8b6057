// Images in which the channels of a pixel lie side by side, of float32 or bfloat16: operators that the
// library does slowly or not at all in this layout.
#ifndef WB_LAST_H
#define WB_LAST_H

#include <stdint.h>

// db = sums of dy [pixels, channels]. work: wb_last_bias_floats.
typedef struct {
    int64_t pixels, channels;
    int half;
    const void *dy;
    float *db, *work;
} wb_last_bias_arg;
int64_t wb_last_bias_floats(int64_t channels);
void wb_last_bias(const void *arg);

// y = x · gate for x [n, pixels, channels] and gate [n or 1, channels]. own: each image has a gate of its own.
typedef struct {
    int64_t n, pixels, channels;
    int half, own;
    const void *x;
    const float *gate;
    void *y; // may lie over x
} wb_last_gate_arg;
void wb_last_gate(const void *arg);

// The gate's gradient: sums of x · dy over the pixels, and over the images if they share a gate.
typedef struct {
    int64_t n, pixels, channels;
    int half, own;
    const void *x, *dy;
    float *dgate, *work; // work: wb_last_gate_floats
} wb_last_gate_reduce_arg;
int64_t wb_last_gate_floats(int64_t n, int64_t channels);
void wb_last_gate_reduce(const void *arg);

#endif
