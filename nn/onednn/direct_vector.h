// The kernels for vectors of B floats; direct.c includes this once for each width.

#include "vector.h"

// Copies the lines of x, from the `top`-th on, from which some rows of results are made, with
// zeros around the image: [c/B][lines][width][B].
INLINE void NAME(part)(const wb_direct_gradient_arg *a, const direct_plan *p, const float *image, int64_t top, float *out)
{
    const int64_t left = a->begin[1] < p->width ? a->begin[1] : p->width, area = a->h * a->w;
    const int64_t right = left + a->w < p->width ? left + a->w : p->width;
    for (int64_t b = 0; b < p->blocks; b++)
        for (int64_t l = 0; l < p->lines; l++, out += p->width * B) {
            const int64_t y = top + l;
            if (y < 0 || y >= a->h) {
                memset(out, 0, p->width * B * sizeof *out);
                continue;
            }
            memset(out, 0, left * B * sizeof *out);
            for (int64_t i = right; i < p->width; i++)
                *(VEC *)(out + i * B) = (REG){0};
            memcpy(out + left * B, image + (b * area + y * a->w) * B, (right - left) * B * sizeof *out);
        }
}

// Rows of a part of x and of dy.
typedef struct {
    const float *x, *dy;
    // step: between columns of x; line: between its rows; dy_next: between vectors of dy.
    int64_t rows, columns, step, line, dy_next;
} NAME(pixels);

// dw[t][c][v] += Σ x[at[t] + c] · dy[v] over the pixels, for neighbouring channels c of x
// and blocks v of dy, which are `apart` in dw.
INLINE void NAME(add)(int taps, int channels, int vectors, const NAME(pixels) *p, const int64_t *at, float *dw, int64_t apart)
{
    REG sum[3][8][2];
    UNROLL for (int t = 0; t < taps; t++) UNROLL for (int c = 0; c < channels; c++) UNROLL for (int v = 0; v < vectors; v++)
        sum[t][c][v] = *(const VEC *)(dw + t * B * B + c * B + v * apart);
    const float *from[3], *dy = p->dy;
    UNROLL for (int t = 0; t < taps; t++)
        from[t] = p->x + at[t];
    const int64_t step = p->step, next = p->dy_next, skip = p->line - p->columns * step;
    for (int64_t r = 0; r < p->rows; r++) {
        for (int64_t i = 0; i < p->columns; i++) {
            REG l[2];
            UNROLL for (int v = 0; v < vectors; v++)
                l[v] = *(const VEC *)(dy + v * next);
            UNROLL for (int t = 0; t < taps; t++) UNROLL for (int c = 0; c < channels; c++) UNROLL for (int v = 0; v < vectors; v++)
                sum[t][c][v] += from[t][c] * l[v];
            UNROLL for (int t = 0; t < taps; t++)
                from[t] += step;
            dy += B;
        }
        UNROLL for (int t = 0; t < taps; t++)
            from[t] += skip;
    }
    UNROLL for (int t = 0; t < taps; t++) UNROLL for (int c = 0; c < channels; c++) UNROLL for (int v = 0; v < vectors; v++)
        *(VEC *)(dw + t * B * B + c * B + v * apart) = sum[t][c][v];
}

// Adds to the weights of a block of x's channels, of which `channels` exist, and of `vectors` blocks of results.
INLINE void NAME(add_block)(const wb_direct_gradient_arg *a, const direct_plan *d, const NAME(pixels) *p, int64_t channels,
    float *dw, int vectors)
{
    enum { few = ROWS / 3, many = ROWS / 3 * 2 };
    const int64_t taps = a->kh * a->kw, apart = d->blocks * taps * B * B;
    for (int64_t t = 0; t < taps; t += 3) {
        const int64_t left = taps - t;
        int64_t at[3];
        for (int64_t i = 0; i < 3 && i < left; i++)
            at[i] = ((t + i) / a->kw * a->dilation[0] * d->width + (t + i) % a->kw * a->dilation[1]) * B;
        float *to = dw + t * B * B;
        if (left > 2)
            for (int64_t c = 0; c < channels; c += few) {
                const int64_t by[3] = {at[0] + c, at[1] + c, at[2] + c};
                NAME(add)(3, few, vectors, p, by, to + c * B, apart);
            }
        else if (left == 2)
            for (int64_t c = 0; c < channels; c += few) {
                const int64_t by[2] = {at[0] + c, at[1] + c};
                NAME(add)(2, few, vectors, p, by, to + c * B, apart);
            }
        else
            for (int64_t c = 0; c < channels; c += many) {
                const int64_t by[1] = {at[0] + c};
                NAME(add)(1, many, vectors, p, by, to + c * B, apart);
            }
    }
}

// Adds what some rows of an image contribute to the weights of the blocks [o, end) of results.
static void NAME(add_rows)(const wb_direct_gradient_arg *a, const direct_plan *d, const float *part, const float *dy,
    int64_t rows, int64_t o, int64_t end, float *dw)
{
    const int64_t area = a->oh * a->ow * B, each = d->size / (a->oc / B);
    NAME(pixels) p = {.rows = rows, .columns = a->ow, .step = a->stride[1] * B, .line = a->stride[0] * d->width * B, .dy_next = area};
    for (; o < end; o += 2)
        for (int64_t b = 0; b < d->blocks; b++) {
            const int64_t channels = a->c - b * B < B ? a->c - b * B : B;
            float *to = dw + o * each + b * a->kh * a->kw * B * B;
            p.x = part + b * d->lines * d->width * B, p.dy = dy + o * area;
            if (end - o >= 2)
                NAME(add_block)(a, d, &p, channels, to, 2);
            else
                NAME(add_block)(a, d, &p, channels, to, 1);
        }
}

// A slice of the images and the blocks [o, end) of results.
static void NAME(slice)(const wb_direct_gradient_arg *a, const direct_plan *d, int64_t first, int64_t last, int64_t o,
    int64_t end, float *dw, float *part)
{
    const int64_t each = d->size / (a->oc / B);
    memset(dw + o * each, 0, (end - o) * each * sizeof *dw);
    for (int64_t n = first; n < last; n++)
        for (int64_t r = 0; r < a->oh; r += d->rows) {
            NAME(part)(a, d, a->x + n * d->blocks * B * a->h * a->w, r * a->stride[0] - a->begin[0], part);
            NAME(add_rows)(a, d, part, a->dy + (n * a->oc * a->oh + r * B) * a->ow, a->oh - r < d->rows ? a->oh - r : d->rows, o, end, dw);
        }
}

// The sums of the slices are added in their order, so that no sum depends on the number of threads.
static void NAME(gradient)(const wb_direct_gradient_arg *a, const direct_plan *d)
{
    const int64_t units = (a->oc / B + 1) / 2;
    float *sums = a->work + a->threads * d->part;
#pragma omp parallel num_threads(a->threads)
    {
        float *part = a->work + omp_get_thread_num() * d->part;
#pragma omp for collapse(2) schedule(static)
        for (int64_t i = 0; i < d->slices; i++)
            for (int64_t g = 0; g < d->groups; g++) {
                const int64_t o = g * units / d->groups * 2, end = (g + 1) * units / d->groups * 2;
                NAME(slice)(a, d, i * a->n / d->slices, (i + 1) * a->n / d->slices, o, end < a->oc / B ? end : a->oc / B,
                    i ? sums + (i - 1) * d->size : a->dw, part);
            }
        if (d->slices > 1) {
#pragma omp for schedule(static)
            for (int64_t j = 0; j < d->size; j += B) {
                REG sum = *(VEC *)(a->dw + j);
                for (int64_t i = 1; i < d->slices; i++)
                    sum += *(VEC *)(sums + (i - 1) * d->size + j);
                *(VEC *)(a->dw + j) = sum;
            }
        }
    }
}
