//go:build !noonednn

#pragma GCC optimize("fp-contract=off") // the same rounding on every processor
#include "kernels_call.h"
#include <string.h>

// Elementwise kernels. They take any layout, padding included, unless a comment says otherwise.

void wb_hard_sigmoid(const void *arg)
{
    const wb_call *a = arg;
    const int64_t n = a->dim[0], c = a->dim[1], area = a->dim[2], block = a->dim[3], blocks = (c + block - 1) / block;
#pragma omp parallel for schedule(static)
    for (int64_t b = 0; b < n * blocks; b++) {
        const float *x = a->in[0] + b * area * block;
        float *y = a->out + b * area * block;
        const int64_t live = (b % blocks + 1) * block <= c ? block : c % block;
        for (int64_t i = 0; i < area * block; i++) {
            const float t = x[i] + 3;
            const float low = t < 0 ? 0 : t; // NaN passes
            y[i] = (low > 6 ? 6 : low) / 6;
        }
        for (int64_t i = 0; live < block && i < area; i++)
            memset(y + i * block + live, 0, (block - live) * sizeof *y);
    }
}

void wb_hard_sigmoid_bwd(const void *arg)
{
    const wb_call *a = arg;
    const float *y = a->in[0], *dy = a->in[1];
    float *dx = a->out;
#pragma omp parallel for schedule(static)
    for (int64_t i = 0; i < a->dim[0]; i++)
        dx[i] = y[i] > 0 && y[i] < 1 ? dy[i] * (1.0f / 6) : 0;
}

void wb_scale(const void *arg)
{
    const wb_call *a = arg;
    const float by = (float)a->num[0];
    const float *x = a->in[0];
    float *y = a->out;
#pragma omp parallel for schedule(static)
    for (int64_t i = 0; i < a->dim[0]; i++)
        y[i] = by * x[i];
}

void wb_mean(const void *arg)
{
    const wb_call *a = arg;
    double sum = 0;
    for (int64_t i = 0; i < a->dim[0]; i++)
        sum += a->in[0][i];
    *a->out = (float)(sum / a->dim[0]);
}

void wb_mean_bwd(const void *arg)
{
    const wb_call *a = arg;
    const float share = *a->in[0] / a->dim[0];
    for (int64_t i = 0; i < a->dim[0]; i++)
        a->out[i] = share;
}
