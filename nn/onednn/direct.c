//go:build !noonednn

// Sizes, and the choice of the code for this processor's vectors.
#include "direct.h"
#include "direct_plan.h"
#include "divide.h"
#include <omp.h>
#include <string.h>

#define VECTOR_CODE "direct_vector.h"
#include "each_width.h"

// The numbers of rows and slices depend on the shape alone. There are so few rows that their pixels and gradients stay
// in the first cache, or in half of it, if two threads share a core. There are several slices if the threads would
// otherwise find too few results to share, as long as their sums are small.
static direct_plan plan_of(const wb_direct_gradient_arg *a)
{
    enum { pixels = 96, tasks = 16, most_floats = 1 << 20 };
    const int64_t block = wb_vector_block(), units = up(a->oc / block, 2);
    direct_plan p = {1, 1, pixels / a->ow < 1 ? 1 : least(pixels / a->ow, a->oh)};
    p.rows = up(a->oh, up(a->oh, p.rows));
    p.lines = (p.rows - 1) * a->stride[0] + (a->kh - 1) * a->dilation[0] + 1;
    p.width = (a->ow - 1) * a->stride[1] + (a->kw - 1) * a->dilation[1] + 1;
    p.blocks = up(a->c, block);
    p.part = p.lines * p.width * p.blocks * block;
    p.size = a->kh * a->kw * p.blocks * block * a->oc;
    while (p.slices * units < tasks && p.slices * 2 <= a->n && p.slices * 2 * p.size <= most_floats)
        p.slices *= 2;
    p.groups = groups_of(p.slices, units, a->threads);
    return p;
}

int64_t wb_direct_gradient_floats(const wb_direct_gradient_arg *a)
{
    const direct_plan p = plan_of(a);
    return a->threads * p.part + (p.slices - 1) * p.size;
}

void wb_direct_gradient(const void *arg)
{
    const wb_direct_gradient_arg *a = arg;
    const direct_plan p = plan_of(a);
    BY_WIDTH(gradient)(a, &p);
}
