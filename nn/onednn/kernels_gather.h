// Images put together from channels of other images: concatenation, slices and their gradients.
#ifndef WB_KERNELS_GATHER_H
#define WB_KERNELS_GATHER_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
    const char *x;          // images of c channels; NULL: zeros, or where from is negative what is there
    int64_t c, from, count; // the channels [from, from + count) of them
} wb_piece;

// y [n, c, area] is the pieces one after another. It may lie among the channels of images of `of`
// channels. All images are in blocks of `block` channels (1: row-major) of elements of `size` bytes.
// Lanes beyond c in the last block become zero.
typedef struct {
    char *y;
    int64_t n, c, of, area, block, size;
    int count;
    wb_piece pieces[];
} wb_gather_channels_arg;
void wb_gather_channels(const void *arg);

#endif
