//go:build !noonednn

#pragma GCC optimize("fp-contract=off", "no-math-errno") // the same rounding on every processor
#include "kernels_moves.h"
#include <math.h>
#include <omp.h>

// Threads share chunks. Norms are sums of the chunks' sums in the order of the chunks, whatever the number of threads.

typedef void (*chunk)(const wb_moves *a, const wb_move *p, int64_t from, int64_t to, double *partial);

static int64_t chunks(int64_t n) { return (n + WB_MOVE_CHUNK - 1) / WB_MOVE_CHUNK; }

static void each_chunk(const wb_moves *a, chunk f)
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

// waiting tells whether parts of the update are missing.
static int waiting(const int32_t *part, int parts) { return part && *part + 1 < parts; }

static double momentum(const wb_moves *a) { return a->cycled ? *a->cycled : a->momentum; }
static double rate(const wb_moves *a, const wb_move *p) { return *a->rate * p->scale; }
static double correction(double beta, const wb_moves *a) { return 1 - pow(beta, *a->step + 1.0); }

// gradient is what the rule sees of element i: the mean of the parts, clipped.
typedef struct {
    const float *g;
    float share, factor, limit;
} source;

static source source_of(const wb_moves *a, const wb_move *p)
{
    return (source){p->sum ? p->sum : p->g, 1.0f / a->parts, a->factor ? *a->factor : 1, a->limit};
}

static inline float gradient(source s, int64_t i)
{
    const float g = s.g[i] * s.share * s.factor;
    const float low = g > s.limit ? s.limit : g; // NaN passes
    return low < -s.limit ? -s.limit : low;
}

enum { LANES = 8 };

// add_lanes sums lanes in one order.
static double add_lanes(const double *lane)
{
    double sum = 0;
    for (int j = 0; j < LANES; j++)
        sum += lane[j];
    return sum;
}

static inline void square(double *lane, int64_t i, float x) { lane[i % LANES] += (double)x * x; }

static void gather_chunk(const wb_moves *a, const wb_move *p, int64_t from, int64_t to, double *partial)
{
    if (*a->part == 0) {
        for (int64_t i = from; i < to; i++)
            p->sum[i] = p->g[i];
        return;
    }
    for (int64_t i = from; i < to; i++)
        p->sum[i] += p->g[i];
}

void wb_gather(const void *arg) { each_chunk(arg, gather_chunk); }

static void clip_chunk(const wb_moves *a, const wb_move *p, int64_t from, int64_t to, double *partial)
{
    const float *g = p->sum ? p->sum : p->g, share = 1.0f / a->parts;
    double lane[LANES] = {0};
    for (int64_t i = from; i < to; i++)
        square(lane, i, g[i] * share);
    partial[0] = add_lanes(lane);
}

void wb_clip(const void *arg)
{
    const wb_moves *a = arg;
    if (waiting(a->part, a->parts))
        return;
    each_chunk(a, clip_chunk);
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
    float *restrict w = p->w, *restrict m = p->slot[0], *restrict v = p->slot[1];
    for (int64_t i = from; i < to; i++) {
        const float x = w[i] * shrink, g = gradient(s, i) + decay * x;
        m[i] = b1 * m[i] + r1 * g;
        v[i] = b2 * v[i] + r2 * g * g;
        w[i] = x - step * m[i] / (sqrtf(v[i]) / root + epsilon);
    }
}

static void rmsprop_chunk(const wb_moves *a, const wb_move *p, int64_t from, int64_t to, double *partial)
{
    const float lr = (float)rate(a, p), decay = (float)p->decay, mu = (float)momentum(a), epsilon = (float)a->epsilon;
    const float alpha = (float)a->beta2, rest = (float)(1 - a->beta2);
    const int fresh = a->tensorflow && *a->step == 0;
    const source s = source_of(a, p);
    float *restrict w = p->w, *restrict v = p->slot[0], *restrict ms = p->slot[1], *restrict mean = p->slot[2];
    for (int64_t i = from; i < to; i++) {
        const float d = gradient(s, i) + decay * w[i];
        ms[i] = alpha * (fresh ? 1 : ms[i]) + rest * d * d;
        float under = ms[i];
        if (a->centered) {
            mean[i] = alpha * mean[i] + rest * d;
            under -= mean[i] * mean[i];
            under = under < 0 ? 0 : under; // by rounding only; NaN passes
        }
        if (a->tensorflow) {
            v[i] = mu * v[i] + lr * d / sqrtf(under + epsilon);
            w[i] -= v[i];
        } else {
            v[i] = mu * v[i] + d / (sqrtf(under) + epsilon);
            w[i] -= lr * v[i];
        }
    }
}

static void update(const wb_moves *a, chunk f)
{
    if (!waiting(a->part, a->parts))
        each_chunk(a, f);
}

void wb_sgd(const void *arg) { update(arg, sgd_chunk); }
void wb_adam(const void *arg) { update(arg, adam_chunk); }
void wb_rmsprop(const void *arg) { update(arg, rmsprop_chunk); }

// add_norms leaves the roots of the sums over all chunks of a parameter in its first.
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
    if (waiting(a->part, a->parts))
        return;
    each_chunk(a, measure);
    add_norms(a);
    each_chunk(a, move);
}

static void lars_norms(const wb_moves *a, const wb_move *p, int64_t from, int64_t to, double *partial)
{
    const source s = source_of(a, p);
    double w[LANES] = {0}, g[LANES] = {0};
    for (int64_t i = from; p->adapts && i < to; i++) {
        square(w, i, p->w[i]);
        square(g, i, gradient(s, i));
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

static inline float towards(direction d, float m, float v, float w)
{
    return m / d.first / (sqrtf(v / d.second) + d.epsilon) + d.decay * w;
}

static void lamb_moments(const wb_moves *a, const wb_move *p, int64_t from, int64_t to, double *partial)
{
    const double beta1 = momentum(a);
    const float b1 = (float)beta1, r1 = (float)(1 - beta1), b2 = (float)a->beta2, r2 = (float)(1 - a->beta2);
    const direction d = direction_of(a, p);
    const source s = source_of(a, p);
    float *restrict m = p->slot[0], *restrict v = p->slot[1];
    double w[LANES] = {0}, u[LANES] = {0};
    for (int64_t i = from; i < to; i++) {
        const float g = gradient(s, i);
        m[i] = b1 * m[i] + r1 * g;
        v[i] = b2 * v[i] + r2 * g * g;
        square(w, i, p->w[i]);
        square(u, i, towards(d, m[i], v[i], p->w[i]));
    }
    partial[0] = add_lanes(w);
    partial[1] = add_lanes(u);
}

static void lamb_chunk(const wb_moves *a, const wb_move *p, int64_t from, int64_t to, double *partial)
{
    const double wn = a->partial[2 * p->first], un = a->partial[2 * p->first + 1];
    double local = rate(a, p);
    if (p->adapts && wn > 0 && un > 0)
        local *= wn / un;
    const float lr = (float)local, *restrict m = p->slot[0], *restrict v = p->slot[1];
    const direction d = direction_of(a, p);
    float *restrict w = p->w;
    for (int64_t i = from; i < to; i++)
        w[i] -= lr * towards(d, m[i], v[i], w[i]);
}

void wb_lamb(const void *arg) { update_by_norms(arg, lamb_moments, lamb_chunk); }

void wb_average(const void *arg)
{
    const wb_averages *a = arg;
    if (waiting(a->part, a->parts))
        return;
    const double n = *a->step + 1.0, early = (1 + n) / (10 + n), decay = a->warmup && early < a->decay ? early : a->decay;
    const float d = (float)decay, rest = (float)(1 - decay);
#pragma omp parallel
    for (int t = 0; t < a->count; t++) {
        float *restrict e = a->moves[t].w;
        const float *s = a->moves[t].g;
#pragma omp for schedule(static) nowait
        for (int64_t i = 0; i < a->moves[t].n; i++)
            e[i] = d * e[i] + rest * s[i];
    }
}
