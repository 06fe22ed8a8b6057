// Depthwise convolutions in kernels of our own. For the gradient of weights, the library has a fast kernel
// only where images are large beside the kernel; elsewhere it falls back to a matrix product for each channel.
// Its gradient of images is slow everywhere.
#ifndef WB_DEPTHWISE_H
#define WB_DEPTHWISE_H

#include <stdint.h>

// x [n, c, h, w] and y [n, c, oh, ow] are both in blocks of wb_vector_block() channels or both with channels last, of
// float32 or, if half, of bfloat16. c is a multiple of the block. Weights are [c/b][kh][kw][b] of float32.
typedef struct {
    int64_t n, c, h, w, oh, ow, kh, kw;
    int64_t stride[2], dilation[2], begin[2]; // begin: padding at the top and on the left
    int half, last, threads;
} wb_depthwise_shape;

// Each kernel gives the same bits for every number of threads.

// y from x and weights.
typedef struct {
    wb_depthwise_shape s;
    const void *x;
    const float *weights;
    void *y;
} wb_depthwise_arg;
void wb_depthwise(const void *arg);

// dx from dy and weights.
typedef struct {
    wb_depthwise_shape s;
    const void *dy;
    const float *weights;
    void *dx;
} wb_depthwise_bwd_data_arg;
void wb_depthwise_bwd_data(const void *arg);

// dw from x and dy.
typedef struct {
    wb_depthwise_shape s;
    const void *x, *dy;
    float *dw;
} wb_depthwise_bwd_weights_arg;
void wb_depthwise_bwd_weights(const void *arg);

#endif
