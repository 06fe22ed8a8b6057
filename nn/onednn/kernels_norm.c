//go:build !noonednn

#pragma GCC optimize("fp-contract=off") // the same rounding on every processor
#include "kernels_call.h"
#include <math.h>

// Layer and group norm, row-major: dim rows, length of a row, features, area; num ε. See op.Rows.

static float inverse_deviation(float variance, double epsilon) { return (float)(1 / sqrt(variance + epsilon)); }

void wb_row_stats(const void *arg)
{
    const wb_call *a = arg;
    const int64_t rows = a->dim[0], length = a->dim[1];
#pragma omp parallel for schedule(static)
    for (int64_t r = 0; r < rows; r++) {
        const float *x = a->in[0] + r * length;
        double sum = 0, squares = 0;
        for (int64_t i = 0; i < length; i++)
            sum += x[i];
        const double mean = sum / length;
        for (int64_t i = 0; i < length; i++)
            squares += (x[i] - mean) * (x[i] - mean);
        a->out[r] = (float)mean;
        a->out[rows + r] = (float)(squares / length);
    }
}

void wb_row_norm(const void *arg)
{
    const wb_call *a = arg;
    const int64_t rows = a->dim[0], length = a->dim[1], features = a->dim[2], area = a->dim[3];
    const float *st = a->in[1], *scale = a->in[2], *shift = a->in[3];
#pragma omp parallel for schedule(static)
    for (int64_t r = 0; r < rows; r++) {
        const float mean = st[r], inverse = inverse_deviation(st[rows + r], a->num[0]);
        for (int64_t i = r * length; i < (r + 1) * length; i += area) {
            const int64_t f = i / area % features;
            for (int64_t k = i; k < i + area; k++)
                a->out[k] = (a->in[0][k] - mean) * inverse * scale[f] + shift[f];
        }
    }
}

void wb_row_norm_bwd(const void *arg)
{
    const wb_call *a = arg;
    const int64_t rows = a->dim[0], length = a->dim[1], features = a->dim[2], area = a->dim[3];
    const float *x = a->in[0], *st = a->in[1], *scale = a->in[2], *dy = a->in[3];
#pragma omp parallel for schedule(static)
    for (int64_t r = 0; r < rows; r++) {
        const float mean = st[r], inverse = inverse_deviation(st[rows + r], a->num[0]);
        const int64_t end = (r + 1) * length;
        double sum = 0, product = 0;
        for (int64_t i = r * length; i < end; i += area) {
            const float by = scale[i / area % features];
            for (int64_t k = i; k < i + area; k++) {
                sum += dy[k] * by;
                product += (double)(dy[k] * by) * ((x[k] - mean) * inverse);
            }
        }
        const float level = (float)(sum / length), tilt = (float)(product / length);
        for (int64_t i = r * length; i < end; i += area) {
            const float by = scale[i / area % features];
            for (int64_t k = i; k < i + area; k++)
                a->out[k] = inverse * (dy[k] * by - level - (x[k] - mean) * inverse * tilt);
        }
    }
}

enum { TILE = 32 };

// Gradients of `count` features from `first` on. One thread owns them and reads all rows in order.
static void reduce_features(const wb_call *a, int64_t first, int64_t count)
{
    const int64_t rows = a->dim[0], length = a->dim[1], features = a->dim[2], area = a->dim[3];
    const float *x = a->in[0], *st = a->in[1], *dy = a->in[2];
    double scale[TILE] = {0}, shift[TILE] = {0};
    for (int64_t at = first * area; at < rows * length; at += features * area)
        for (int64_t f = 0; f < count; f++) {
            const int64_t begin = at + f * area, r = begin / length;
            const float mean = st[r], inverse = inverse_deviation(st[rows + r], a->num[0]);
            for (int64_t k = begin; k < begin + area; k++) {
                scale[f] += (double)dy[k] * ((x[k] - mean) * inverse);
                shift[f] += dy[k];
            }
        }
    for (int64_t f = 0; f < count; f++) {
        a->out[first + f] = (float)scale[f];
        a->out[features + first + f] = (float)shift[f];
    }
}

void wb_row_norm_reduce(const void *arg)
{
    const wb_call *a = arg;
    const int64_t features = a->dim[2];
#pragma omp parallel for schedule(static)
    for (int64_t f = 0; f < features; f += TILE)
        reduce_features(a, f, f + TILE < features ? TILE : features - f);
}

// Batch norm with frozen statistics, images in blocks: dim n, c, area, block; num ε.

void wb_norm_frozen_bwd(const void *arg)
{
    const wb_call *a = arg;
    const int64_t n = a->dim[0], c = a->dim[1], area = a->dim[2], block = a->dim[3], blocks = (c + block - 1) / block;
    const float *variance = a->in[0], *scale = a->in[1];
#pragma omp parallel for schedule(static)
    for (int64_t b = 0; b < n * blocks; b++) {
        const int64_t channel = b % blocks * block;
        float by[16] = {0}; // zero where lanes pad a block
        for (int64_t k = 0; k < block && channel + k < c; k++)
            by[k] = scale[channel + k] * inverse_deviation(variance[channel + k], a->num[0]);
        const float *dy = a->in[2] + b * area * block;
        float *dx = a->out + b * area * block;
        for (int64_t i = 0; i < area; i++)
            for (int64_t k = 0; k < block; k++)
                dx[i * block + k] = dy[i * block + k] * by[k];
    }
}

void wb_norm_frozen_reduce(const void *arg)
{
    const wb_call *a = arg;
    const int64_t n = a->dim[0], c = a->dim[1], area = a->dim[2], block = a->dim[3], blocks = (c + block - 1) / block;
    const float *mean = a->in[1], *variance = a->in[2];
#pragma omp parallel for schedule(static)
    for (int64_t channel = 0; channel < c; channel++) {
        double scale = 0, shift = 0;
        for (int64_t image = 0; image < n; image++) {
            const int64_t at = (image * blocks + channel / block) * area * block + channel % block;
            for (int64_t i = at; i < at + area * block; i += block) {
                scale += (double)a->in[3][i] * (a->in[0][i] - mean[channel]);
                shift += a->in[3][i];
            }
        }
        a->out[channel] = (float)(scale * inverse_deviation(variance[channel], a->num[0]));
        a->out[c + channel] = (float)shift;
    }
}
