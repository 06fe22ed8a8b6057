//go:build !noonednn

#pragma GCC optimize("fp-contract=off") // the same rounding on every processor
#include "kernels_call.h"
#include <string.h>

// The pixels [first, end) along one axis that an output position averages, and by how many it divides.
typedef struct {
    int64_t first, end, count;
} span;

// dim of the pooling kernels: planes (a block of channels is one plane), block, height and width of x,
// height and width of y; and for windows their stride, begin padding, kernel, and the size up to which
// padding counts. Stride 0 means adaptive fields.
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
