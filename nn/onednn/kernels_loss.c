//go:build !noonednn

#pragma GCC optimize("fp-contract=off") // the same rounding on every processor
#include "kernels_call.h"
#include <math.h>
#include <string.h>

// Losses of rows. Sums over rows run on one thread, in order; gradients of rows are shared among threads.

double wb_log_sum_exp(const float *x, int64_t n, double divisor)
{
    double largest = -INFINITY, sum = 0;
    for (int64_t i = 0; i < n; i++)
        if (x[i] > largest || x[i] != x[i])
            largest = x[i];
    if (!isfinite(largest))
        return largest;
    for (int64_t i = 0; i < n; i++)
        sum += exp((x[i] - largest) / divisor);
    return largest / divisor + log(sum);
}

// Cross entropy of logits in[0] [n, classes]; see op.CrossEntropy and op.SoftCrossEntropy. dim n, classes, whether
// images have weights, whether classes have weights, whether −1 is ignored; num smoothing. With labels in ints,
// the weights follow the logits. Otherwise the targets [n, classes] follow the logits, and the weights the
// targets. The gradient's last operand is dy.
typedef struct {
    const float *logits, *soft, *samples, *weights, *dy;
    const int32_t *labels;
    int64_t n, classes;
    int ignore;
    double smoothing;
} entropy;

static entropy entropy_of(const wb_call *a)
{
    int at = 0;
    entropy e = {.labels = a->ints, .n = a->dim[0], .classes = a->dim[1], .ignore = (int)a->dim[4], .smoothing = a->num[0]};
    e.logits = a->in[at++];
    e.soft = e.labels ? NULL : a->in[at++];
    e.samples = a->dim[2] ? a->in[at++] : NULL;
    e.weights = a->dim[3] ? a->in[at++] : NULL;
    e.dy = a->in[at];
    return e;
}

static double sample_weight(const entropy *e, int64_t i) { return e->samples ? e->samples[i] : 1; }
static double class_weight(const entropy *e, int64_t k) { return e->weights ? e->weights[k] : 1; }

// target is the target of class k for image i, weights included.
static double target(const entropy *e, int64_t i, int64_t k)
{
    const double weight = sample_weight(e, i) * class_weight(e, k);
    if (e->soft)
        return weight * e->soft[i * e->classes + k];
    if (e->ignore && e->labels[i] < 0)
        return 0;
    return weight * (e->smoothing / e->classes + (k == e->labels[i] ? 1 - e->smoothing : 0));
}

// share is what image i adds to the divisor.
static double share(const entropy *e, int64_t i)
{
    if (e->soft)
        return sample_weight(e, i);
    return e->ignore && e->labels[i] < 0 ? 0 : sample_weight(e, i) * class_weight(e, e->labels[i]);
}

static double divisor(const entropy *e)
{
    double sum = 0;
    for (int64_t i = 0; i < e->n; i++)
        sum += share(e, i);
    return sum;
}

void wb_entropy(const void *arg)
{
    const entropy e = entropy_of(arg);
    double loss = 0;
    for (int64_t i = 0; i < e.n; i++) {
        const float *x = e.logits + i * e.classes;
        const double norm = wb_log_sum_exp(x, e.classes, 1);
        for (int64_t k = 0; k < e.classes; k++) {
            const double t = target(&e, i, k);
            if (t != 0)
                loss += t * (norm - x[k]);
        }
    }
    const double by = divisor(&e);
    *((const wb_call *)arg)->out = by != 0 ? (float)(loss / by) : 0;
}

void wb_entropy_bwd(const void *arg)
{
    const entropy e = entropy_of(arg);
    float *out = ((const wb_call *)arg)->out;
    const double by = divisor(&e), scale = by != 0 ? *e.dy / by : 0;
#pragma omp parallel for schedule(static)
    for (int64_t i = 0; i < e.n; i++) {
        const float *x = e.logits + i * e.classes;
        float *dx = out + i * e.classes;
        double total = 0;
        for (int64_t k = 0; k < e.classes; k++)
            total += target(&e, i, k);
        if (total == 0 || scale == 0) {
            memset(dx, 0, e.classes * sizeof *dx);
            continue;
        }
        const double norm = wb_log_sum_exp(x, e.classes, 1);
        for (int64_t k = 0; k < e.classes; k++)
            dx[k] = (float)(scale * (exp(x[k] - norm) * total - target(&e, i, k)));
    }
}

// Distillation of student in[0] from teacher in[1]: dim rows, classes; num temperature.

void wb_kl_divergence(const void *arg)
{
    const wb_call *a = arg;
    const int64_t classes = a->dim[1];
    const double t = a->num[0];
    double sum = 0;
    for (int64_t i = 0; i < a->dim[0]; i++) {
        const float *student = a->in[0] + i * classes, *teacher = a->in[1] + i * classes;
        const double q = wb_log_sum_exp(student, classes, t), p = wb_log_sum_exp(teacher, classes, t);
        for (int64_t k = 0; k < classes; k++) {
            const double weight = exp(teacher[k] / t - p);
            if (weight > 0)
                sum += weight * (teacher[k] / t - p - student[k] / t + q);
        }
    }
    *a->out = (float)(sum * t * t / a->dim[0]);
}

void wb_kl_divergence_bwd(const void *arg)
{
    const wb_call *a = arg;
    const int64_t classes = a->dim[1];
    const double t = a->num[0], scale = *a->in[2] * t / a->dim[0];
#pragma omp parallel for schedule(static)
    for (int64_t i = 0; i < a->dim[0]; i++) {
        const float *student = a->in[0] + i * classes, *teacher = a->in[1] + i * classes;
        const double q = wb_log_sum_exp(student, classes, t), p = wb_log_sum_exp(teacher, classes, t);
        for (int64_t k = 0; k < classes; k++)
            a->out[i * classes + k] = (float)(scale * (exp(student[k] / t - q) - exp(teacher[k] / t - p)));
    }
}

// Means over elements of x in[0] and targets in[1]: dim rows, columns.

static int64_t count(const wb_call *a) { return a->dim[0] * a->dim[1]; }

void wb_squared_error(const void *arg)
{
    const wb_call *a = arg;
    double sum = 0;
    for (int64_t i = 0; i < count(a); i++) {
        const double d = (double)a->in[0][i] - a->in[1][i];
        sum += d * d;
    }
    *a->out = (float)(sum / count(a));
}

void wb_squared_error_bwd(const void *arg)
{
    const wb_call *a = arg;
    const double scale = 2.0 * *a->in[2] / count(a);
#pragma omp parallel for schedule(static)
    for (int64_t i = 0; i < count(a); i++)
        a->out[i] = (float)(scale * ((double)a->in[0][i] - a->in[1][i]));
}

void wb_binary_cross_entropy(const void *arg)
{
    const wb_call *a = arg;
    double sum = 0;
    for (int64_t i = 0; i < count(a); i++) {
        const double x = a->in[0][i];
        sum += (x < 0 ? 0 : x) - x * a->in[1][i] + log1p(exp(-fabs(x)));
    }
    *a->out = (float)(sum / count(a));
}

void wb_binary_cross_entropy_bwd(const void *arg)
{
    const wb_call *a = arg;
    const double scale = (double)*a->in[2] / count(a);
#pragma omp parallel for schedule(static)
    for (int64_t i = 0; i < count(a); i++)
        a->out[i] = (float)(scale * (1 / (1 + exp(-(double)a->in[0][i])) - a->in[1][i]));
}
