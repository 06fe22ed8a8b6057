// The kernels for vectors of B floats; pool.c includes this once for each width.

#include "vector.h"

// Bytes as numbers of a vector, and back: of __builtin_convertvector GCC makes moves one by one.
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

// One result: x is the image's block of channels, `kw` the kernel's width.
INLINE void NAME(largest)(const float *x, int64_t w, int64_t kw, span v, span u, float *y, uint8_t *chosen)
{
    REG best = *(const VEC *)(x + ((v.first + v.from) * w + u.first + u.from) * B);
    NAME(mask) which = (NAME(mask)){0} + (int32_t)(v.from * kw + u.from);
    for (int64_t i = v.from; i < v.to; i++)
        for (int64_t j = u.from; j < u.to; j++) {
            const REG value = *(const VEC *)(x + ((v.first + i) * w + u.first + j) * B);
            const NAME(mask) larger = (value > best) | (value != value);
            best = (REG)(((NAME(mask))value & larger) | ((NAME(mask))best & ~larger));
            if (chosen)
                which = (((NAME(mask)){0} + (int32_t)(i * kw + j)) & larger) | (which & ~larger);
        }
    *(VEC *)y = best;
    if (chosen)
        NAME(store_bytes)(chosen, which);
}

// A row of results. Where the kernel lies whole on the image, its size is the constant k, if k is not 0.
INLINE void NAME(row)(const wb_pool_shape *s, const float *x, span v, float *y, uint8_t *chosen, int64_t k)
{
    for (int64_t o = 0; o < s->ow; o++) {
        const span u = span_of(o * s->stride[1] - s->begin[1], s->kw, s->w);
        uint8_t *to = chosen ? chosen + o * B : 0;
        if (k && v.to - v.from == k && u.to - u.from == k)
            NAME(largest)(x, s->w, k, (span){v.first, 0, k}, (span){u.first, 0, k}, y + o * B, to);
        else
            NAME(largest)(x, s->w, s->kw, v, u, y + o * B, to);
    }
}

static void NAME(forward)(const wb_max_pool_arg *a)
{
    const wb_pool_shape *s = &a->s;
    const int64_t planes = s->n * (s->c / B), k = s->kh == s->kw ? s->kh : 0;
#pragma omp parallel for collapse(2) schedule(static)
    for (int64_t p = 0; p < planes; p++)
        for (int64_t o = 0; o < s->oh; o++) {
            const span v = span_of(o * s->stride[0] - s->begin[0], s->kh, s->h);
            const float *x = a->x + p * s->h * s->w * B;
            const int64_t at = (p * s->oh + o) * s->ow * B;
            uint8_t *chosen = a->chosen ? a->chosen + at : 0;
            if (k == 3 && chosen)
                NAME(row)(s, x, v, a->y + at, chosen, 3);
            else if (k == 3)
                NAME(row)(s, x, v, a->y + at, 0, 3);
            else if (k == 2 && chosen)
                NAME(row)(s, x, v, a->y + at, chosen, 2);
            else
                NAME(row)(s, x, v, a->y + at, chosen, 0);
        }
}

// The gradient of one pixel, from the kernels v × u.
INLINE void NAME(gathered)(const float *dy, const uint8_t *chosen, const wb_pool_shape *s, int64_t kw, int64_t down, int64_t right, span v, span u, float *dx)
{
    REG sum = {0};
    for (int64_t i = v.from; i < v.to; i++)
        for (int64_t j = u.from; j < u.to; j++) {
            const int64_t at = (i * s->ow + j) * B, tap = (v.first - i * down) * kw + u.first - j * right;
            const NAME(mask) here = NAME(load_bytes)(chosen + at) == (NAME(mask)){0} + (int32_t)tap;
            sum += (REG)((NAME(mask))*(const NAME(any) *)(dy + at) & here);
        }
    *(VEC *)dx = sum;
}

// A row of the gradient; k and stride are the kernel's width and step, constants for the usual ones. At most `most` kernels a side
// have a pixel below them; where it is nearly as many, their number is a constant, too.
INLINE void NAME(gradient_row)(const wb_max_pool_bwd_arg *a, const float *dy, const uint8_t *chosen, span v, float *dx, int64_t k, int64_t stride, int64_t most)
{
    const wb_pool_shape *s = &a->s;
    const int64_t rows = v.to - v.from;
    for (int64_t j = 0; j < s->w; j++, dx += B) {
        const span u = kernels_of(j, k, stride, s->begin[1], s->ow);
        const int64_t columns = u.to - u.from;
        const span all = {v.first, v.from, v.from + most}, few = {v.first, v.from, v.from + most - 1}, wide = {u.first, u.from, u.from + most}, narrow = {u.first, u.from, u.from + most - 1};
        if (most && rows == most && columns == most)
            NAME(gathered)(dy, chosen, s, k, stride, stride, all, wide, dx);
        else if (most && rows == most && columns == most - 1)
            NAME(gathered)(dy, chosen, s, k, stride, stride, all, narrow, dx);
        else if (most && rows == most - 1 && columns == most)
            NAME(gathered)(dy, chosen, s, k, stride, stride, few, wide, dx);
        else if (most && rows == most - 1 && columns == most - 1)
            NAME(gathered)(dy, chosen, s, k, stride, stride, few, narrow, dx);
        else
            NAME(gathered)(dy, chosen, s, k, s->stride[0], stride, v, u, dx);
    }
}

static void NAME(backward)(const wb_max_pool_bwd_arg *a)
{
    const wb_pool_shape *s = &a->s;
    const int64_t planes = s->n * (s->c / B), square = s->kh == s->kw && s->stride[0] == s->stride[1] ? 10 * s->kw + s->stride[1] : 0;
#pragma omp parallel for collapse(2) schedule(static)
    for (int64_t p = 0; p < planes; p++)
        for (int64_t i = 0; i < s->h; i++) {
            const span v = kernels_of(i, s->kh, s->stride[0], s->begin[0], s->oh);
            const float *dy = a->dy + p * s->oh * s->ow * B;
            const uint8_t *chosen = a->chosen + p * s->oh * s->ow * B;
            float *dx = a->dx + (p * s->h + i) * s->w * B;
            if (square == 31)
                NAME(gradient_row)(a, dy, chosen, v, dx, 3, 1, 3);
            else if (square == 32)
                NAME(gradient_row)(a, dy, chosen, v, dx, 3, 2, 2);
            else if (square == 22)
                NAME(gradient_row)(a, dy, chosen, v, dx, 2, 2, 1);
            else
                NAME(gradient_row)(a, dy, chosen, v, dx, s->kw, s->stride[1], 0);
        }
}
