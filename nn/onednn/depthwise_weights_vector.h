// The kernels for vectors of B floats; depthwise_weights.c includes this once for each width.

#include "vector.h"
#include "depthwise_layout.h"

INLINE int64_t NAME(clamp)(int64_t i, int64_t most) { return i < 0 ? 0 : i > most ? most : i; }

// What is summed: the weights from (ky, kx) on, over the images [n, to) in a block of
// channels, from the results' columns [from, end).
typedef struct {
    const wb_depthwise_bwd_weights_arg *a;
    int64_t block, n, to, ky, kx, from, end;
} NAME(part);

// Adds the products of one line of dy and as many lines of x, from the one at x on, to `rows` × `taps` sums.
// If `edge`, taps may be outside of the image.
INLINE void NAME(line)(const NAME(part) *p, const void *x, const void *dy, int rows, int taps, REG *sum, int edge,
    int64_t step, int64_t dilation, int half)
{
    const wb_depthwise_shape *s = &p->a->s;
    const int64_t first = p->kx * dilation - s->begin[1], next = s->dilation[0] * s->w * step;
    for (int64_t o = p->from; o < p->end; o++) {
        const REG d = NAME(load)(dy, o * step, half);
        const int64_t i = o * s->stride[1] + first;
        const void *from = NAME(at)(x, i * step, half);
        UNROLL for (int t = 0; t < taps; t++) {
            if (edge && (i + t * dilation < 0 || i + t * dilation >= s->w))
                continue;
            UNROLL for (int r = 0; r < rows; r++)
                sum[r * taps + t] += d * NAME(load)(from, r * next + t * dilation * step, half);
        }
    }
}

// Adds a part to `rows` × `taps` weights, whose sums are in registers. All parameters but the part are constants.
INLINE void NAME(tile)(const NAME(part) *p, int rows, int taps, int edge, int64_t step, int64_t dilation, int half)
{
    const wb_depthwise_bwd_weights_arg *a = p->a;
    const wb_depthwise_shape *s = &a->s;
    const int64_t in = s->h * s->w, out = s->oh * s->ow;
    REG sum[10];
    VEC *dw = (VEC *)a->dw + (p->block * s->kh + p->ky) * s->kw + p->kx;
    UNROLL for (int r = 0; r < rows; r++)
        UNROLL for (int t = 0; t < taps; t++)
            sum[r * taps + t] = dw[r * s->kw + t];
    for (int64_t n = p->n; n < p->to; n++) {
        const void *x = NAME(at)(a->x, n * s->c * in + p->block * NAME(apart)(s, in), half);
        const void *dy = NAME(at)(a->dy, n * s->c * out + p->block * NAME(apart)(s, out), half);
        for (int64_t o = 0; o < s->oh; o++, dy = NAME(at)(dy, s->ow * step, half)) {
            const int64_t i = o * s->stride[0] + p->ky * s->dilation[0] - s->begin[0];
            if (i >= 0 && i + (rows - 1) * s->dilation[0] < s->h)
                NAME(line)(p, NAME(at)(x, i * s->w * step, half), dy, rows, taps, sum, edge, step, dilation, half);
            else
                UNROLL for (int r = 0; r < rows; r++) {
                    const int64_t j = i + r * s->dilation[0];
                    if (j >= 0 && j < s->h)
                        NAME(line)(p, NAME(at)(x, j * s->w * step, half), dy, 1, taps, sum + r * taps, edge, step, dilation, half);
                }
        }
    }
    UNROLL for (int r = 0; r < rows; r++)
        UNROLL for (int t = 0; t < taps; t++)
            dw[r * s->kw + t] = sum[r * taps + t];
}

// The tiles of some columns of weights. For float32 in blocks without dilation the code has constants for `rows` lines.
INLINE void NAME(tiles)(NAME(part) p, int rows, int taps, int edge, int half)
{
    const wb_depthwise_shape *s = &p.a->s;
    if (!half && !s->last && s->dilation[1] == 1)
        for (; s->kh - p.ky >= rows; p.ky += rows)
            NAME(tile)(&p, rows, taps, edge, B, 1, 0);
    for (; p.ky < s->kh; p.ky++)
        NAME(tile)(&p, 1, taps, edge, NAME(step)(s), s->dilation[1], half);
}

// `taps` columns of weights from the kx-th on. In the results' columns [in, out), all taps are
// inside of the image. The other columns are taken one after the other, because the taps that are
// inside are the same for all lines of all images.
INLINE void NAME(columns)(NAME(part) p, int rows, int taps, int half)
{
    const wb_depthwise_shape *s = &p.a->s;
    const int64_t stride = s->stride[1], first = p.kx * s->dilation[1] - s->begin[1], last = first + (taps - 1) * s->dilation[1];
    const int64_t in = NAME(clamp)((stride - 1 - first) / stride, s->ow);
    const int64_t out = s->w > last ? NAME(clamp)((s->w - 1 - last) / stride + 1, s->ow) : 0;
    for (p.from = 0; p.from < s->ow; p.from = p.end) {
        const int inside = p.from >= in && p.from < out;
        p.end = inside ? out : p.from + 1;
        if (inside)
            NAME(tiles)(p, rows, taps, 0, half);
        else
            NAME(tiles)(p, rows, taps, 1, half);
    }
}

// A block of channels. It takes a few images at a time, which stay in a core's nearest cache. The order of the sums
// does not depend on the thread that computes them.
INLINE void NAME(channels)(const wb_depthwise_bwd_weights_arg *a, int64_t block, int half)
{
    const wb_depthwise_shape *s = &a->s;
    float *dw = a->dw + block * s->kh * s->kw * B;
    const int64_t few = up(16 << 10, (s->h * s->w + s->oh * s->ow) * B * sizeof *dw);
    memset(dw, 0, s->kh * s->kw * B * sizeof *dw);
    for (int64_t n = 0; n < s->n; n += few) {
        NAME(part) p = {.a = a, .block = block, .n = n, .to = least(n + few, s->n)};
        for (; s->kw - p.kx >= 7; p.kx += 7)
            NAME(columns)(p, 1, 7, half);
        for (; s->kw - p.kx >= 5; p.kx += 5)
            NAME(columns)(p, 2, 5, half);
        for (; s->kw - p.kx >= 3; p.kx += 3)
            NAME(columns)(p, 3, 3, half);
        for (; p.kx < s->kw; p.kx++)
            NAME(columns)(p, 1, 1, half);
    }
}

static void NAME(gradient_of_all)(const wb_depthwise_bwd_weights_arg *a)
{
#pragma omp parallel for schedule(static)
    for (int64_t block = 0; block < a->s.c / B; block++)
        a->s.half ? NAME(channels)(a, block, 1) : NAME(channels)(a, block, 0);
}
