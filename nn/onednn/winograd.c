//go:build !noonednn

// Sizes, and the choice of the code for this processor's vectors.
#include "divide.h"
#include "winograd.h"
#include "winograd_plan.h"
#include <omp.h>
#include <string.h>

#define VECTOR_CODE "winograd_vector.h"
#include "each_width.h"

int64_t wb_winograd_weight_floats(const wb_winograd_shape *s) { return WB_WINOGRAD_POINTS * s->c * s->oc + (s->c > s->oc ? s->c : s->oc); }

static int64_t tiles(const wb_winograd_shape *s) { return s->n * up(s->oh, 4) * up(s->ow, 4); }

// The tiles that go through all three stages together. They are few enough to stay in a core's cache. There are more if
// the weights themselves do not stay there, because every panel reads them, and about as many panels for each thread.
// Measured on AVX2 cores with caches of 512 KiB.
static panel forward_panel(const wb_winograd_shape *s)
{
    enum { bytes = 112 << 10, rows = 12, most = 96 };
    const int64_t all = tiles(s), pairs = s->c * s->oc;
    const int64_t fewest = pairs >= 256 * 512 ? 96 : pairs >= 256 * 256 ? 48 : 24;
    int64_t t = bytes / (4 * WB_WINOGRAD_POINTS * (s->c + s->oc));
    t = t < fewest ? fewest : t > most ? most : t;
    const int64_t rounds = up(up(all, t), s->threads);
    t = up(up(all, rounds * s->threads), rows) * rows;
    return (panel){t, up(all, t), all};
}

// All threads share each panel of the gradient. The panel is larger if the sums are large,
// because each panel reads and writes all of them.
static panel gradient_panel(const wb_winograd_shape *s)
{
    enum { bytes = 2 << 20, step = 8, most = 256 };
    const int64_t all = tiles(s), fewest = s->c * s->oc >= 256 * 256 ? 128 : 64;
    int64_t t = bytes / (4 * WB_WINOGRAD_POINTS * (s->c + s->oc));
    t = t < fewest ? fewest : t > most ? most : t;
    t = up(up(all, up(all, t)), step) * step;
    return (panel){t, up(all, t), all};
}

// The matrix of each point begins on a cache line that falls on another set of the cache than its neighbours'.
static int64_t spaced(int64_t floats) { return up(floats, 16) * 16 + 16; }

static int64_t image_stride(const panel *p, int64_t channels) { return spaced(p->tiles * channels); }

int64_t wb_winograd_work_floats(const wb_winograd_shape *s)
{
    const panel p = forward_panel(s);
    return s->threads * WB_WINOGRAD_POINTS * (image_stride(&p, s->c) + image_stride(&p, s->oc));
}

int64_t wb_winograd_gradient_floats(const wb_winograd_shape *s)
{
    const panel p = gradient_panel(s);
    return WB_WINOGRAD_POINTS * (image_stride(&p, s->c) + image_stride(&p, s->oc) + spaced(s->c * s->oc));
}

void wb_winograd_weights(const void *arg)
{
    wb_winograd_weights_arg a = *(const wb_winograd_weights_arg *)arg;
    for (int64_t g = 0; g < a.s.groups; g++) {
        float *bias = a.out + WB_WINOGRAD_POINTS * a.s.c * a.s.oc;
        const int64_t biases = least(a.biases, a.s.oc);
        memset(bias, 0, (a.flip ? a.s.c : a.s.oc) * sizeof *bias);
        if (biases)
            memcpy(bias, a.bias, biases * sizeof *bias);
        BY_WIDTH(weights)(&a);
        a.weights += 9 * a.s.c * a.s.oc;
        a.bias += biases, a.biases -= biases;
        a.out += wb_winograd_weight_floats(&a.s);
    }
}

void wb_winograd(const void *arg)
{
    wb_winograd_arg a = *(const wb_winograd_arg *)arg;
    const panel p = forward_panel(&a.s);
    const strides d = {image_stride(&p, a.s.c), image_stride(&p, a.s.oc), 0};
    for (int64_t g = 0; g < a.s.groups; g++) {
        BY_WIDTH(forward)(&a, &p, &d);
        a.x += a.s.c * a.s.h * a.s.w;
        a.weights += wb_winograd_weight_floats(&a.s);
        a.y += a.s.oc * a.s.oh * a.s.ow;
        if (a.shortcut)
            a.shortcut += a.s.oc * a.s.oh * a.s.ow;
    }
}

void wb_winograd_gradient(const void *arg)
{
    wb_winograd_gradient_arg a = *(const wb_winograd_gradient_arg *)arg;
    const panel p = gradient_panel(&a.s);
    const strides d = {image_stride(&p, a.s.c), image_stride(&p, a.s.oc), spaced(a.s.c * a.s.oc)};
    for (int64_t g = 0; g < a.s.groups; g++) {
        BY_WIDTH(gradient)(&a, &p, &d);
        a.x += a.s.c * a.s.h * a.s.w;
        a.dy += a.s.oc * a.s.oh * a.s.ow;
        a.dw += 9 * a.s.c * a.s.oc;
    }
}
