// The kernels for vectors of B floats; depthwise.c includes this once for each width.

#include "vector.h"

// Elements between neighbouring pixels of a block of channels, and between blocks of `area` pixels.
INLINE int64_t NAME(step)(const wb_depthwise_gradient_arg *a) { return a->last ? a->c : B; }
INLINE int64_t NAME(apart)(const wb_depthwise_gradient_arg *a, int64_t area) { return a->last ? B : area * B; }

INLINE int64_t NAME(clamp)(int64_t i, int64_t most) { return i < 0 ? 0 : i > most ? most : i; }

// Adds to `taps` neighbouring weights of a line, from the kx-th on, what a line of dy and one of x give.
INLINE void NAME(line)(const wb_depthwise_gradient_arg *a, const void *x, const void *dy, int taps, int64_t kx, REG *sum, int half)
{
    const int64_t step = NAME(step)(a), stride = a->stride[1], dilation = a->dilation[1], first = kx * dilation - a->begin[1], last = first + (taps - 1) * dilation;
    // From `in` to `out`, all taps are inside of the image.
    const int64_t in = NAME(clamp)((stride - 1 - first) / stride, a->ow);
    const int64_t out = a->w > last ? NAME(clamp)((a->w - 1 - last) / stride + 1, a->ow) : 0;
    for (int64_t o = 0; o < a->ow; o++) {
        const REG d = NAME(load)(dy, o * step, half);
        const int64_t i = o * stride + first;
        if (o >= in && o < out) {
            UNROLL for (int t = 0; t < taps; t++)
                sum[t] += d * NAME(load)(x, (i + t * dilation) * step, half);
        } else {
            UNROLL for (int t = 0; t < taps; t++)
                if (i + t * dilation >= 0 && i + t * dilation < a->w)
                    sum[t] += d * NAME(load)(x, (i + t * dilation) * step, half);
        }
    }
}

// Adds to `taps` weights of the ky-th line what an image's block of channels gives.
INLINE void NAME(image)(const wb_depthwise_gradient_arg *a, const void *x, const void *dy, float *dw, int taps, int64_t ky, int64_t kx, int half)
{
    REG sum[8];
    VEC *to = (VEC *)dw + ky * a->kw + kx;
    UNROLL for (int t = 0; t < taps; t++)
        sum[t] = to[t];
    for (int64_t o = 0; o < a->oh; o++) {
        const int64_t i = o * a->stride[0] + ky * a->dilation[0] - a->begin[0];
        if (i >= 0 && i < a->h)
            NAME(line)(a, NAME(at)(x, i * a->w * NAME(step)(a), half), NAME(at)(dy, o * a->ow * NAME(step)(a), half), taps, kx, sum, half);
    }
    UNROLL for (int t = 0; t < taps; t++)
        to[t] = sum[t];
}

// A block of channels, image by image: their order is that of the sums, whoever computes them.
INLINE void NAME(channels)(const wb_depthwise_gradient_arg *a, int64_t block, int half)
{
    const int64_t in = a->h * a->w, out = a->oh * a->ow;
    float *dw = a->dw + block * a->kh * a->kw * B;
    memset(dw, 0, a->kh * a->kw * B * sizeof *dw);
    for (int64_t n = 0; n < a->n; n++) {
        const void *x = NAME(at)(a->x, n * a->c * in + block * NAME(apart)(a, in), half);
        const void *dy = NAME(at)(a->dy, n * a->c * out + block * NAME(apart)(a, out), half);
        for (int64_t ky = 0; ky < a->kh; ky++) {
            int64_t kx = 0;
            for (; a->kw - kx >= 7; kx += 7)
                NAME(image)(a, x, dy, dw, 7, ky, kx, half);
            for (; a->kw - kx >= 5; kx += 5)
                NAME(image)(a, x, dy, dw, 5, ky, kx, half);
            for (; a->kw - kx >= 3; kx += 3)
                NAME(image)(a, x, dy, dw, 3, ky, kx, half);
            for (; kx < a->kw; kx++)
                NAME(image)(a, x, dy, dw, 1, ky, kx, half);
        }
    }
}

static void NAME(gradient_of_all)(const wb_depthwise_gradient_arg *a)
{
#pragma omp parallel for schedule(static)
    for (int64_t block = 0; block < a->c / B; block++)
        a->half ? NAME(channels)(a, block, 1) : NAME(channels)(a, block, 0);
}

