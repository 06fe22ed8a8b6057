// Convolutions of 3×3 pixels at stride 1 by Winograd's algorithm F(4×4, 3×3) (Lavin and Gray 2016), in kernels of our own: the
// library has it for AVX-512 alone, and not at all from version 3 on.
#ifndef WB_WINOGRAD_H
#define WB_WINOGRAD_H

#include <stdint.h>

enum { WB_WINOGRAD_POINTS = 36 };

// What all passes share. Images are in blocks of wb_vector_block() channels, c and oc are whole blocks; weights are
// [groups][oc/b][c/b][3][3][b][b], in a block input channel by input channel, or output by output for the gradient of images.
typedef struct {
    int64_t n, c, h, w; // of x; c of one group
    int64_t oc, oh, ow; // of y; oc of one group
    int64_t top, left;  // padding
    int64_t groups;
    int threads;
} wb_winograd_shape;

// Transformed weights of every group, followed by the bias of every channel in a block, zero where there is none:
// wb_winograd_weight_floats for a group. flip: for the gradient of images, with c and oc those of the
// convolution whose gradient it is; weights are then in blocks output by output.
typedef struct {
    wb_winograd_shape s;
    const float *weights, *bias; // bias: `biases` values
    int64_t biases;
    float *out;
    int flip;
} wb_winograd_weights_arg;
int64_t wb_winograd_weight_floats(const wb_winograd_shape *s);
void wb_winograd_weights(const void *arg);

// y = x * weights + bias (+ shortcut)(, rectified); y may lie over the shortcut. work: wb_winograd_work_floats. The gradient of images is the same with x the gradient
// of y, padding 2 − p, and flipped weights.
typedef struct {
    wb_winograd_shape s;
    const float *x, *weights, *shortcut; // weights: transformed; shortcut: as y, or NULL
    float *y, *work;
    int relu;
} wb_winograd_arg;
int64_t wb_winograd_work_floats(const wb_winograd_shape *s);
void wb_winograd(const void *arg);

// dw from x and dy. work: wb_winograd_gradient_floats. The same bits for every number of threads.
typedef struct {
    wb_winograd_shape s;
    const float *x, *dy;
    float *dw, *work;
} wb_winograd_gradient_arg;
int64_t wb_winograd_gradient_floats(const wb_winograd_shape *s);
void wb_winograd_gradient(const void *arg);

#endif
