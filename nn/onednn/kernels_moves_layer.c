//go:build !noonednn

#pragma GCC optimize("fp-contract=off") // the same rounding on every processor
#include "kernels_moves_chunk.h"

// LARS and LAMB give every parameter a rate of its own, from its norm and the norm of what would move it.

// add_norms sums up all chunks of a parameter and leaves the roots in the parameter's first chunk.
static void add_norms(const wb_moves *a)
{
    for (int t = 0; t < a->count; t++) {
        double *own = a->partial + 2 * a->moves[t].first, sum[2] = {0, 0};
        for (int64_t c = 0; c < chunks(a->moves[t].n); c++) {
            sum[0] += own[2 * c];
            sum[1] += own[2 * c + 1];
        }
        own[0] = sqrt(sum[0]);
        own[1] = sqrt(sum[1]);
    }
}

static void update_by_norms(const wb_moves *a, chunk measure, chunk move)
{
    if (waiting(a->micro_batch, a->micro_batches))
        return;
    wb_each_chunk(a, measure);
    add_norms(a);
    wb_each_chunk(a, move);
}

static void lars_norms(const wb_moves *a, const wb_move *p, int64_t from, int64_t to, double *partial)
{
    const source s = source_of(a, p);
    double w[LANES] = {0}, g[LANES] = {0};
    float block[BLOCK];
    for (int64_t at = from; p->adapts && at < to; at += BLOCK) {
        const int64_t n = least(BLOCK, to - at);
        for (int64_t i = 0; i < n; i++)
            block[i] = gradient(s, at + i);
        add_squares(w, p->w + at, n);
        add_squares(g, block, n);
    }
    partial[0] = add_lanes(w);
    partial[1] = add_lanes(g);
}

static void lars_chunk(const wb_moves *a, const wb_move *p, int64_t from, int64_t to, double *partial)
{
    const double wn = a->partial[2 * p->first], gn = a->partial[2 * p->first + 1];
    double local = rate(a, p);
    if (p->adapts && wn > 0 && gn > 0)
        local *= a->trust * wn / (gn + p->decay * wn);
    const float lr = (float)local, decay = (float)p->decay, mu = (float)momentum(a);
    const source s = source_of(a, p);
    float *restrict w = p->w, *restrict v = p->slot[0];
    for (int64_t i = from; i < to; i++) {
        v[i] = mu * v[i] + lr * (gradient(s, i) + decay * w[i]);
        w[i] -= v[i];
    }
}

void wb_lars(const void *arg) { update_by_norms(arg, lars_norms, lars_chunk); }

// The constants of LAMB's direction.
typedef struct {
    float first, second, epsilon, decay;
} direction;

static direction direction_of(const wb_moves *a, const wb_move *p)
{
    return (direction){(float)correction(momentum(a), a), (float)correction(a->beta2, a), (float)a->epsilon, (float)p->decay};
}

// towards computes the direction of n elements.
static void towards(direction d, float *u, const float *m, const float *v, const float *w, int64_t n)
{
    float under[BLOCK];
    for (int64_t i = 0; i < n; i++)
        under[i] = v[i] / d.second;
    roots(under, n);
    for (int64_t i = 0; i < n; i++)
        u[i] = m[i] / d.first / (under[i] + d.epsilon) + d.decay * w[i];
}

static void lamb_moments(const wb_moves *a, const wb_move *p, int64_t from, int64_t to, double *partial)
{
    const double beta1 = momentum(a);
    const float b1 = (float)beta1, r1 = (float)(1 - beta1), b2 = (float)a->beta2, r2 = (float)(1 - a->beta2);
    const direction d = direction_of(a, p);
    const source s = source_of(a, p);
    float *restrict m = p->slot[0], *restrict v = p->slot[1], u[BLOCK];
    double wn[LANES] = {0}, un[LANES] = {0};
    for (int64_t at = from; at < to; at += BLOCK) {
        const int64_t end = least(at + BLOCK, to);
        for (int64_t i = at; i < end; i++) {
            const float g = gradient(s, i);
            m[i] = b1 * m[i] + r1 * g;
            v[i] = b2 * v[i] + r2 * g * g;
        }
        towards(d, u, m + at, v + at, p->w + at, end - at);
        add_squares(wn, p->w + at, end - at);
        add_squares(un, u, end - at);
    }
    partial[0] = add_lanes(wn);
    partial[1] = add_lanes(un);
}

static void lamb_chunk(const wb_moves *a, const wb_move *p, int64_t from, int64_t to, double *partial)
{
    const double wn = a->partial[2 * p->first], un = a->partial[2 * p->first + 1];
    double local = rate(a, p);
    if (p->adapts && wn > 0 && un > 0)
        local *= wn / un;
    const float lr = (float)local;
    const direction d = direction_of(a, p);
    float u[BLOCK];
    for (int64_t at = from; at < to; at += BLOCK) {
        const int64_t n = least(BLOCK, to - at);
        towards(d, u, p->slot[0] + at, p->slot[1] + at, p->w + at, n);
        for (int64_t i = 0; i < n; i++)
            p->w[at + i] -= lr * u[i];
    }
}

void wb_lamb(const void *arg) { update_by_norms(arg, lamb_moments, lamb_chunk); }
