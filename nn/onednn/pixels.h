// Passes over pixels whose channels lie side by side, of float32 or bfloat16: sums for each channel,
// and maps with coefficients for each channel. An image with channels last consists of such pixels,
// and so does a block of channels of one image.
#ifndef WB_PIXELS_H
#define WB_PIXELS_H

#include <stdint.h>

// An activation of bridge.h. slope is that of WB_LEAKY_RELU below 0. All activations of these kernels map 0 to 0, so
// that channels which only fill up a block stay 0.
typedef struct {
    int activation;
    float slope;
} wb_then;

// Where planes of pixels begin, and how many pixels they are apart.
typedef struct {
    int64_t first, apart;
} wb_planes;

// Which pixels: `count` of each of `planes` planes; of x and what lies like it, of dy, and of what is computed. Each
// plane may be some channels of larger images.
typedef struct {
    int64_t planes, count;
    wb_planes x, dy, y;
} wb_pixels;

// What a pixel adds to the two sums of a channel: far = x − about and its square; or, with dy, the gradient g and g ·
// far. Here g is dy times the activation's slope at map's factor · far + offset, or dy where `result` is positive.
typedef struct {
    const void *x, *dy;        // dy NULL: of x alone
    const void *result;        // NULL: the activation counts
    const float *about, *map;  // about NULL: 0; map: [2, channels], read with an activation alone
    void *g;                   // where g is kept, perhaps dy; NULL: nowhere
    int64_t channels;
    wb_then then;
} wb_summed;

// sums: [2, channels].
void wb_sum_pixels(const wb_summed *s, wb_pixels which, int half, float *sums);

// y = then(factor · (x − about) + offset + shortcut); or, with dy, factor · (x − about) +
// gain · g + offset + plus, with g as above.
typedef struct {
    // dy, shortcut and plus are NULL if there are none. shortcut lies like x, plus like y.
    const void *x, *dy, *shortcut, *plus;
    const float *about, *factor, *offset, *gain, *map; // about, offset NULL: 0
    void *y;                                           // may lie over x, dy, shortcut or plus
    int64_t channels;
    wb_then then;
} wb_mapped;

void wb_map_pixels(const wb_mapped *m, wb_pixels which, int half);

#endif
