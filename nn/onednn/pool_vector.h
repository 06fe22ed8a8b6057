// The kernels for vectors of B floats; pool.c includes this once for each width.

#include "vector.h"

// Converts bytes to numbers of a vector, and back. GCC compiles __builtin_convertvector to moves of single bytes.
INLINE NAME(mask) NAME(load_bytes)(const uint8_t *from)
{
#if B == 16
    return (NAME(mask))_mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)from));
#else
    return (NAME(mask))_mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)from));
#endif
}

INLINE void NAME(store_bytes)(uint8_t *to, NAME(mask) v)
{
#if B == 16
    _mm_storeu_si128((__m128i *)to, _mm512_cvtepi32_epi8((__m512i)v));
#else
    const __m128i words = _mm_packus_epi32(_mm256_castsi256_si128((__m256i)v), _mm256_extracti128_si256((__m256i)v, 1));
    _mm_storel_epi64((__m128i *)to, _mm_packus_epi16(words, words));
#endif
}

// Images are planes of pixels that are so many elements apart: a plane for each block of channels or,
// with channels last, a plane for each image.
INLINE int64_t NAME(step)(const wb_pool_shape *s) { return s->last ? s->c : B; }
INLINE int64_t NAME(planes)(const wb_pool_shape *s) { return s->last ? s->n : s->n * (s->c / B); }

// One result of the channels from c on, under the pixels v × u of the kernel, which is `kw` wide.
INLINE void NAME(largest)(const wb_pool_shape *s, const void *x, int64_t c, int64_t kw, span v, span u, void *y,
    uint8_t *chosen, int64_t to, int half)
{
    const int64_t step = NAME(step)(s);
    REG best = NAME(load)(x, ((v.first + v.from) * s->w + u.first + u.from) * step + c, half);
    NAME(mask) which = (NAME(mask)){0} + (int32_t)(v.from * kw + u.from);
    for (int64_t i = v.from; i < v.to; i++)
        for (int64_t j = u.from; j < u.to; j++) {
            const REG value = NAME(load)(x, ((v.first + i) * s->w + u.first + j) * step + c, half);
            const NAME(mask) larger = (value > best) | (value != value);
            best = (REG)(((NAME(mask))value & larger) | ((NAME(mask))best & ~larger));
            if (chosen)
                which = (((NAME(mask)){0} + (int32_t)(i * kw + j)) & larger) | (which & ~larger);
        }
    NAME(store)(y, to, best, half);
    if (chosen)
        NAME(store_bytes)(chosen + to, which);
}

// A row of results. Where the kernel lies wholly on the image, its size is the constant k, if k is not 0.
INLINE void NAME(row)(const wb_pool_shape *s, const void *x, span v, void *y, uint8_t *chosen, int64_t k, int half)
{
    const int64_t step = NAME(step)(s);
    for (int64_t o = 0; o < s->ow; o++) {
        const span u = span_of(o * s->stride[1] - s->begin[1], s->kw, s->w);
        if (k && v.to - v.from == k && u.to - u.from == k)
            for (int64_t c = 0; c < step; c += B)
                NAME(largest)(s, x, c, k, (span){v.first, 0, k}, (span){u.first, 0, k}, y, chosen, o * step + c, half);
        else
            for (int64_t c = 0; c < step; c += B)
                NAME(largest)(s, x, c, s->kw, v, u, y, chosen, o * step + c, half);
    }
}

INLINE void NAME(any_row)(const wb_max_pool_arg *a, int64_t p, int64_t o, int half)
{
    const wb_pool_shape *s = &a->s;
    const int64_t step = NAME(step)(s), k = s->kh == s->kw ? s->kh : 0, to = (p * s->oh + o) * s->ow * step;
    const span v = span_of(o * s->stride[0] - s->begin[0], s->kh, s->h);
    const void *x = NAME(at)(a->x, p * s->h * s->w * step, half);
    void *y = (void *)NAME(at)(a->y, to, half);
    uint8_t *chosen = a->chosen ? a->chosen + to : 0;
    if (k == 3 && chosen)
        NAME(row)(s, x, v, y, chosen, 3, half);
    else if (k == 3)
        NAME(row)(s, x, v, y, 0, 3, half);
    else if (k == 2 && chosen)
        NAME(row)(s, x, v, y, chosen, 2, half);
    else
        NAME(row)(s, x, v, y, chosen, 0, half);
}

static void NAME(forward)(const wb_max_pool_arg *a)
{
#pragma omp parallel for collapse(2) schedule(static)
    for (int64_t p = 0; p < NAME(planes)(&a->s); p++)
        for (int64_t o = 0; o < a->s.oh; o++)
            a->s.half ? NAME(any_row)(a, p, o, 1) : NAME(any_row)(a, p, o, 0);
}

// A plane's gradient of the results, and the pixels that they chose.
typedef struct {
    const void *dy;
    const uint8_t *chosen;
} NAME(results);

// The gradient of one pixel in the channels from c on, from the kernels v × u.
INLINE void NAME(gathered)(const wb_pool_shape *s, NAME(results) r, int64_t c, int64_t kw, int64_t down, int64_t right,
    span v, span u, void *dx, int64_t to, int half)
{
    REG sum = {0};
    for (int64_t i = v.from; i < v.to; i++)
        for (int64_t j = u.from; j < u.to; j++) {
            const int64_t at = (i * s->ow + j) * NAME(step)(s) + c, tap = (v.first - i * down) * kw + u.first - j * right;
            const NAME(mask) here = NAME(load_bytes)(r.chosen + at) == (NAME(mask)){0} + (int32_t)tap;
            sum += (REG)((NAME(mask))NAME(load)(r.dy, at, half) & here);
        }
    NAME(store)(dx, to, sum, half);
}

// A row of the gradient. k and stride are the kernel's width and step, constants for the usual ones. At most `most`
// kernels along each axis cover a pixel. Where that is their number, or one less, it is a constant too.
INLINE void NAME(gradient_row)(const wb_pool_shape *s, NAME(results) r, span v, void *dx, int64_t k, int64_t stride, int64_t most, int half)
{
    const int64_t step = NAME(step)(s), rows = v.to - v.from;
    const span all = {v.first, v.from, v.from + most}, few = {v.first, v.from, v.from + most - 1};
    for (int64_t j = 0; j < s->w; j++) {
        const span u = kernels_of(j, k, stride, s->begin[1], s->ow);
        const int64_t columns = u.to - u.from;
        const span wide = {u.first, u.from, u.from + most}, narrow = {u.first, u.from, u.from + most - 1};
        for (int64_t c = 0; c < step; c += B)
            if (most && rows == most && columns == most)
                NAME(gathered)(s, r, c, k, stride, stride, all, wide, dx, j * step + c, half);
            else if (most && rows == most && columns == most - 1)
                NAME(gathered)(s, r, c, k, stride, stride, all, narrow, dx, j * step + c, half);
            else if (most && rows == most - 1 && columns == most)
                NAME(gathered)(s, r, c, k, stride, stride, few, wide, dx, j * step + c, half);
            else if (most && rows == most - 1 && columns == most - 1)
                NAME(gathered)(s, r, c, k, stride, stride, few, narrow, dx, j * step + c, half);
            else
                NAME(gathered)(s, r, c, k, s->stride[0], stride, v, u, dx, j * step + c, half);
    }
}

INLINE void NAME(any_gradient_row)(const wb_max_pool_bwd_arg *a, int64_t p, int64_t i, int half)
{
    const wb_pool_shape *s = &a->s;
    const int64_t step = NAME(step)(s), square = s->kh == s->kw && s->stride[0] == s->stride[1] ? 10 * s->kw + s->stride[1] : 0;
    const span v = kernels_of(i, s->kh, s->stride[0], s->begin[0], s->oh);
    const NAME(results) r = {NAME(at)(a->dy, p * s->oh * s->ow * step, half), a->chosen + p * s->oh * s->ow * step};
    void *dx = (void *)NAME(at)(a->dx, (p * s->h + i) * s->w * step, half);
    if (square == 31)
        NAME(gradient_row)(s, r, v, dx, 3, 1, 3, half);
    else if (square == 32)
        NAME(gradient_row)(s, r, v, dx, 3, 2, 2, half);
    else if (square == 22)
        NAME(gradient_row)(s, r, v, dx, 2, 2, 1, half);
    else
        NAME(gradient_row)(s, r, v, dx, s->kw, s->stride[1], 0, half);
}

static void NAME(backward)(const wb_max_pool_bwd_arg *a)
{
#pragma omp parallel for collapse(2) schedule(static)
    for (int64_t p = 0; p < NAME(planes)(&a->s); p++)
        for (int64_t i = 0; i < a->s.h; i++)
            a->s.half ? NAME(any_gradient_row)(a, p, i, 1) : NAME(any_gradient_row)(a, p, i, 0);
}
