//go:build !noonednn

// Images are slabs of channels: one slab of all channels with channels last, else one for each block. The pixels of a
// slab are divided into parts. Their sums are added in the order of the parts, whichever threads computed them.
#include "norm.h"
#include "bridge.h"
#include "divide.h"
#include <math.h>
#include <omp.h>
#include <stddef.h>
#include <string.h>

typedef struct {
    int64_t slabs, width; // channels of a slab
    int64_t parts; // of its pixels, the same for every number of threads
    // Slabs that go through all passes together, so that the last pass finds in the cache what the first one read.
    int64_t together;
} plan;

static plan plan_of(const wb_batch_norm_shape *s, int images)
{
    enum { chunks = 64, fewest = 256, cache = 1 << 20, units = 4 }; // cache: bytes that a thread has for itself
    if (s->block == 0)
        return (plan){1, s->channels, chunks, 1};
    const int64_t slabs = up(s->channels, s->block), threads = omp_get_max_threads();
    const int64_t parts = up(s->n, up(fewest, s->pixels)); // of whole images, so many that a part has some pixels to do
    const int64_t bytes = s->n * s->pixels * s->block * (s->half ? 2 : 4) * images;
    const int64_t fit = cache * threads / bytes, busy = up(units * threads, parts);
    return (plan){slabs, s->block, parts, least(slabs, fit > busy ? fit : busy)};
}

// The pixels of a part of a slab, in units of the slab's width.
static wb_pixels part_of(const wb_batch_norm_shape *s, const plan *p, int64_t slab, int64_t k)
{
    if (s->block == 0) {
        const int64_t all = s->n * s->pixels, first = all * k / p->parts;
        return (wb_pixels){1, all * (k + 1) / p->parts - first, {first, 0}, {first, 0}, {first, 0}};
    }
    const int64_t n = s->n * k / p->parts, own = p->slabs * s->pixels, first = slab * s->pixels;
    const int64_t x = s->apart.x ? s->apart.x : own, dy = s->apart.dy ? s->apart.dy : own, y = s->apart.y ? s->apart.y : own;
    return (wb_pixels){s->n * (k + 1) / p->parts - n, s->pixels, {n * x + first, x}, {n * dy + first, dy}, {n * y + first, y}};
}

// Scratch memory: the sums of the parts, and the coefficients of each slab's channels.
typedef struct {
    float *sums, *about, *factor, *offset, *gain;
} scratch;

static int64_t padded(const plan *p) { return p->slabs * p->width; }

static scratch scratch_of(const plan *p, float *work)
{
    float *after = work + 2 * p->parts * padded(p);
    return (scratch){work, after, after + padded(p), after + 2 * padded(p), after + 3 * padded(p)};
}

int64_t wb_batch_norm_floats(const wb_batch_norm_shape *s)
{
    const plan p = plan_of(s, 1);
    return (2 * p.parts + 4) * padded(&p);
}

int64_t wb_batch_norm_map_floats(const wb_batch_norm_shape *s)
{
    const plan p = plan_of(s, 1);
    return 2 * padded(&p);
}

// The two sums of a channel over all parts.
static void totals(const plan *p, const scratch *t, int64_t slab, int64_t lane, double *one, double *two)
{
    const float *sums = t->sums + slab * p->parts * 2 * p->width + lane;
    double a = 0, b = 0;
    for (int64_t k = 0; k < p->parts; k++) {
        a += sums[2 * k * p->width];
        b += sums[(2 * k + 1) * p->width];
    }
    *one = a, *two = b;
}

// Called within a parallel region: computes the sums of every part of the slabs [from, to).
static void sum_slabs(const wb_batch_norm_shape *s, const plan *p, wb_summed pixels, const scratch *t, int64_t from, int64_t to)
{
    const float *map = pixels.map;
#pragma omp for collapse(2) schedule(static)
    for (int64_t slab = from; slab < to; slab++)
        for (int64_t k = 0; k < p->parts; k++) {
            const wb_pixels which = part_of(s, p, slab, k);
            pixels.about = t->about + slab * p->width;
            pixels.map = map ? map + 2 * slab * p->width : NULL;
            wb_sum_pixels(&pixels, which, s->half, t->sums + 2 * (slab * p->parts + k) * p->width);
        }
}

// Called within a parallel region: maps every part of the slabs [from, to). factor and offset are
// those of the scratch memory, or those in map.
static void map_slabs(const wb_batch_norm_shape *s, const plan *p, wb_mapped pixels, const scratch *t, const float *map,
    int64_t from, int64_t to)
{
#pragma omp for collapse(2) schedule(static)
    for (int64_t slab = from; slab < to; slab++)
        for (int64_t k = 0; k < p->parts; k++) {
            const wb_pixels which = part_of(s, p, slab, k);
            const int64_t at = slab * p->width;
            pixels.about = t->about + at;
            pixels.map = map ? map + 2 * at : NULL;
            pixels.factor = pixels.dy ? t->factor + at : pixels.map;
            pixels.offset = pixels.dy ? t->offset + at : pixels.map + p->width;
            pixels.gain = t->gain + at;
            wb_map_pixels(&pixels, which, s->half);
        }
}

static float single(const void *x, int64_t i, int half)
{
    if (!half)
        return ((const float *)x)[i];
    const uint32_t bits = (uint32_t)((const uint16_t *)x)[i] << 16;
    float f;
    memcpy(&f, &bits, sizeof f);
    return f;
}

// The number about which the sums of a slab's channels are taken: the channel's first pixel, or
// 0 for channels that only fill up the block.
static void take_about(const wb_batch_norm_arg *a, const plan *p, const scratch *t, int64_t slab)
{
    const int64_t first = part_of(&a->s, p, slab, 0).x.first * p->width;
    for (int64_t i = 0; i < p->width; i++)
        t->about[slab * p->width + i] = single(a->x, first + i, a->s.half);
}

// A slab's map from its statistics. It computes the statistics from the sums unless they are given.
static void make_map(const wb_batch_norm_arg *a, const plan *p, const scratch *t, int64_t slab, int given)
{
    const double count = (double)(a->s.n * a->s.pixels);
    float *map = a->map + 2 * slab * p->width;
    for (int64_t i = 0; i < p->width; i++) {
        const int64_t c = slab * p->width + i;
        if (c >= a->s.channels) {
            t->about[c] = map[i] = map[p->width + i] = 0;
            continue;
        }
        if (!given) {
            double off, square;
            totals(p, t, slab, i, &off, &square);
            off /= count, square /= count;
            a->mean[c] = (float)(t->about[c] + off);
            a->variance[c] = (float)fmax(square - off * off, 0);
        }
        t->about[c] = a->mean[c];
        map[i] = (float)(a->scale[c] / sqrt(a->variance[c] + a->s.epsilon));
        map[p->width + i] = a->shift[c];
    }
}

static void forward(const wb_batch_norm_arg *a, int given)
{
    const plan p = plan_of(&a->s, 1);
    const scratch t = scratch_of(&p, a->work);
    const wb_summed summed = {.x = a->x, .map = a->map, .channels = p.width};
    const wb_mapped mapped = {.x = a->x, .shortcut = a->shortcut, .y = a->y, .channels = p.width, .then = a->s.then};
#pragma omp parallel
    for (int64_t from = 0; from < p.slabs; from += p.together) {
        const int64_t to = least(from + p.together, p.slabs);
        if (!given) {
#pragma omp for schedule(static)
            for (int64_t slab = from; slab < to; slab++)
                take_about(a, &p, &t, slab);
            sum_slabs(&a->s, &p, summed, &t, from, to);
        }
#pragma omp for schedule(static)
        for (int64_t slab = from; slab < to; slab++)
            make_map(a, &p, &t, slab, given);
        map_slabs(&a->s, &p, mapped, &t, a->map, from, to);
    }
}

void wb_batch_norm(const void *arg) { forward(arg, 0); }
void wb_batch_norm_apply(const void *arg) { forward(arg, 1); }

// A slab's gradients of scale and shift, and the coefficients of the gradient of x.
static void make_gradients(const wb_batch_norm_bwd_arg *a, const plan *p, const scratch *t, int64_t slab)
{
    const double count = (double)(a->s.n * a->s.pixels);
    for (int64_t i = 0; i < p->width; i++) {
        const int64_t c = slab * p->width + i;
        if (c >= a->s.channels) {
            t->factor[c] = t->offset[c] = t->gain[c] = 0;
            continue;
        }
        const double inverse = 1 / sqrt(a->variance[c] + a->s.epsilon), by = a->scale[c] * inverse;
        double shift, scale;
        totals(p, t, slab, i, &shift, &scale);
        scale *= inverse;
        a->dshift[c] = (float)shift;
        a->dscale[c] = (float)scale;
        t->gain[c] = (float)by;
        t->factor[c] = (float)(-by * inverse * scale / count);
        t->offset[c] = (float)(-by * shift / count);
    }
}

void wb_batch_norm_bwd(const void *arg)
{
    const wb_batch_norm_bwd_arg *a = arg;
    const plan p = plan_of(&a->s, 2);
    const scratch t = scratch_of(&p, a->work);
    wb_summed summed = {.x = a->x, .dy = a->dy, .result = a->result, .map = a->map, .g = a->dshortcut, .channels = p.width,
        .then = a->s.then};
    wb_mapped mapped = {.x = a->x, .dy = a->dy, .plus = a->plus, .y = a->dx, .channels = p.width, .then = a->s.then};
    // The second pass reads the gradients that the first pass kept, where that is less work and dx has room
    // for them. Where vectors of channels overlap, SiLU's gradients must not lie over dy. ReLU's may: what
    // it let pass once passes a second time.
    const int vacant = !a->plus && a->s.apart.x == a->s.apart.y;
    if (!summed.g && (a->result || (vacant && a->s.block && a->s.then.activation == WB_SILU)))
        summed.g = a->dx;
    wb_batch_norm_shape second = a->s;
    if (summed.g) {
        mapped.dy = summed.g;
        mapped.then.activation = WB_NO_ACTIVATION;
        second.apart.dy = a->s.apart.x;
    }
#pragma omp parallel
    for (int64_t from = 0; from < p.slabs; from += p.together) {
        const int64_t to = least(from + p.together, p.slabs);
#pragma omp for schedule(static)
        for (int64_t c = from * p.width; c < to * p.width; c++)
            t.about[c] = c < a->s.channels ? a->mean[c] : 0;
        sum_slabs(&a->s, &p, summed, &t, from, to);
#pragma omp for schedule(static)
        for (int64_t slab = from; slab < to; slab++)
            make_gradients(a, &p, &t, slab);
        map_slabs(&second, &p, mapped, &t, a->map, from, to);
    }
}
