//go:build !noonednn

#pragma GCC optimize("fp-contract=off") // the same rounding on every processor
#include "kernels_call.h"

enum { MAX_BLOCK = 16 };

void wb_mul_same(const void *arg)
{
    const wb_call *a = arg;
    const float *x = a->in[0], *f = a->in[1];
    float *y = a->out;
#pragma omp parallel for schedule(static)
    for (int64_t i = 0; i < a->dim[0]; i++)
        y[i] = x[i] * f[i];
}

// gate_pixels multiplies one block's pixels by the gates of its lanes. With a
// constant block it is inlined and fills vectors.
static inline __attribute__((always_inline)) void gate_pixels(float *y, const float *x, const float *gate, int64_t area, int block)
{
    for (int64_t i = 0; i < area; i++)
        for (int k = 0; k < block; k++)
            y[i * block + k] = x[i * block + k] * gate[k];
}

void wb_mul_gate(const void *arg)
{
    const wb_call *a = arg;
    const int64_t n = a->dim[0], area = a->dim[2], block = a->dim[3], blocks = (a->dim[1] + block - 1) / block;
#pragma omp parallel for schedule(static)
    for (int64_t b = 0; b < n * blocks; b++) {
        const float *x = a->in[0] + b * area * block;
        const float *gate = a->in[1] + (a->dim[4] ? b : b % blocks) * block;
        float *y = a->out + b * area * block;
        if (block == 1)
            gate_pixels(y, x, gate, area, 1);
        else if (block == 8)
            gate_pixels(y, x, gate, area, 8);
        else
            gate_pixels(y, x, gate, area, MAX_BLOCK);
    }
}

// add_products adds x · y of one block's pixels to the sums of its lanes.
static inline __attribute__((always_inline)) void add_products(double *sums, const float *x, const float *y, int64_t area, int block)
{
    for (int64_t i = 0; i < area; i++)
        for (int k = 0; k < block; k++)
            sums[k] += (double)x[i * block + k] * y[i * block + k];
}

void wb_mul_gate_reduce(const void *arg)
{
    const wb_call *a = arg;
    const int64_t n = a->dim[0], area = a->dim[2], block = a->dim[3], blocks = (a->dim[1] + block - 1) / block;
    const int64_t gates = a->dim[4] ? n * blocks : blocks;
#pragma omp parallel for schedule(static)
    for (int64_t g = 0; g < gates; g++) {
        double sums[MAX_BLOCK] = {0};
        for (int64_t b = g; b < n * blocks; b += gates) {
            const float *x = a->in[0] + b * area * block, *y = a->in[1] + b * area * block;
            if (block == 1)
                add_products(sums, x, y, area, 1);
            else if (block == 8)
                add_products(sums, x, y, area, 8);
            else
                add_products(sums, x, y, area, MAX_BLOCK);
        }
        for (int64_t k = 0; k < block; k++)
            a->out[g * block + k] = (float)sums[k];
    }
}

void wb_mul_stretched(const void *arg)
{
    const wb_call *a = arg;
    const int64_t *d = a->dim, *s = a->dim + 4;
#pragma omp parallel for collapse(3) schedule(static)
    for (int64_t i = 0; i < d[0]; i++)
        for (int64_t j = 0; j < d[1]; j++)
            for (int64_t k = 0; k < d[2]; k++) {
                const int64_t at = ((i * d[1] + j) * d[2] + k) * d[3];
                const float *f = a->in[1] + i * s[0] + j * s[1] + k * s[2];
                for (int64_t l = 0; l < d[3]; l++)
                    a->out[at + l] = a->in[0][at + l] * f[l * s[3]];
            }
}

void wb_mul_stretched_reduce(const void *arg)
{
    const wb_call *a = arg;
    const int64_t *d = a->dim, *s = a->dim + 4;
    int64_t kept[4], summed[4];
    for (int i = 0; i < 4; i++) {
        kept[i] = s[i] ? d[i] : 1;
        summed[i] = s[i] ? 1 : d[i];
    }
#pragma omp parallel for collapse(4) schedule(static)
    for (int64_t i = 0; i < kept[0]; i++)
        for (int64_t j = 0; j < kept[1]; j++)
            for (int64_t k = 0; k < kept[2]; k++)
                for (int64_t l = 0; l < kept[3]; l++) {
                    double sum = 0;
                    for (int64_t p = i; p < i + summed[0]; p++)
                        for (int64_t q = j; q < j + summed[1]; q++)
                            for (int64_t r = k; r < k + summed[2]; r++) {
                                const int64_t at = ((p * d[1] + q) * d[2] + r) * d[3] + l;
                                for (int64_t t = at; t < at + summed[3]; t++)
                                    sum += (double)a->in[0][t] * a->in[1][t];
                            }
                    a->out[i * s[0] + j * s[1] + k * s[2] + l * s[3]] = (float)sum;
                }
}
