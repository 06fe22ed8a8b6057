// The gradient of depthwise weights, in a kernel of our own: the library has a quick one only where images are large beside the
// kernel, and falls to a matrix product for each channel elsewhere.
#ifndef WB_DEPTHWISE_H
#define WB_DEPTHWISE_H

#include <stdint.h>

// dw from x [n, c, h, w] and dy [n, c, oh, ow], both in blocks of wb_vector_block() channels or with channels last, of float32 or,
// if half, of bfloat16. c is whole blocks; dw is [c/b][kh][kw][b], of float32. The same bits for every number of threads.
typedef struct {
    const void *x, *dy;
    float *dw;
    int64_t n, c, h, w, oh, ow, kh, kw;
    int64_t stride[2], dilation[2], begin[2]; // begin: padding at the top and on the left
    int half, last;
} wb_depthwise_gradient_arg;
void wb_depthwise_gradient(const void *arg);

#endif
