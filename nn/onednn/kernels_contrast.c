//go:build !noonednn

#pragma GCC optimize("fp-contract=off") // the same rounding on every processor
#include "kernels_call.h"
#include <math.h>

// Rows on the unit sphere: dim rows, columns; num ε. The function returns the norm of
// a row, and whether ε takes its place.
static double norm_of(const float *x, int64_t n, double epsilon, int *is_short)
{
    double squares = 0;
    for (int64_t i = 0; i < n; i++)
        squares += (double)x[i] * x[i];
    const double norm = sqrt(squares);
    *is_short = norm <= epsilon;
    return *is_short ? epsilon : norm;
}

void wb_l2_normalize(const void *arg)
{
    const wb_call *a = arg;
    const int64_t d = a->dim[1];
#pragma omp parallel for schedule(static)
    for (int64_t r = 0; r < a->dim[0]; r++) {
        int is_short;
        const double norm = norm_of(a->in[0] + r * d, d, a->num[0], &is_short);
        for (int64_t i = r * d; i < (r + 1) * d; i++)
            a->out[i] = (float)(a->in[0][i] / norm);
    }
}

void wb_l2_normalize_bwd(const void *arg)
{
    const wb_call *a = arg;
    const int64_t d = a->dim[1];
#pragma omp parallel for schedule(static)
    for (int64_t r = 0; r < a->dim[0]; r++) {
        const float *x = a->in[0] + r * d, *dy = a->in[1] + r * d;
        int is_short;
        const double norm = norm_of(x, d, a->num[0], &is_short);
        double along = 0;
        for (int64_t i = 0; i < d && !is_short; i++)
            along += x[i] / norm * dy[i];
        for (int64_t i = 0; i < d; i++)
            a->out[r * d + i] = (float)((dy[i] - x[i] / norm * along) / norm);
    }
}

// NT-Xent of similarities in[0]: dim views, views. The function is log Σ exp over row i without its own place.
static double log_sum_others(const float *row, int64_t i, int64_t views)
{
    double largest = -INFINITY, sum = 0;
    for (int64_t k = 0; k < views; k++)
        if (k != i && (row[k] > largest || row[k] != row[k]))
            largest = row[k];
    if (!isfinite(largest))
        return largest;
    for (int64_t k = 0; k < views; k++)
        if (k != i)
            sum += exp(row[k] - largest);
    return largest + log(sum);
}

void wb_nt_xent(const void *arg)
{
    const wb_call *a = arg;
    const int64_t views = a->dim[0];
    double loss = 0;
    for (int64_t i = 0; i < views; i++) {
        const float *row = a->in[0] + i * views;
        loss += log_sum_others(row, i, views) - row[(i + views / 2) % views];
    }
    *a->out = (float)(loss / views);
}

void wb_nt_xent_bwd(const void *arg)
{
    const wb_call *a = arg;
    const int64_t views = a->dim[0];
    const double scale = (double)*a->in[1] / views;
#pragma omp parallel for schedule(static)
    for (int64_t i = 0; i < views; i++) {
        const float *row = a->in[0] + i * views;
        const double norm = log_sum_others(row, i, views);
        for (int64_t k = 0; k < views; k++)
            a->out[i * views + k] = k == i ? 0 : (float)(scale * (exp(row[k] - norm) - (k == (i + views / 2) % views)));
    }
}
