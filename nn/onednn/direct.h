// The gradient of a dense convolution's weights as the sum that defines it, in a kernel of our own. With vectors
// of 256 bits and 16 channels it takes three quarters of the time of the library's; with few channels the
// transforms of Winograd's algorithm cost most.
#ifndef WB_DIRECT_H
#define WB_DIRECT_H

#include <stdint.h>

// dw from x [n, c, h, w] and dy [n, oc, oh, ow], both in blocks of wb_vector_block() channels. dw is
// [oc/b][c/b][kh][kw][b][b], where the outer axis of a block is the input channel. work has wb_direct_gradient_floats.
// The bits are the same for every number of threads.
typedef struct {
    const float *x, *dy;
    float *dw, *work;
    int64_t n, c, h, w; // c: without what fills the last block
    int64_t oc, oh, ow; // oc: whole blocks
    int64_t kh, kw, stride[2], dilation[2], begin[2]; // begin: padding at the top and on the left
    int threads;
} wb_direct_gradient_arg;
int64_t wb_direct_gradient_floats(const wb_direct_gradient_arg *a);
void wb_direct_gradient(const void *arg);

#endif
