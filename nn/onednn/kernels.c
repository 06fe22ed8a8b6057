//go:build !noonednn

#pragma GCC optimize("fp-contract=off") // the same rounding on every processor
#include "divide.h"
#include "kernels.h"
#include <string.h>

// Sums have one order whatever the number of threads: threads share elements, rows or channels, but never one sum.

void wb_blend(const void *arg)
{
    const wb_blend_arg *a = arg;
    for (int64_t i = 0; i < a->n; i++)
        a->y[i] = a->a * a->x[i] + a->b * a->z[i];
}

void wb_copy(const void *arg)
{
    const wb_copy_arg *a = arg;
    memcpy(a->to, a->from, a->bytes);
}

void wb_set_rows(const void *arg)
{
    const wb_rows_arg *a = arg;
    for (int64_t i = 0; i < a->n; i++) // in order: if a row comes twice, the last stays
        if (a->rows[i] >= 0)
            memcpy(a->to + a->rows[i] * a->size, a->from + i * a->size, a->size * sizeof(float));
}

void wb_subsample(const void *arg)
{
    const wb_subsample_arg *a = arg;
    const int64_t in = up(a->c, a->block), out = up(a->oc, a->block), pixel = a->block * a->size;
#pragma omp parallel for collapse(2) schedule(static)
    for (int64_t n = 0; n < a->n; n++)
        for (int64_t c = 0; c < out; c++) {
            char *to = a->to + (n * out + c) * a->oh * a->ow * pixel;
            if (c >= in) {
                memset(to, 0, a->oh * a->ow * pixel);
                continue;
            }
            const char *from = a->from + (n * in + c) * a->h * a->w * pixel;
            for (int64_t h = 0; h < a->oh; h++)
                for (int64_t w = 0; w < a->ow; w++)
                    memcpy(to + (h * a->ow + w) * pixel, from + (h * a->w + w) * a->stride * pixel, pixel);
        }
}

void wb_subsample_bwd(const void *arg)
{
    const wb_subsample_arg *a = arg;
    const int64_t in = up(a->c, a->block), out = up(a->oc, a->block), pixel = a->block * a->size;
#pragma omp parallel for collapse(2) schedule(static)
    for (int64_t n = 0; n < a->n; n++)
        for (int64_t c = 0; c < in; c++) {
            char *to = a->to + (n * in + c) * a->h * a->w * pixel;
            const char *from = a->from + (n * out + c) * a->oh * a->ow * pixel;
            const int64_t live = (c + 1) * a->block <= a->c ? a->block : a->c - c * a->block; // padded lanes stay zero
            memset(to, 0, a->h * a->w * pixel);
            for (int64_t h = 0; h < a->oh; h++)
                for (int64_t w = 0; w < a->ow; w++)
                    memcpy(to + (h * a->w + w) * a->stride * pixel, from + (h * a->ow + w) * pixel, live * a->size);
        }
}

void wb_subsample_last(const void *arg)
{
    const wb_subsample_arg *a = arg;
    const int64_t in = a->c * a->size, out = a->oc * a->size, both = in < out ? in : out;
#pragma omp parallel for collapse(2) schedule(static)
    for (int64_t n = 0; n < a->n; n++)
        for (int64_t h = 0; h < a->oh; h++)
            for (int64_t w = 0; w < a->ow; w++) {
                char *to = a->to + ((n * a->oh + h) * a->ow + w) * out;
                memcpy(to, a->from + ((n * a->h + h * a->stride) * a->w + w * a->stride) * in, both);
                memset(to + both, 0, out - both);
            }
}

void wb_subsample_last_bwd(const void *arg)
{
    const wb_subsample_arg *a = arg;
    const int64_t in = a->c * a->size, out = a->oc * a->size, both = in < out ? in : out;
#pragma omp parallel for schedule(static)
    for (int64_t n = 0; n < a->n; n++) {
        char *image = a->to + n * a->h * a->w * in;
        memset(image, 0, a->h * a->w * in);
        for (int64_t h = 0; h < a->oh; h++)
            for (int64_t w = 0; w < a->ow; w++)
                memcpy(image + (h * a->w + w) * a->stride * in, a->from + ((n * a->oh + h) * a->ow + w) * out, both);
    }
}

// mix and the functions after it repeat nn/rng, which defines them.
static const uint64_t golden = 0x9e3779b97f4a7c15;

static uint64_t mix(uint64_t x)
{
    x += golden;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
    x = (x ^ x >> 27) * 0x94d049bb133111eb;
    return x ^ x >> 31;
}

static uint64_t mask_key(const int32_t *key, uint64_t name, uint64_t stream)
{
    const uint64_t seed = (uint32_t)key[0] | (uint64_t)(uint32_t)key[1] << 32;
    const uint64_t step = (uint32_t)key[2] | (uint64_t)(uint32_t)key[3] << 32;
    uint64_t k = mix(seed ^ mix(name));
    k = mix(k + mix(stream + golden));
    return mix(k + mix(step + golden));
}

static float uniform(uint64_t key, int64_t i)
{
    return (float)(mix(key + (uint64_t)i * golden) >> 40) * (1.0f / (1 << 24));
}

void wb_dropout(const void *arg)
{
    const wb_dropout_arg *a = arg;
    const uint64_t key = mask_key(a->key, a->name, a->stream);
#pragma omp parallel for schedule(static)
    for (int64_t i = 0; i < a->n; i++)
        a->y[i] = uniform(key, i) >= a->p ? a->x[i] * a->scale : 0;
}

static uint16_t to_half(float v)
{
    uint32_t bits;
    memcpy(&bits, &v, sizeof bits);
    return v == v ? (bits + 0x7fff + (bits >> 16 & 1)) >> 16 : bits >> 16 | 0x40;
}

static float of_half(uint16_t h)
{
    const uint32_t bits = (uint32_t)h << 16;
    float v;
    memcpy(&v, &bits, sizeof v);
    return v;
}

void wb_drop_path(const void *arg)
{
    const wb_dropout_arg *a = arg;
    const uint64_t key = mask_key(a->key, a->name, a->stream);
#pragma omp parallel for schedule(static)
    for (int64_t i = 0; i < a->n; i++) {
        const float keep = uniform(key, i) >= a->p ? a->scale : 0;
        const int64_t first = i * a->sample, last = first + a->sample;
        if (a->half)
            for (int64_t k = first; k < last; k++)
                ((uint16_t *)a->y)[k] = keep ? to_half(of_half(((const uint16_t *)a->x)[k]) * keep) : 0;
        else
            for (int64_t k = first; k < last; k++)
                a->y[k] = keep ? a->x[k] * keep : 0;
    }
}

void wb_bias_bwd(const void *arg)
{
    const wb_bias_bwd_arg *a = arg;
    const int64_t count = up(a->c, a->block), image = count * a->area * a->block;
#pragma omp parallel for schedule(static)
    for (int64_t b = 0; b < count; b++) {
        double sum[16] = {0};
        for (int64_t n = 0; n < a->n; n++) {
            const float *dy = a->dy + n * image + b * a->area * a->block;
            for (int64_t i = 0; i < a->area; i++)
                for (int64_t k = 0; k < a->block; k++)
                    sum[k] += dy[i * a->block + k];
        }
        for (int64_t k = 0; k < a->block && b * a->block + k < a->c; k++)
            a->db[b * a->block + k] = (float)sum[k];
    }
}
