//go:build !noonednn

// Batch norm and gates of images with channels last: what is shared by all sets of instructions.
#include "last.h"
#include <math.h>
#include <stddef.h>
#include <string.h>

// What a pixel adds to the two sums of a channel: of x − about and its square, or of the gradient dy and its product with x − about;
// with relu, dy where map makes something positive of x − about.
typedef struct {
    const void *x, *dy;       // dy NULL: of x alone
    const float *about, *map; // about NULL: 0
    int64_t channels;
} summed;

// y = factor · (x − about) + offset, rectified; or, with dy, the same + gain · dy, where dy counts as with summed.
typedef struct {
    const void *x, *dy;                                // dy NULL: none
    const float *about, *factor, *offset, *gain, *map; // about, offset NULL: 0
    void *y;
    int64_t channels;
} mapped;

#define VECTOR_CODE "last_vector.h"
#include "each_width.h"

static void sums_of_range(const summed *s, int64_t first, int64_t last, int half, int relu, float *sums)
{
    BY_WIDTH(sums_of_range)(s, first, last, half, relu, sums);
}

static void map_range(const mapped *m, int64_t first, int64_t last, int half, int relu)
{
    BY_WIDTH(map_range)(m, first, last, half, relu);
}

enum { CHUNKS = WB_LAST_CHUNKS };

// Within a parallel region: the partial sums of every chunk of pixels.
static void sums_of_chunks(const summed *s, int64_t pixels, int half, int relu, float *work)
{
#pragma omp for schedule(static)
    for (int64_t k = 0; k < CHUNKS; k++)
        sums_of_range(s, pixels * k / CHUNKS, pixels * (k + 1) / CHUNKS, half, relu, work + k * 2 * s->channels);
}

static double total(const float *work, int64_t channels, int64_t which)
{
    double sum = 0;
    for (int64_t k = 0; k < CHUNKS; k++)
        sum += work[k * 2 * channels + which];
    return sum;
}

// Within a parallel region: every chunk of pixels is mapped.
static void map_chunks(const mapped *m, int64_t pixels, int half, int relu)
{
#pragma omp for schedule(static)
    for (int64_t k = 0; k < CHUNKS; k++)
        map_range(m, pixels * k / CHUNKS, pixels * (k + 1) / CHUNKS, half, relu);
}

// The partial sums, and three numbers for each channel: about what the forward pass sums, or the gradient's coefficients.
int64_t wb_last_norm_floats(int64_t channels) { return (2 * CHUNKS + 3) * channels; }

static float single(const void *x, int64_t i, int half)
{
    if (!half)
        return ((const float *)x)[i];
    const uint32_t bits = (uint32_t)((const uint16_t *)x)[i] << 16;
    float f;
    memcpy(&f, &bits, sizeof f);
    return f;
}

static void map_of(const wb_last_norm_arg *a, int64_t c)
{
    a->map[c] = (float)(a->scale[c] / sqrt(a->variance[c] + a->epsilon));
    a->map[a->channels + c] = a->shift[c];
}

void wb_last_norm(const void *arg)
{
    const wb_last_norm_arg *a = arg;
    const int64_t channels = a->channels, pixels = a->pixels;
    float *about = a->work + CHUNKS * 2 * channels;
    const summed s = {a->x, NULL, about, NULL, channels};
    const mapped m = {a->x, NULL, a->mean, a->map, a->map + channels, NULL, NULL, a->y, channels};
#pragma omp parallel
    {
#pragma omp for schedule(static)
        for (int64_t c = 0; c < channels; c++)
            about[c] = single(a->x, c, a->half);
        sums_of_chunks(&s, pixels, a->half, 0, a->work);
#pragma omp for schedule(static)
        for (int64_t c = 0; c < channels; c++) {
            const double off = total(a->work, channels, c) / pixels, square = total(a->work, channels, channels + c) / pixels;
            a->mean[c] = (float)(about[c] + off);
            a->variance[c] = (float)fmax(square - off * off, 0);
            map_of(a, c);
        }
        map_chunks(&m, pixels, a->half, a->relu);
    }
}

void wb_last_norm_apply(const void *arg)
{
    const wb_last_norm_arg *a = arg;
    const mapped m = {a->x, NULL, a->mean, a->map, a->map + a->channels, NULL, NULL, a->y, a->channels};
#pragma omp parallel
    {
#pragma omp for schedule(static)
        for (int64_t c = 0; c < a->channels; c++)
            map_of(a, c);
        map_chunks(&m, a->pixels, a->half, a->relu);
    }
}

void wb_last_norm_bwd(const void *arg)
{
    const wb_last_norm_bwd_arg *a = arg;
    const int64_t channels = a->channels, pixels = a->pixels;
    float *factor = a->work + 2 * CHUNKS * channels, *offset = factor + channels, *gain = offset + channels;
    const summed s = {a->x, a->dy, a->mean, a->map, channels};
    const mapped m = {a->x, a->dy, a->mean, factor, offset, gain, a->map, a->dx, channels};
#pragma omp parallel
    {
        sums_of_chunks(&s, pixels, a->half, a->relu, a->work);
#pragma omp for schedule(static)
        for (int64_t c = 0; c < channels; c++) {
            const double inverse = 1 / sqrt(a->variance[c] + a->epsilon), by = a->scale[c] * inverse;
            const double shift = total(a->work, channels, c), scale = total(a->work, channels, channels + c) * inverse;
            a->dshift[c] = (float)shift;
            a->dscale[c] = (float)scale;
            gain[c] = (float)by;
            factor[c] = (float)(-by * inverse * scale / pixels);
            offset[c] = (float)(-by * shift / pixels);
        }
        map_chunks(&m, pixels, a->half, a->relu);
    }
}

void wb_last_bias(const void *arg)
{
    const wb_last_bias_arg *a = arg;
    const summed s = {a->dy, NULL, NULL, NULL, a->channels};
#pragma omp parallel
    {
        sums_of_chunks(&s, a->pixels, a->half, 0, a->work);
#pragma omp for schedule(static)
        for (int64_t c = 0; c < a->channels; c++)
            a->db[c] = (float)total(a->work, a->channels, c);
    }
}

void wb_last_gate(const void *arg)
{
    const wb_last_gate_arg *a = arg;
    const int64_t bytes = a->pixels * a->channels * (a->half ? 2 : 4);
#pragma omp parallel for schedule(static)
    for (int64_t n = 0; n < a->n; n++) {
        const mapped m = {(const char *)a->x + n * bytes, NULL, NULL, a->gate + (a->own ? n * a->channels : 0), NULL, NULL, NULL,
            (char *)a->y + n * bytes, a->channels};
        map_range(&m, 0, a->pixels, a->half, 0);
    }
}

int64_t wb_last_gate_floats(int64_t n, int64_t channels) { return 2 * (n > CHUNKS ? n : CHUNKS) * channels; }

void wb_last_gate_reduce(const void *arg)
{
    const wb_last_gate_reduce_arg *a = arg;
    const int64_t channels = a->channels;
    const summed s = {a->x, a->dy, NULL, NULL, channels};
#pragma omp parallel
    {
        if (a->own) {
#pragma omp for schedule(static)
            for (int64_t n = 0; n < a->n; n++) {
                float *sums = a->work + 2 * n * channels;
                sums_of_range(&s, n * a->pixels, (n + 1) * a->pixels, a->half, 0, sums);
                memcpy(a->dgate + n * channels, sums + channels, channels * sizeof *sums);
            }
        } else {
            sums_of_chunks(&s, a->n * a->pixels, a->half, 0, a->work);
#pragma omp for schedule(static)
            for (int64_t c = 0; c < channels; c++)
                a->dgate[c] = (float)total(a->work, channels, channels + c);
        }
    }
}
