//go:build !noonednn

#pragma GCC optimize("fp-contract=off") // the same rounding on every processor
#include "kernels_call.h"
#include <math.h>
#include <string.h>

// The pixels [first, end) of one axis that an output position averages, and how many it divides by.
typedef struct {
    int64_t first, end, count;
} span;

// dim of the pooling kernels: planes (a block of channels is one), block, then height and width of x, of y, and for windows
// their stride, begin padding, kernel, and the size up to which padding counts; stride 0 means adaptive fields.
static span span_of(const int64_t *dim, int axis, int64_t o)
{
    const int64_t n = dim[2 + axis], fields = dim[4 + axis], stride = dim[6 + axis];
    if (stride == 0) {
        const int64_t first = o * n / fields, end = ((o + 1) * n + fields - 1) / fields;
        return (span){first, end, end - first};
    }
    const int64_t first = o * stride - dim[8 + axis], end = first + dim[10 + axis], limit = dim[12 + axis];
    return (span){first < 0 ? 0 : first, end > n ? n : end, (end > limit ? limit : end) - first};
}

void wb_field_mean(const void *arg)
{
    const wb_call *a = arg;
    const int64_t block = a->dim[1], h = a->dim[2], w = a->dim[3], oh = a->dim[4], ow = a->dim[5];
#pragma omp parallel for collapse(2) schedule(static)
    for (int64_t p = 0; p < a->dim[0]; p++)
        for (int64_t i = 0; i < oh; i++) {
            const span v = span_of(a->dim, 0, i);
            for (int64_t j = 0; j < ow; j++) {
                const span u = span_of(a->dim, 1, j);
                float sums[16] = {0};
                for (int64_t y = v.first; y < v.end; y++)
                    for (int64_t x = u.first; x < u.end; x++)
                        for (int64_t k = 0; k < block; k++)
                            sums[k] += a->in[0][((p * h + y) * w + x) * block + k];
                for (int64_t k = 0; k < block; k++)
                    a->out[((p * oh + i) * ow + j) * block + k] = sums[k] / (v.count * u.count);
            }
        }
}

void wb_field_mean_bwd(const void *arg)
{
    const wb_call *a = arg;
    const int64_t block = a->dim[1], h = a->dim[2], w = a->dim[3], oh = a->dim[4], ow = a->dim[5];
#pragma omp parallel for schedule(static)
    for (int64_t p = 0; p < a->dim[0]; p++) {
        float *dx = a->out + p * h * w * block;
        memset(dx, 0, h * w * block * sizeof *dx);
        for (int64_t i = 0; i < oh; i++)
            for (int64_t j = 0; j < ow; j++) {
                const span v = span_of(a->dim, 0, i), u = span_of(a->dim, 1, j);
                const float *dy = a->in[0] + ((p * oh + i) * ow + j) * block;
                const float share = 1 / (float)(v.count * u.count);
                for (int64_t y = v.first; y < v.end; y++)
                    for (int64_t x = u.first; x < u.end; x++)
                        for (int64_t k = 0; k < block; k++)
                            dx[(y * w + x) * block + k] += dy[k] * share;
            }
    }
}

// Local response normalisation of row-major images: dim n, c, area, size; num alpha / size, beta, k.

static float power(float base, double beta)
{
    return beta == 0.75 ? 1 / (sqrtf(base) * sqrtf(sqrtf(base))) : powf(base, (float)-beta);
}

// base is k + alpha/size · Σ x² over the neighbours of channel c at a pixel; x points to channel 0 there.
static float lrn_base(const wb_call *a, const float *x, int64_t c)
{
    const int64_t area = a->dim[2], half = a->dim[3] / 2;
    float sum = 0;
    for (int64_t i = c < half ? 0 : c - half; i <= c + half && i < a->dim[1]; i++)
        sum += x[i * area] * x[i * area];
    return (float)a->num[2] + (float)a->num[0] * sum;
}

void wb_lrn(const void *arg)
{
    const wb_call *a = arg;
    const int64_t channels = a->dim[1], area = a->dim[2];
#pragma omp parallel for collapse(2) schedule(static)
    for (int64_t n = 0; n < a->dim[0]; n++)
        for (int64_t c = 0; c < channels; c++) {
            const float *x = a->in[0] + n * channels * area;
            for (int64_t i = 0; i < area; i++)
                a->out[(n * channels + c) * area + i] = x[c * area + i] * power(lrn_base(a, x + i, c), a->num[1]);
        }
}

void wb_lrn_bwd(const void *arg)
{
    const wb_call *a = arg;
    const int64_t channels = a->dim[1], area = a->dim[2], half = a->dim[3] / 2;
    const float factor = (float)(2 * a->num[0] * a->num[1]);
#pragma omp parallel for collapse(2) schedule(static)
    for (int64_t n = 0; n < a->dim[0]; n++)
        for (int64_t c = 0; c < channels; c++) {
            const float *x = a->in[0] + n * channels * area, *dy = a->in[1] + n * channels * area;
            for (int64_t i = 0; i < area; i++) {
                float sum = 0, own = 0;
                for (int64_t j = c < half ? 0 : c - half; j <= c + half && j < channels; j++) {
                    const float base = lrn_base(a, x + i, j), shrink = power(base, a->num[1]);
                    sum += dy[j * area + i] * x[j * area + i] * shrink / base;
                    if (j == c)
                        own = shrink;
                }
                a->out[(n * channels + c) * area + i] = dy[c * area + i] * own - factor * x[c * area + i] * sum;
            }
        }
}
