// What the kernels of kernels_moves.h share: chunks, the gradient as the optimizer sees it, and sums in one order.
#ifndef WB_KERNELS_MOVES_CHUNK_H
#define WB_KERNELS_MOVES_CHUNK_H

#include "divide.h"
#include "kernels_moves.h"
#include <math.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

// Threads share chunks. A norm adds the sums of the chunks in the order of the chunks, whatever the number of threads.

typedef void (*chunk)(const wb_moves *a, const wb_move *p, int64_t from, int64_t to, double *partial);

static inline int64_t chunks(int64_t n) { return (n + WB_MOVE_CHUNK - 1) / WB_MOVE_CHUNK; }

void wb_each_chunk(const wb_moves *a, chunk f);

// waiting tells whether micro-batches of the update are still missing.
static inline int waiting(const int32_t *micro_batch, int micro_batches) { return micro_batch && *micro_batch + 1 < micro_batches; }

static inline double momentum(const wb_moves *a) { return a->cycled ? *a->cycled : a->momentum; }
static inline double rate(const wb_moves *a, const wb_move *p) { return *(p->rate ? p->rate : a->rate) * p->scale; }
static inline double correction(double beta, const wb_moves *a) { return 1 - pow(beta, *a->step + 1.0); }

// gradient is what the optimizer sees of element i: the mean over the micro-batches, clipped.
typedef struct {
    const float *g;
    float share, factor, limit;
} source;

static inline source source_of(const wb_moves *a, const wb_move *p)
{
    return (source){p->sum ? p->sum : p->g, 1.0f / a->micro_batches, a->factor ? *a->factor : 1, a->limit};
}

static inline float gradient(source s, int64_t i)
{
    const float g = s.g[i] * s.share * s.factor;
    const float low = g > s.limit ? s.limit : g; // NaN passes
    return low < -s.limit ? -s.limit : low;
}

enum { LANES = 8, BLOCK = 256 }; // BLOCK is a multiple of LANES

// add_squares keeps one sum for each lane, so that the order is fixed and the
// processor adds several elements at a time.
static inline void add_squares(double *lane, const float *x, int64_t n)
{
    for (; n >= LANES; n -= LANES, x += LANES)
        for (int j = 0; j < LANES; j++)
            lane[j] += (double)x[j] * x[j];
    for (int64_t j = 0; j < n; j++)
        lane[j] += (double)x[j] * x[j];
}

static inline double add_lanes(const double *lane)
{
    double sum = 0;
    for (int j = 0; j < LANES; j++)
        sum += lane[j];
    return sum;
}

// roots takes n square roots. Each is rounded once, as sqrtf rounds it. The compiler would take
// sqrtf one at a time, because it sets errno.
static inline void roots(float *x, int64_t n)
{
    int64_t i = 0;
#ifdef __SSE2__
    for (; i + 4 <= n; i += 4)
        _mm_storeu_ps(x + i, _mm_sqrt_ps(_mm_loadu_ps(x + i)));
#endif
    for (; i < n; i++)
        x[i] = sqrtf(x[i]);
}

#endif
