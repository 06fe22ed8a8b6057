// The kernels for vectors of B floats; depthwise_pass.c includes this once for each width.

#include "vector.h"
#include "depthwise_layout.h"

#define ALL _Pragma("GCC unroll 32")

// `width` neighbouring results from the q-th on, with so many terms side by side, all constants, so
// that each pixel is read once for all results. If `edge`, up to taps − 1 of the pixels on the left
// and on the right are outside of the image.
INLINE void NAME(group)(const line *l, int64_t q, int width, int taps, int advance, int edge, int64_t step, int half)
{
    const int64_t from = l->t->from + q * advance, left = -from, right = l->w - from;
    const int seen = (width - 1) * advance + taps;
    REG sum[8];
    UNROLL for (int p = 0; p < width; p++)
        sum[p] = (REG){0};
    for (int64_t i = 0; i < l->lines; i++) {
        const void *x = NAME(at)(l->x, i * l->line_step + from * step, half);
        REG weight[7];
        UNROLL for (int t = 0; t < taps; t++)
            weight[t] = *(const VEC *)(l->weights + i * l->weights_step + t * l->t->weight_step * B);
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

// The same for any terms, but pixels are not shared among results. `width` is a constant.
// If `edge`, any of the pixels may be outside.
INLINE void NAME(results)(const line *l, int64_t q, int width, int edge, int64_t step, int half)
{
    const int64_t from = l->t->from + q * l->t->advance;
    REG sum[4];
    UNROLL for (int p = 0; p < width; p++)
        sum[p] = (REG){0};
    for (int64_t i = 0; i < l->lines; i++)
        for (int64_t t = 0; t < l->t->count; t++) {
            const REG weight = *(const VEC *)(l->weights + i * l->weights_step + t * l->t->weight_step * B);
            UNROLL for (int p = 0; p < width; p++) {
                const int64_t j = from + p * l->t->advance + t * l->t->from_step;
                if (!edge || (j >= 0 && j < l->w))
                    sum[p] += weight * NAME(load)(l->x, i * l->line_step + j * step, half);
            }
        }
    UNROLL for (int p = 0; p < width; p++)
        NAME(store)(l->y, (q + p) * l->apart, sum[p], half);
}

// Results [q, to) with any terms.
INLINE void NAME(range)(const line *l, int64_t q, int64_t to, int half)
{
    while (q < to) {
        const int64_t first = l->t->from + q * l->t->advance, last = first + 3 * l->t->advance + (l->t->count - 1) * l->t->from_step;
        if (to - q >= 4 && first >= 0 && last < l->w) {
            NAME(results)(l, q, 4, 0, l->step, half);
            q += 4;
        } else {
            NAME(results)(l, q, 1, 1, l->step, half);
            q++;
        }
    }
}

static void NAME(general)(const line *l, int64_t q, int64_t to) { NAME(range)(l, q, to, 0); }
static void NAME(general_half)(const line *l, int64_t q, int64_t to) { NAME(range)(l, q, to, 1); }

// A line in groups of `width` results. The last group may overlap the one before; both compute the same results there.
INLINE void NAME(groups)(const line *l, int width, int taps, int advance, int64_t step, int half)
{
    for (int64_t next = 0; next < l->t->results; next += width) {
        const int64_t q = least(next, l->t->results - width), from = l->t->from + q * advance;
        const int64_t left = -from, right = from + (width - 1) * advance + taps - l->w;
        if (width == 8 && left <= 0 && right <= 0)
            NAME(group)(l, q, width, taps, advance, 0, step, half);
        else if (left < taps && right < taps)
            NAME(group)(l, q, width, taps, advance, 1, step, half);
        else
            half ? NAME(general_half)(l, q, q + width) : NAME(general)(l, q, q + width);
    }
}

INLINE void NAME(usual)(const line *l, int taps, int advance, int64_t step, int half)
{
    if (l->t->results >= 8)
        NAME(groups)(l, 8, taps, advance, step, half);
    else if (l->t->results >= 4)
        NAME(groups)(l, 4, taps, advance, step, half);
    else
        NAME(groups)(l, 2, taps, advance, step, half);
}

// Plans have float32 in blocks, and bfloat16 on processors with AVX-512 only, because no others have the instructions.
#define FLOAT_LINE(taps, advance) \
    static void NAME(line_##taps##_##advance)(const line *l) { NAME(usual)(l, taps, advance, B, 0); }
#define HALF_LINE(taps, advance) \
    static void NAME(half_##taps##_##advance)(const line *l) { NAME(usual)(l, taps, advance, l->step, 1); }
USUAL(FLOAT_LINE)
#if B == 16
USUAL(HALF_LINE)
#endif

static void NAME(general_line)(const line *l) { NAME(general)(l, 0, l->t->results); }
static void NAME(general_half_line)(const line *l) { NAME(general_half)(l, 0, l->t->results); }

static line_kernel NAME(kernel_of)(const wb_depthwise_shape *s, const taps *t)
{
    const int dense = (t->from_step == 1 || t->count == 1) && t->results > 1;
#define FLOAT_CASE(taps, advance_) \
    if (dense && !s->half && !s->last && t->count == taps && t->advance == advance_) \
        return NAME(line_##taps##_##advance_);
#define HALF_CASE(taps, advance_) \
    if (dense && s->half && t->count == taps && t->advance == advance_) \
        return NAME(half_##taps##_##advance_);
    USUAL(FLOAT_CASE)
#if B == 16
    USUAL(HALF_CASE)
#endif
    return s->half ? NAME(general_half_line) : NAME(general_line);
}

// Rows [row, to) of the results of one image's block of channels. kernels has one function for each phase of columns.
INLINE void NAME(rows)(const pass *p, const line_kernel *kernels, int64_t plane, int64_t row, int64_t to)
{
    const wb_depthwise_shape *s = p->s;
    const int half = s->half;
    const int64_t blocks = s->c / B, n = plane / blocks, block = plane % blocks, step = NAME(step)(s);
    const void *x = NAME(at)(p->x, n * s->c * p->h * p->w + block * NAME(apart)(s, p->h * p->w), half);
    const void *y = NAME(at)(p->y, n * s->c * p->oh * p->ow + block * NAME(apart)(s, p->oh * p->ow), half);
    const float *weights = p->weights + block * s->kh * s->kw * B;
    int64_t row_phase = row % p->phases[0], i = row / p->phases[0];
    line l = {.step = step, .apart = p->phases[1] * step, .w = p->w};
    for (; row < to; row++) {
        const taps t = inside(p->taps[0][row_phase], i, p->h);
        if (++row_phase == p->phases[0])
            row_phase = 0, i++;
        l.x = NAME(at)(x, t.from * p->w * step, half);
        l.lines = t.count;
        l.line_step = t.from_step * p->w * step;
        l.weights_step = t.weight_step * s->kw * B;
        for (int64_t phase = 0; phase < p->phases[1]; phase++) {
            l.t = &p->taps[1][phase];
            l.weights = weights + (t.weight * s->kw + l.t->weight) * B;
            l.y = (void *)NAME(at)(y, (row * p->ow + phase) * step, half);
            kernels[phase](&l);
        }
    }
}

static void NAME(images)(const pass *p)
{
    line_kernel kernels[p->phases[1]];
    for (int64_t i = 0; i < p->phases[1]; i++)
        kernels[i] = NAME(kernel_of)(p->s, &p->taps[1][i]);
    const int64_t planes = p->s->n * (p->s->c / B), bands = groups_of(planes, p->oh, p->s->threads);
#pragma omp parallel for collapse(2) schedule(static)
    for (int64_t plane = 0; plane < planes; plane++)
        for (int64_t band = 0; band < bands; band++)
            NAME(rows)(p, kernels, plane, band * p->oh / bands, (band + 1) * p->oh / bands);
}

#undef ALL
#undef FLOAT_LINE
#undef HALF_LINE
#undef FLOAT_CASE
#undef HALF_CASE
