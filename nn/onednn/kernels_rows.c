//go:build !noonednn

#pragma GCC optimize("fp-contract=off") // the same rounding on every processor
#include "kernels_call.h"
#include <math.h>
#include <string.h>

// Functions of one number: dim count, kind as op.PointwiseKind; num A, B.
enum { POINT_EXP, POINT_LOG, POINT_SQRT, POINT_ABS, POINT_POWER, POINT_CLAMP };

static double point(double x, int64_t kind, double a, double b)
{
    switch (kind) {
    case POINT_EXP:
        return exp(x);
    case POINT_LOG:
        return log(x);
    case POINT_SQRT:
        return sqrt(x);
    case POINT_ABS:
        return fabs(x);
    case POINT_POWER:
        return pow(x, a);
    }
    return x < a ? a : x > b ? b : x; // NaN passes
}

// The slope, from the result of exp and sqrt, else from x.
static double point_slope(double v, int64_t kind, double a, double b)
{
    switch (kind) {
    case POINT_EXP:
        return v;
    case POINT_LOG:
        return 1 / v;
    case POINT_SQRT:
        return 0.5 / v;
    case POINT_ABS:
        return v > 0 ? 1 : v < 0 ? -1 : 0;
    case POINT_POWER:
        return a * pow(v, a - 1);
    }
    return v >= a && v <= b;
}

void wb_pointwise(const void *arg)
{
    const wb_call *a = arg;
#pragma omp parallel for schedule(static)
    for (int64_t i = 0; i < a->dim[0]; i++)
        a->out[i] = (float)point(a->in[0][i], a->dim[1], a->num[0], a->num[1]);
}

void wb_pointwise_bwd(const void *arg)
{
    const wb_call *a = arg;
#pragma omp parallel for schedule(static)
    for (int64_t i = 0; i < a->dim[0]; i++)
        a->out[i] = a->in[1][i] * (float)point_slope(a->in[0][i], a->dim[1], a->num[0], a->num[1]);
}

// Stretching: dim the large tensor's four axes, then the small one's stride along each, 0 where it is stretched.
void wb_stretch(const void *arg)
{
    const wb_call *a = arg;
    const int64_t *d = a->dim, *s = a->dim + 4;
#pragma omp parallel for collapse(3) schedule(static)
    for (int64_t i = 0; i < d[0]; i++)
        for (int64_t j = 0; j < d[1]; j++)
            for (int64_t k = 0; k < d[2]; k++) {
                float *y = a->out + ((i * d[1] + j) * d[2] + k) * d[3];
                const float *x = a->in[0] + i * s[0] + j * s[1] + k * s[2];
                for (int64_t l = 0; l < d[3]; l++)
                    y[l] = x[l * s[3]];
            }
}

// The elements of the large tensor that belong to element o of the small one, in the order of their places.
typedef struct {
    int64_t first, count[4], step[4];
} field;

static field field_of(const int64_t *d, const int64_t *s, int64_t o)
{
    field f = {0};
    const int64_t step[4] = {d[1] * d[2] * d[3], d[2] * d[3], d[3], 1};
    for (int i = 0; i < 4; i++) {
        f.step[i] = step[i];
        f.count[i] = s[i] ? 1 : d[i];
        if (s[i])
            f.first += o / s[i] % d[i] * step[i];
    }
    return f;
}

static int64_t small_size(const int64_t *d, const int64_t *s)
{
    int64_t n = 1;
    for (int i = 0; i < 4; i++)
        n *= s[i] ? d[i] : 1;
    return n;
}

#define EACH_OF_FIELD(f, at)                                                                                           \
    for (int64_t p_ = 0; p_ < (f).count[0]; p_++)                                                                      \
        for (int64_t q_ = 0; q_ < (f).count[1]; q_++)                                                                  \
            for (int64_t r_ = 0; r_ < (f).count[2]; r_++)                                                              \
                for (int64_t t_ = 0, at = (f).first + p_ * (f).step[0] + q_ * (f).step[1] + r_ * (f).step[2];          \
                     t_ < (f).count[3]; t_++, at++)

void wb_sum_to(const void *arg)
{
    const wb_call *a = arg;
    const int64_t *d = a->dim, *s = a->dim + 4, n = small_size(d, s);
#pragma omp parallel for schedule(static)
    for (int64_t o = 0; o < n; o++) {
        const field f = field_of(d, s, o);
        double sum = 0;
        EACH_OF_FIELD(f, at)
            sum += a->in[0][at];
        a->out[o] = (float)sum;
    }
}

void wb_max_to(const void *arg)
{
    const wb_call *a = arg;
    const int64_t *d = a->dim, *s = a->dim + 4, n = small_size(d, s);
#pragma omp parallel for schedule(static)
    for (int64_t o = 0; o < n; o++) {
        const field f = field_of(d, s, o);
        float largest = a->in[0][f.first];
        EACH_OF_FIELD(f, at)
            if (a->in[0][at] > largest || a->in[0][at] != a->in[0][at]) // NaN passes
                largest = a->in[0][at];
        a->out[o] = largest;
    }
}

// in: x, the result, dy.
void wb_max_to_bwd(const void *arg)
{
    const wb_call *a = arg;
    const int64_t *d = a->dim, *s = a->dim + 4, n = small_size(d, s);
#pragma omp parallel for schedule(static)
    for (int64_t o = 0; o < n; o++) {
        const field f = field_of(d, s, o);
        int given = 0;
        EACH_OF_FIELD(f, at) {
            const int here = !given && a->in[0][at] == a->in[1][o];
            a->out[at] = here ? a->in[2][o] : 0;
            given |= here;
        }
    }
}

// Comparisons: dim count, kind as op.CompareKind.
void wb_compare(const void *arg)
{
    enum { GREATER, GREATER_EQUAL, EQUAL };
    const wb_call *a = arg;
    const int64_t kind = a->dim[1];
#pragma omp parallel for schedule(static)
    for (int64_t i = 0; i < a->dim[0]; i++) {
        const float x = a->in[0][i], y = a->in[1][i];
        a->out[i] = (kind != EQUAL && x > y) || (kind != GREATER && x == y);
    }
}

// dim rows, columns.
void wb_one_hot_max(const void *arg)
{
    const wb_call *a = arg;
    const int64_t d = a->dim[1];
#pragma omp parallel for schedule(static)
    for (int64_t r = 0; r < a->dim[0]; r++) {
        const float *x = a->in[0] + r * d;
        int64_t largest = 0;
        for (int64_t i = 1; i < d; i++)
            if (x[i] > x[largest])
                largest = i;
        for (int64_t i = 0; i < d; i++)
            a->out[r * d + i] = i == largest;
    }
}

// dim labels, classes.
void wb_one_hot(const void *arg)
{
    const wb_call *a = arg;
    const int64_t d = a->dim[1];
#pragma omp parallel for schedule(static)
    for (int64_t r = 0; r < a->dim[0]; r++)
        for (int64_t i = 0; i < d; i++)
            a->out[r * d + i] = i == a->ints[r];
}

// dim count; num the slack of a share in float32. An element is kept if fewer are before it than the share has.
void wb_smallest(const void *arg)
{
    const wb_call *a = arg;
    const int64_t n = a->dim[0];
    const float *x = a->in[0];
    const double keep = floor((double)*a->in[1] * n + a->num[0]);
#pragma omp parallel for schedule(static)
    for (int64_t i = 0; i < n; i++) {
        int64_t before = 0;
        for (int64_t k = 0; k < n; k++) {
            const int nan_i = x[i] != x[i], nan_k = x[k] != x[k];
            before += x[k] < x[i] || (nan_i && !nan_k) || ((x[k] == x[i] || (nan_i && nan_k)) && k < i);
        }
        a->out[i] = before < keep;
    }
}

// Rows by their indexes: dim rows of the result, elements of a row, rows of the operand. Other indexes are of no row.
void wb_gather_rows(const void *arg)
{
    const wb_call *a = arg;
    const int64_t d = a->dim[1];
#pragma omp parallel for schedule(static)
    for (int64_t r = 0; r < a->dim[0]; r++) {
        const int64_t from = a->ints[r];
        if (from >= 0 && from < a->dim[2])
            memcpy(a->out + r * d, a->in[0] + from * d, d * sizeof(float));
        else
            memset(a->out + r * d, 0, d * sizeof(float));
    }
}

void wb_scatter_rows(const void *arg)
{
    const wb_call *a = arg;
    const int64_t d = a->dim[1];
    memset(a->out, 0, a->dim[0] * d * sizeof(float));
    for (int64_t r = 0; r < a->dim[2]; r++) {
        const int64_t to = a->ints[r];
        for (int64_t i = 0; i < d && to >= 0 && to < a->dim[0]; i++)
            a->out[to * d + i] += a->in[0][r * d + i];
    }
}
