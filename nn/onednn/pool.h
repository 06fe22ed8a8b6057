// Max pooling of images in blocks of wb_vector_block() channels or with channels last, of float32 or bfloat16, and its
// gradient, in kernels of our own. The library's take several times as long as reading the image takes.
#ifndef WB_POOL_H
#define WB_POOL_H

#include <stdint.h>

// x [n, c, h, w] and y [n, c, oh, ow], where c is a multiple of the block. A kernel has at most 256
// pixels and covers at least one pixel of x.
typedef struct {
    int64_t n, c, h, w, oh, ow, kh, kw;
    int64_t stride[2], begin[2]; // begin: padding at the top and on the left
    int half, last;
} wb_pool_shape;

// y is the largest value under the kernel, or NaN if one of them is NaN. chosen says which of the kernel's pixels it
// was, the first of equal ones, in the order of y; NULL: not wanted.
typedef struct {
    wb_pool_shape s;
    const void *x;
    void *y;
    uint8_t *chosen;
} wb_max_pool_arg;
void wb_max_pool(const void *arg);

// dx is the sum of dy over the kernels that chose the pixel, in the order of the kernels.
typedef struct {
    wb_pool_shape s;
    const uint8_t *chosen;
    const void *dy;
    void *dx;
} wb_max_pool_bwd_arg;
void wb_max_pool_bwd(const void *arg);

#endif
