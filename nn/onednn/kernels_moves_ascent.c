//go:build !noonednn

#pragma GCC optimize("fp-contract=off") // the same rounding on every processor
#include "kernels_moves_chunk.h"

// The ascent of sharpness-aware minimisation, as nn/plan defines it. The padding of blocked layouts has gradient 0.

// stretched is g, or g·(|w| + η) where the ball is measured in units of the parameter.
static inline float stretched(const wb_moves *a, const wb_move *p, float g, int64_t i)
{
    return a->adaptive && p->multiplies ? g * (fabsf(p->w[i]) + 0.01f) : g;
}

static void ascent_norm(const wb_moves *a, const wb_move *p, int64_t from, int64_t to, double *partial)
{
    const source s = source_of(a, p);
    double lane[LANES] = {0};
    float block[BLOCK];
    for (int64_t at = from; at < to; at += BLOCK) {
        const int64_t n = least(BLOCK, to - at);
        for (int64_t i = 0; i < n; i++)
            block[i] = stretched(a, p, gradient(s, at + i), at + i);
        add_squares(lane, block, n);
    }
    partial[0] = add_lanes(lane);
}

static void ascent_chunk(const wb_moves *a, const wb_move *p, int64_t from, int64_t to, double *partial)
{
    const float factor = (float)a->partial[0];
    const source s = source_of(a, p);
    for (int64_t i = from; i < to; i++)
        p->slot[0][i] = p->w[i] + factor * stretched(a, p, stretched(a, p, gradient(s, i), i), i);
}

void wb_ascend(const void *arg)
{
    const wb_moves *a = arg;
    if (waiting(a->micro_batch, a->micro_batches))
        return;
    wb_each_chunk(a, ascent_norm);
    double sum = 0;
    for (int64_t c = 0; c < a->chunks; c++)
        sum += a->partial[2 * c];
    a->partial[0] = a->trust / (sqrt(sum) + 1e-12);
    wb_each_chunk(a, ascent_chunk);
}
