// Convolutions of 1×1 pixel as products of matrices whose rows are the pixels of a whole batch, in kernels of our own.
// The library's go image by image, and a small image gives them little to do.
#ifndef WB_PRODUCT_H
#define WB_PRODUCT_H

#include <stdint.h>

// What all passes share. Images are in blocks of wb_vector_block() channels; c and oc are multiples of the
// block. Weights are [oc/b][c/b][b][b], where the outer axis of a block is the input channel. There is no
// padding: h > (oh − 1)·stride, and likewise w.
typedef struct {
    int64_t n, c, h, w; // of x
    int64_t oc, oh, ow; // of y
    int64_t stride[2];
    int threads;
} wb_product_shape;

// y = x * weights + bias (+ shortcut)(, rectified). y may lie over the shortcut. work has wb_product_floats.
typedef struct {
    wb_product_shape s;
    const float *x, *weights, *bias, *shortcut; // bias: `biases` values, the rest are zero; shortcut: as y, or NULL
    int64_t biases;
    float *y, *work;
    int relu;
} wb_product_arg;
int64_t wb_product_floats(const wb_product_shape *s);
void wb_product(const void *arg);

// dx from dy; at stride 1, plus another gradient of x, over which dx may lie. work has wb_product_bwd_data_floats.
typedef struct {
    wb_product_shape s;
    const float *dy, *weights, *other; // other: as dx, or NULL
    float *dx, *work;
} wb_product_bwd_data_arg;
int64_t wb_product_bwd_data_floats(const wb_product_shape *s);
void wb_product_bwd_data(const void *arg);

// dw from x and dy. work has wb_product_bwd_weights_floats. The bits are the same for every number of threads.
typedef struct {
    wb_product_shape s;
    const float *x, *dy;
    float *dw, *work;
} wb_product_bwd_weights_arg;
int64_t wb_product_bwd_weights_floats(const wb_product_shape *s);
void wb_product_bwd_weights(const void *arg);

#endif
