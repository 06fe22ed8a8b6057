//go:build !noonednn

// The same rounding on every processor; square roots in vectors.
#pragma GCC optimize("fp-contract=off", "no-math-errno")
#include "kernels_call.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

// Local response normalisation over channels, of images in blocks: dim n, c, area, block, size; num alpha / size, beta,
// k. A thread copies a tile of pixels with all channels into rows [c][TILE], works there and copies the result back.

enum { TILE = 64 };

typedef struct {
    const wb_call *call;
    int64_t image, first, width; // the tile's pixels
} tile;

static float *at(const tile *t, const float *images, int64_t c)
{
    const int64_t area = t->call->dim[2], block = t->call->dim[3], blocks = (t->call->dim[1] + block - 1) / block;
    return (float *)images + ((t->image * blocks + c / block) * area + t->first) * block + c % block;
}

static void gather(const tile *t, const float *images, float *rows)
{
    const int64_t block = t->call->dim[3];
    for (int64_t c = 0; c < t->call->dim[1]; c++) {
        const float *from = at(t, images, c);
        for (int64_t i = 0; i < t->width; i++)
            rows[c * TILE + i] = from[i * block];
    }
}

// scatter writes all lanes of the blocks, with zeros in lanes that have no channel.
static void scatter(const tile *t, const float *rows)
{
    const int64_t channels = t->call->dim[1], block = t->call->dim[3], lanes = (channels + block - 1) / block * block;
    for (int64_t c = 0; c < lanes; c++) {
        float *to = at(t, t->call->out, c);
        for (int64_t i = 0; i < t->width; i++)
            to[i * block] = c < channels ? rows[c * TILE + i] : 0;
    }
}

// add_neighbours sets sums[c] to the sum of the rows that are at most half a size away from c.
static void add_neighbours(const wb_call *a, const float *rows, float *sums)
{
    const int64_t channels = a->dim[1], half = a->dim[4] / 2;
    memset(sums, 0, channels * TILE * sizeof *sums);
    for (int64_t c = 0; c < channels; c++)
        for (int64_t j = c < half ? 0 : c - half; j <= c + half && j < channels; j++)
            for (int64_t i = 0; i < TILE; i++)
                sums[c * TILE + i] += rows[j * TILE + i];
}

// shrink turns sums of squares into base = k + alpha/size · sum, and power into base^−beta.
static void shrink(const wb_call *a, float *base, float *power)
{
    const float alpha = (float)a->num[0], k = (float)a->num[2];
    const int64_t n = a->dim[1] * TILE;
    for (int64_t i = 0; i < n; i++)
        base[i] = k + alpha * base[i];
    if (a->num[1] == 0.75)
        for (int64_t i = 0; i < n; i++)
            power[i] = 1 / (sqrtf(base[i]) * sqrtf(sqrtf(base[i])));
    else
        for (int64_t i = 0; i < n; i++)
            power[i] = powf(base[i], (float)-a->num[1]);
}

static void lrn_tile(const tile *t, float *work)
{
    const int64_t n = t->call->dim[1] * TILE;
    float *x = work, *squares = work + n, *base = work + 2 * n, *power = squares;
    gather(t, t->call->in[0], x);
    for (int64_t i = 0; i < n; i++)
        squares[i] = x[i] * x[i];
    add_neighbours(t->call, squares, base);
    shrink(t->call, base, power);
    for (int64_t i = 0; i < n; i++)
        x[i] *= power[i];
    scatter(t, x);
}

static void lrn_bwd_tile(const tile *t, float *work)
{
    const int64_t n = t->call->dim[1] * TILE;
    const float factor = (float)(2 * t->call->num[0] * t->call->num[1]);
    float *x = work, *dy = work + n, *base = work + 2 * n, *power = work + 3 * n, *terms = work + 4 * n;
    gather(t, t->call->in[0], x);
    gather(t, t->call->in[1], dy);
    for (int64_t i = 0; i < n; i++)
        terms[i] = x[i] * x[i];
    add_neighbours(t->call, terms, base);
    shrink(t->call, base, power);
    for (int64_t i = 0; i < n; i++)
        terms[i] = dy[i] * x[i] * power[i] / base[i];
    add_neighbours(t->call, terms, base);
    for (int64_t i = 0; i < n; i++)
        x[i] = dy[i] * power[i] - factor * x[i] * base[i];
    scatter(t, x);
}

static void each_tile(const wb_call *a, int buffers, void (*f)(const tile *, float *work))
{
    const int64_t area = a->dim[2], tiles = (area + TILE - 1) / TILE;
#pragma omp parallel
    {
        float *work = calloc(a->dim[1] * TILE * buffers, sizeof *work); // zeros: a tile may be narrower than its rows
#pragma omp for schedule(static)
        for (int64_t i = 0; i < a->dim[0] * tiles; i++) {
            tile t = {a, i / tiles, i % tiles * TILE, TILE};
            if (t.first + TILE > area)
                t.width = area - t.first;
            f(&t, work);
        }
        free(work);
    }
}

void wb_lrn(const void *arg) { each_tile(arg, 3, lrn_tile); }
void wb_lrn_bwd(const void *arg) { each_tile(arg, 5, lrn_bwd_tile); }
