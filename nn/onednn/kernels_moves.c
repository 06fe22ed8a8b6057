//go:build !noonednn

#pragma GCC optimize("fp-contract=off") // the same rounding on every processor
#include "kernels_moves_chunk.h"
#include <omp.h>

void wb_each_chunk(const wb_moves *a, chunk f)
{
#pragma omp parallel
    {
        const int64_t threads = omp_get_num_threads(), me = omp_get_thread_num();
        const wb_move *p = a->moves;
        for (int64_t c = a->chunks * me / threads; c < a->chunks * (me + 1) / threads; c++) {
            while (c >= p->first + chunks(p->n))
                p++;
            const int64_t from = (c - p->first) * WB_MOVE_CHUNK, to = from + WB_MOVE_CHUNK;
            f(a, p, from, to < p->n ? to : p->n, a->partial + 2 * c);
        }
    }
}

static void gather_chunk(const wb_moves *a, const wb_move *p, int64_t from, int64_t to, double *partial)
{
    if (*a->micro_batch == 0) {
        for (int64_t i = from; i < to; i++)
            p->sum[i] = p->g[i];
        return;
    }
    for (int64_t i = from; i < to; i++)
        p->sum[i] += p->g[i];
}

void wb_gather(const void *arg) { wb_each_chunk(arg, gather_chunk); }

static void clip_chunk(const wb_moves *a, const wb_move *p, int64_t from, int64_t to, double *partial)
{
    const float *g = p->sum ? p->sum : p->g, share = 1.0f / a->micro_batches;
    double lane[LANES] = {0};
    float mean[BLOCK];
    for (int64_t at = from; at < to; at += BLOCK) {
        const int64_t n = least(BLOCK, to - at);
        for (int64_t i = 0; i < n; i++)
            mean[i] = g[at + i] * share;
        add_squares(lane, mean, n);
    }
    partial[0] = add_lanes(lane);
}

void wb_clip(const void *arg)
{
    const wb_moves *a = arg;
    if (waiting(a->micro_batch, a->micro_batches))
        return;
    wb_each_chunk(a, clip_chunk);
    double sum = 0;
    for (int64_t c = 0; c < a->chunks; c++)
        sum += a->partial[2 * c];
    const double factor = a->norm / (sqrt(sum) + 1e-6);
    *a->clipped = (float)(factor >= 1 ? 1 : factor); // NaN passes
}

static void sgd_chunk(const wb_moves *a, const wb_move *p, int64_t from, int64_t to, double *partial)
{
    const float lr = (float)rate(a, p), decay = (float)p->decay, mu = (float)momentum(a), kept = *a->step == 0 ? 1 : (float)a->kept;
    const source s = source_of(a, p);
    float *restrict w = p->w, *restrict v = p->slot[0];
    for (int64_t i = from; i < to; i++) {
        const float d = gradient(s, i) + decay * w[i];
        v[i] = mu * v[i] + kept * d;
        w[i] -= lr * (a->nesterov ? d + mu * v[i] : v[i]);
    }
}

static void adam_chunk(const wb_moves *a, const wb_move *p, int64_t from, int64_t to, double *partial)
{
    const double beta1 = momentum(a), lr = rate(a, p);
    const float step = (float)(lr / correction(beta1, a)), root = (float)sqrt(correction(a->beta2, a));
    const float b1 = (float)beta1, r1 = (float)(1 - beta1), b2 = (float)a->beta2, r2 = (float)(1 - a->beta2), epsilon = (float)a->epsilon;
    const float shrink = a->decoupled ? (float)(1 - lr * p->decay) : 1, decay = a->decoupled ? 0 : (float)p->decay;
    const source s = source_of(a, p);
    float *restrict w = p->w, *restrict m = p->slot[0], *restrict v = p->slot[1], under[BLOCK];
    for (int64_t at = from; at < to; at += BLOCK) {
        const int64_t end = least(at + BLOCK, to);
        for (int64_t i = at; i < end; i++) {
            w[i] *= shrink;
            const float g = gradient(s, i) + decay * w[i];
            m[i] = b1 * m[i] + r1 * g;
            v[i] = b2 * v[i] + r2 * g * g;
            under[i - at] = v[i];
        }
        roots(under, end - at);
        for (int64_t i = at; i < end; i++)
            w[i] -= step * m[i] / (under[i - at] / root + epsilon);
    }
}

// rmsprop is inlined with constants for the switches, so that its loops have no branches.
static inline void rmsprop(const wb_moves *a, const wb_move *p, int64_t from, int64_t to, const int centered, const int tensorflow)
{
    const float lr = (float)rate(a, p), decay = (float)p->decay, mu = (float)momentum(a), epsilon = (float)a->epsilon;
    const float alpha = (float)a->beta2, rest = (float)(1 - a->beta2);
    const source s = source_of(a, p);
    float *restrict w = p->w, *restrict v = p->slot[0], *restrict ms = p->slot[1], *restrict mean = p->slot[2], d[BLOCK], under[BLOCK];
    for (int64_t i = from; tensorflow && *a->step == 0 && i < to; i++)
        ms[i] = 1;
    for (int64_t at = from; at < to; at += BLOCK) {
        const int64_t n = least(BLOCK, to - at);
        for (int64_t j = 0; j < n; j++) {
            const int64_t i = at + j;
            d[j] = gradient(s, i) + decay * w[i];
            ms[i] = alpha * ms[i] + rest * d[j] * d[j];
            under[j] = ms[i];
            if (centered) {
                mean[i] = alpha * mean[i] + rest * d[j];
                under[j] -= mean[i] * mean[i];
                under[j] = under[j] < 0 ? 0 : under[j]; // by rounding only; NaN passes
            }
            if (tensorflow)
                under[j] += epsilon;
        }
        roots(under, n);
        for (int64_t j = 0; j < n; j++) {
            const int64_t i = at + j;
            v[i] = mu * v[i] + (tensorflow ? lr * d[j] / under[j] : d[j] / (under[j] + epsilon));
            w[i] -= tensorflow ? v[i] : lr * v[i];
        }
    }
}

static void rmsprop_chunk(const wb_moves *a, const wb_move *p, int64_t from, int64_t to, double *partial)
{
    if (a->centered && a->tensorflow)
        rmsprop(a, p, from, to, 1, 1);
    else if (a->centered)
        rmsprop(a, p, from, to, 1, 0);
    else if (a->tensorflow)
        rmsprop(a, p, from, to, 0, 1);
    else
        rmsprop(a, p, from, to, 0, 0);
}

static void update(const wb_moves *a, chunk f)
{
    if (!waiting(a->micro_batch, a->micro_batches))
        wb_each_chunk(a, f);
}

void wb_sgd(const void *arg) { update(arg, sgd_chunk); }
void wb_adam(const void *arg) { update(arg, adam_chunk); }
void wb_rmsprop(const void *arg) { update(arg, rmsprop_chunk); }

void wb_average(const void *arg)
{
    const wb_averages *a = arg;
    if (waiting(a->micro_batch, a->micro_batches))
        return;
    const double n = *a->step + 1.0, early = (1 + n) / (10 + n), decay = a->warmup && early < a->decay ? early : a->decay;
#pragma omp parallel
    for (int t = 0; t < a->count; t++) {
        const double each = a->moves[t].follow ? (double)*a->moves[t].follow : decay;
        const float d = (float)each, rest = (float)(1 - each);
        float *restrict e = a->moves[t].w;
        const float *s = a->moves[t].g;
#pragma omp for schedule(static) nowait
        for (int64_t i = 0; i < a->moves[t].n; i++)
            e[i] = d * e[i] + rest * s[i];
    }
}
