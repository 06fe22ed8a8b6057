// Convolutions of 3×3 pixels at stride 1 by Winograd's algorithm F(4×4, 3×3) (Lavin and Gray 2016), in kernels of our
// own. The library has the algorithm for AVX-512 only, and not at all from version 3 on.
#ifndef WB_WINOGRAD_H
#define WB_WINOGRAD_H

#include <stdint.h>

enum { WB_WINOGRAD_POINTS = 36 };

// What all passes share. Images are in blocks of wb_vector_block() channels; c and oc are multiples of the
// block. Weights are [groups][oc/b][c/b][3][3][b][b]. The outer axis of a block is the input channel or, for
// the gradient of images, the output channel.
typedef struct {
    int64_t n, c, h, w; // of x; c of one group
    int64_t oc, oh, ow; // of y; oc of one group
    int64_t top, left;  // padding
    int64_t groups;
    int threads;
} wb_winograd_shape;

// Transforms the weights of every group, and appends the bias of every channel of a block, zero where there is none. A
// group takes wb_winograd_weight_floats. flip: for the gradient of images; c and oc are then those of the convolution
// whose gradient it is, and the outer axis of a block of weights is the output channel.
typedef struct {
    wb_winograd_shape s;
    const float *weights, *bias; // bias: `biases` values
    int64_t biases;
    float *out;
    int flip;
} wb_winograd_weights_arg;
int64_t wb_winograd_weight_floats(const wb_winograd_shape *s);
void wb_winograd_weights(const void *arg);

// y = x * weights + bias (+ shortcut)(, rectified). y may lie over the shortcut. work has wb_winograd_work_floats. The
// gradient of images is the same with the gradient of y as x, padding 2 − p, and flipped weights.
typedef struct {
    wb_winograd_shape s;
    const float *x, *weights, *shortcut; // weights: transformed; shortcut: as y, or NULL
    float *y, *work;
    int relu;
} wb_winograd_arg;
int64_t wb_winograd_work_floats(const wb_winograd_shape *s);
void wb_winograd(const void *arg);

// dw from x and dy. work has wb_winograd_gradient_floats. The bits are the same for every number of threads.
typedef struct {
    wb_winograd_shape s;
    const float *x, *dy;
    float *dw, *work;
} wb_winograd_gradient_arg;
int64_t wb_winograd_gradient_floats(const wb_winograd_shape *s);
void wb_winograd_gradient(const void *arg);

#endif
