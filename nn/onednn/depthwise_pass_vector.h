// The kernels for vectors of B floats; depthwise_pass.c includes this once for each width.

#include "vector.h"
#include "depthwise_layout.h"

#define ALL _Pragma("GCC unroll 32")

// `width` neighbouring results from the q-th on, of so many taps side by side, all constants: each pixel is read once for all results. If
// `edge`, up to taps − 1 of the pixels on the left and on the right are outside of the image.
INLINE void NAME(group)(const line *l, int64_t q, int width, int taps, int advance, int edge, int64_t step, int half)
{
    const int64_t from = l->t.from + q * advance, left = -from, right = l->w - from;
    const int seen = (width - 1) * advance + taps;
    REG sum[8];
    UNROLL for (int p = 0; p < width; p++)
        sum[p] = (REG){0};
    for (int64_t i = 0; i < l->lines; i++) {
        const void *x = NAME(at)(l->x, i * l->line_step + from * step, half);
        REG weight[7];
        UNROLL for (int t = 0; t < taps; t++)
            weight[t] = *(const VEC *)(l->weights + i * l->weights_step + t * l->t.weight_step * B);
        ALL for (int j = 0; j < seen; j++) {
            if (edge && ((j < taps - 1 && j < left) || (j > seen - taps && j >= right)))
                continue;
            const REG pixel = NAME(load)(x, j * step, half);
            UNROLL for (int p = 0; p < width; p++)
                if (j - p * advance >= 0 && j - p * advance < taps)
                    sum[p] += weight[j - p * advance] * pixel;
        }
    }
    UNROLL for (int p = 0; p < width; p++)
        NAME(store)(l->y, (q + p) * l->apart, sum[p], half);
}

// The same of any taps, without that sharing: `width` is a constant, and if `edge`, any pixels may be outside.
INLINE void NAME(results)(const line *l, int64_t q, int width, int edge, int64_t step, int half)
{
    const int64_t from = l->t.from + q * l->t.advance;
    REG sum[4];
    UNROLL for (int p = 0; p < width; p++)
        sum[p] = (REG){0};
    for (int64_t i = 0; i < l->lines; i++)
        for (int64_t t = 0; t < l->t.count; t++) {
            const REG weight = *(const VEC *)(l->weights + i * l->weights_step + t * l->t.weight_step * B);
            UNROLL for (int p = 0; p < width; p++) {
                const int64_t j = from + p * l->t.advance + t * l->t.from_step;
                if (!edge || (j >= 0 && j < l->w))
                    sum[p] += weight * NAME(load)(l->x, i * l->line_step + j * step, half);
            }
        }
    UNROLL for (int p = 0; p < width; p++)
        NAME(store)(l->y, (q + p) * l->apart, sum[p], half);
}

// Results [q, to) of any taps.
static void NAME(general)(const line *l, int64_t q, int64_t to, int64_t step, int half)
{
    while (q < to) {
        const int64_t first = l->t.from + q * l->t.advance, last = first + 3 * l->t.advance + (l->t.count - 1) * l->t.from_step;
        const int four = to - q >= 4 && first >= 0 && last < l->w;
        if (four && half)
            NAME(results)(l, q, 4, 0, step, 1);
        else if (four)
            NAME(results)(l, q, 4, 0, step, 0);
        else if (half)
            NAME(results)(l, q, 1, 1, step, 1);
        else
            NAME(results)(l, q, 1, 1, step, 0);
        q += four ? 4 : 1;
    }
}

// A line in groups of `width`, of which the last may overlap the one before: results in both are the same.
INLINE void NAME(groups)(const line *l, int width, int taps, int advance, int64_t step, int half)
{
    for (int64_t next = 0; next < l->t.results; next += width) {
        const int64_t q = least(next, l->t.results - width), from = l->t.from + q * advance;
        const int64_t left = -from, right = from + (width - 1) * advance + taps - l->w;
        if (width == 8 && left <= 0 && right <= 0)
            NAME(group)(l, q, width, taps, advance, 0, step, half);
        else if (left < taps && right < taps)
            NAME(group)(l, q, width, taps, advance, 1, step, half);
        else
            NAME(general)(l, q, q + width, step, half);
    }
}

INLINE void NAME(usual)(const line *l, int taps, int advance, int64_t step, int half)
{
    if (l->t.results >= 8)
        NAME(groups)(l, 8, taps, advance, step, half);
    else if (l->t.results >= 4)
        NAME(groups)(l, 4, taps, advance, step, half);
    else
        NAME(groups)(l, 2, taps, advance, step, half);
}

// If `fast`, kernels of 3, 5 and 7 pixels have constants for the forward pass at stride 1 and 2, and for the gradient, where of a stride
// of 2 each result has half of them.
INLINE void NAME(one_line)(const line *l, int64_t step, int half, int fast)
{
    const int dense = (l->t.from_step == 1 || l->t.count == 1) && l->t.advance < 10 && l->t.results > 1;
    switch (fast && dense ? 10 * l->t.count + l->t.advance : 0) {
    case 11:
        return NAME(usual)(l, 1, 1, step, half);
    case 21:
        return NAME(usual)(l, 2, 1, step, half);
    case 31:
        return NAME(usual)(l, 3, 1, step, half);
    case 41:
        return NAME(usual)(l, 4, 1, step, half);
    case 51:
        return NAME(usual)(l, 5, 1, step, half);
    case 71:
        return NAME(usual)(l, 7, 1, step, half);
    case 32:
        return NAME(usual)(l, 3, 2, step, half);
    case 52:
        return NAME(usual)(l, 5, 2, step, half);
    case 72:
        return NAME(usual)(l, 7, 2, step, half);
    }
    NAME(general)(l, 0, l->t.results, step, half);
}

// Rows [row, to) of the results of one image's block of channels.
INLINE void NAME(rows)(const pass *p, int64_t plane, int64_t row, int64_t to, int64_t step, int half, int fast)
{
    const wb_depthwise_shape *s = p->s;
    const int64_t blocks = s->c / B, n = plane / blocks, block = plane % blocks;
    const void *x = NAME(at)(p->x, n * s->c * p->h * p->w + block * NAME(apart)(s, p->h * p->w), half);
    const void *y = NAME(at)(p->y, n * s->c * p->oh * p->ow + block * NAME(apart)(s, p->oh * p->ow), half);
    const float *weights = p->weights + block * s->kh * s->kw * B;
    int64_t row_phase = row % p->phases[0], i = row / p->phases[0];
    for (; row < to; row++) {
        const taps t = inside(p->taps[0][row_phase], i, p->h);
        if (++row_phase == p->phases[0])
            row_phase = 0, i++;
        for (int64_t phase = 0; phase < p->phases[1]; phase++) {
            const taps u = p->taps[1][phase];
            const line l = {.x = NAME(at)(x, t.from * p->w * step, half), .weights = weights + (t.weight * s->kw + u.weight) * B,
                .y = (void *)NAME(at)(y, (row * p->ow + phase) * step, half), .apart = p->phases[1] * step, .lines = t.count,
                .line_step = t.from_step * p->w * step, .weights_step = t.weight_step * s->kw * B, .w = p->w, .t = u};
            NAME(one_line)(&l, step, half, fast);
        }
    }
}

// Fast are the images that plans have: in blocks; in bfloat16, for which processors with AVX-512 alone have instructions, all.
static void NAME(images)(const pass *p)
{
    const int64_t planes = p->s->n * (p->s->c / B), bands = groups_of(planes, p->oh, p->s->threads);
#pragma omp parallel for collapse(2) schedule(static)
    for (int64_t plane = 0; plane < planes; plane++)
        for (int64_t band = 0; band < bands; band++) {
            const int64_t row = band * p->oh / bands, to = (band + 1) * p->oh / bands;
            if (p->s->half)
                NAME(rows)(p, plane, row, to, NAME(step)(p->s), 1, B == 16);
            else if (p->s->last)
                NAME(rows)(p, plane, row, to, NAME(step)(p->s), 0, 0);
            else
                NAME(rows)(p, plane, row, to, B, 0, 1);
        }
}

#undef ALL
