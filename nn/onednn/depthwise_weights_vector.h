// The kernels for vectors of B floats; depthwise_weights.c includes this once for each width.

#include "vector.h"
#include "depthwise_layout.h"

INLINE int64_t NAME(clamp)(int64_t i, int64_t most) { return i < 0 ? 0 : i > most ? most : i; }

// Adds to `taps` neighbouring weights of a line, from the kx-th on, what a line of dy and one of x give.
INLINE void NAME(line)(const wb_depthwise_shape *s, const void *x, const void *dy, int taps, int64_t kx, REG *sum, int half)
{
    const int64_t step = NAME(step)(s), stride = s->stride[1], dilation = s->dilation[1], first = kx * dilation - s->begin[1], last = first + (taps - 1) * dilation;
    // From `in` to `out`, all taps are inside of the image.
    const int64_t in = NAME(clamp)((stride - 1 - first) / stride, s->ow);
    const int64_t out = s->w > last ? NAME(clamp)((s->w - 1 - last) / stride + 1, s->ow) : 0;
    for (int64_t o = 0; o < s->ow; o++) {
        const REG d = NAME(load)(dy, o * step, half);
        const int64_t i = o * stride + first;
        if (o >= in && o < out) {
            UNROLL for (int t = 0; t < taps; t++)
                sum[t] += d * NAME(load)(x, (i + t * dilation) * step, half);
        } else {
            UNROLL for (int t = 0; t < taps; t++)
                if (i + t * dilation >= 0 && i + t * dilation < s->w)
                    sum[t] += d * NAME(load)(x, (i + t * dilation) * step, half);
        }
    }
}

// Adds to `taps` weights of the ky-th line what an image's block of channels gives.
INLINE void NAME(image)(const wb_depthwise_shape *s, const void *x, const void *dy, float *dw, int taps, int64_t ky, int64_t kx, int half)
{
    REG sum[8];
    VEC *to = (VEC *)dw + ky * s->kw + kx;
    UNROLL for (int t = 0; t < taps; t++)
        sum[t] = to[t];
    for (int64_t o = 0; o < s->oh; o++) {
        const int64_t i = o * s->stride[0] + ky * s->dilation[0] - s->begin[0];
        if (i >= 0 && i < s->h)
            NAME(line)(s, NAME(at)(x, i * s->w * NAME(step)(s), half), NAME(at)(dy, o * s->ow * NAME(step)(s), half), taps, kx, sum, half);
    }
    UNROLL for (int t = 0; t < taps; t++)
        to[t] = sum[t];
}

// A block of channels, image by image: their order is that of the sums, whoever computes them.
INLINE void NAME(channels)(const wb_depthwise_bwd_weights_arg *a, int64_t block, int half)
{
    const wb_depthwise_shape *s = &a->s;
    const int64_t in = s->h * s->w, out = s->oh * s->ow;
    float *dw = a->dw + block * s->kh * s->kw * B;
    memset(dw, 0, s->kh * s->kw * B * sizeof *dw);
    for (int64_t n = 0; n < s->n; n++) {
        const void *x = NAME(at)(a->x, n * s->c * in + block * NAME(apart)(s, in), half);
        const void *dy = NAME(at)(a->dy, n * s->c * out + block * NAME(apart)(s, out), half);
        for (int64_t ky = 0; ky < s->kh; ky++) {
            int64_t kx = 0;
            for (; s->kw - kx >= 7; kx += 7)
                NAME(image)(s, x, dy, dw, 7, ky, kx, half);
            for (; s->kw - kx >= 5; kx += 5)
                NAME(image)(s, x, dy, dw, 5, ky, kx, half);
            for (; s->kw - kx >= 3; kx += 3)
                NAME(image)(s, x, dy, dw, 3, ky, kx, half);
            for (; kx < s->kw; kx++)
                NAME(image)(s, x, dy, dw, 1, ky, kx, half);
        }
    }
}

static void NAME(gradient_of_all)(const wb_depthwise_bwd_weights_arg *a)
{
#pragma omp parallel for schedule(static)
    for (int64_t block = 0; block < a->s.c / B; block++)
        a->s.half ? NAME(channels)(a, block, 1) : NAME(channels)(a, block, 0);
}

