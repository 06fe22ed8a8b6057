//go:build !noonednn

// Sizes, the division of work among threads, and the choice of the code for this processor's vectors.
#include "divide.h"
#include "product.h"
#include "product_plan.h"
#include "vector_block.h"
#include <omp.h>
#include <string.h>

// What a thread needs: packed rows, turned weights, and sums that are kept between parts of the channels.
static int64_t pass_floats(const pass *p)
{
    return p->panel * p->from.channels + 2 * WB_PRODUCT_DEPTH + 2 * WB_PRODUCT_ROWS * wb_vector_block();
}

#define VECTOR_CODE "product_vector.h"
#include "each_width.h"

// Divides pixels into panels and results into groups, so that the thread with the most to do has as little
// as possible. The cost is about a unit for each pixel and pair of blocks, a quarter of a unit for packing
// it, and eight units for reading the weights.
static void divide(pass *p)
{
    enum { bytes = 256 << 10, step = 12, least_rows = 96 };
    const int64_t pairs = up(p->to.channels, 2 * wb_vector_block());
    int64_t most = bytes / (4 * p->from.channels) / step * step;
    most = most < least_rows ? least_rows : most > WB_PRODUCT_ROWS ? WB_PRODUCT_ROWS : most;
    const int64_t fewest = up(p->rows, most);
    double best = 0;
    for (int64_t panels = fewest; panels < fewest + p->threads; panels++)
        for (int64_t groups = 1; groups <= least(pairs, p->threads); groups++) {
            const int64_t rows = up(up(p->rows, panels), step) * step;
            const double cost = up(up(p->rows, rows) * groups, p->threads) * (up(pairs, groups) * (rows + 8.0) + rows / 4.0);
            if (best == 0 || cost < best) {
                best = cost;
                p->panel = rows, p->panels = up(p->rows, rows), p->groups = groups;
            }
        }
}

static void multiply(pass *p)
{
    divide(p);
    BY_WIDTH(multiply)(p);
}

static grid dense(int64_t channels, const wb_product_shape *s) { return (grid){channels, s->oh, s->ow, {1, 1}}; }
static grid strided(const wb_product_shape *s) { return (grid){s->c, s->h, s->w, {s->stride[0], s->stride[1]}}; }

static pass forward(const wb_product_shape *s)
{
    return (pass){.oh = s->oh, .ow = s->ow, .rows = s->n * s->oh * s->ow, .from = strided(s), .to = dense(s->oc, s), .threads = s->threads};
}

static pass backward(const wb_product_shape *s)
{
    return (pass){.oh = s->oh, .ow = s->ow, .rows = s->n * s->oh * s->ow, .from = dense(s->oc, s), .to = strided(s),
        .threads = s->threads, .turned = 1};
}

int64_t wb_product_floats(const wb_product_shape *s)
{
    pass p = forward(s);
    divide(&p);
    return s->threads * pass_floats(&p);
}

int64_t wb_product_bwd_data_floats(const wb_product_shape *s)
{
    pass p = backward(s);
    divide(&p);
    return s->threads * pass_floats(&p);
}

void wb_product(const void *arg)
{
    const wb_product_arg *a = arg;
    pass p = forward(&a->s);
    p.x = a->x, p.weights = a->weights, p.bias = a->bias, p.biases = a->biases, p.shortcut = a->shortcut, p.relu = a->relu;
    p.y = a->y, p.work = a->work;
    multiply(&p);
}

void wb_product_bwd_data(const void *arg)
{
    const wb_product_bwd_data_arg *a = arg;
    pass p = backward(&a->s);
    p.x = a->dy, p.weights = a->weights, p.shortcut = a->other, p.y = a->dx, p.work = a->work;
    multiply(&p);
}

// There are several slices if the threads would otherwise find too few results to share, provided that there are enough
// pixels. Their number depends on the shape alone.
static gradient_parts parts(const wb_product_shape *s)
{
    enum { tasks = 16, fewest_rows = 512 };
    const int64_t units = up(s->oc / wb_vector_block(), 3);
    gradient_parts p = {s->n * s->oh * s->ow, 1, 1};
    while (p.slices * units < tasks && p.rows / p.slices >= 2 * fewest_rows)
        p.slices *= 2;
    p.groups = groups_of(p.slices, units, s->threads);
    return p;
}

int64_t wb_product_bwd_weights_floats(const wb_product_shape *s)
{
    return s->threads * (s->c + s->oc) * (WB_PRODUCT_CHUNK / wb_vector_block()) + (parts(s).slices - 1) * s->c * s->oc;
}

void wb_product_bwd_weights(const void *arg)
{
    const wb_product_bwd_weights_arg *a = arg;
    const gradient_parts p = parts(&a->s);
    BY_WIDTH(gradient)(a, &p);
}
