//go:build !noonednn

// Gates of images with channels last, and sums of their channels.
#include "last.h"
#include "bridge.h"
#include "pixels.h"
#include <stddef.h>
#include <string.h>

static const wb_then NOTHING = {WB_NO_ACTIVATION, 0};

static wb_pixels those(int64_t first, int64_t last) { return (wb_pixels){1, last - first, {first, 0}, {first, 0}, {first, 0}}; }

// A sum over pixels is made of so many partial sums, in the same order for every number of threads.
enum { CHUNKS = 64 };

// Called within a parallel region: the partial sums of every chunk of pixels.
static void sums_of_chunks(const wb_summed *s, int64_t pixels, int half, float *work)
{
#pragma omp for schedule(static)
    for (int64_t k = 0; k < CHUNKS; k++)
        wb_sum_pixels(s, those(pixels * k / CHUNKS, pixels * (k + 1) / CHUNKS), half, work + k * 2 * s->channels);
}

static double total(const float *work, int64_t channels, int64_t which)
{
    double sum = 0;
    for (int64_t k = 0; k < CHUNKS; k++)
        sum += work[k * 2 * channels + which];
    return sum;
}

int64_t wb_last_bias_floats(int64_t channels) { return 2 * CHUNKS * channels; }

void wb_last_bias(const void *arg)
{
    const wb_last_bias_arg *a = arg;
    const wb_summed s = {.x = a->dy, .channels = a->channels, .then = NOTHING};
#pragma omp parallel
    {
        sums_of_chunks(&s, a->pixels, a->half, a->work);
#pragma omp for schedule(static)
        for (int64_t c = 0; c < a->channels; c++)
            a->db[c] = (float)total(a->work, a->channels, c);
    }
}

void wb_last_gate(const void *arg)
{
    const wb_last_gate_arg *a = arg;
    const int64_t bytes = a->pixels * a->channels * (a->half ? 2 : 4);
#pragma omp parallel for schedule(static)
    for (int64_t n = 0; n < a->n; n++) {
        const wb_mapped m = {.x = (const char *)a->x + n * bytes, .factor = a->gate + (a->own ? n * a->channels : 0),
            .y = (char *)a->y + n * bytes, .channels = a->channels, .then = NOTHING};
        wb_map_pixels(&m, those(0, a->pixels), a->half);
    }
}

int64_t wb_last_gate_floats(int64_t n, int64_t channels) { return 2 * (n > CHUNKS ? n : CHUNKS) * channels; }

void wb_last_gate_reduce(const void *arg)
{
    const wb_last_gate_reduce_arg *a = arg;
    const int64_t channels = a->channels;
    const wb_summed s = {.x = a->x, .dy = a->dy, .channels = channels, .then = NOTHING};
#pragma omp parallel
    {
        if (a->own) {
#pragma omp for schedule(static)
            for (int64_t n = 0; n < a->n; n++) {
                float *sums = a->work + 2 * n * channels;
                wb_sum_pixels(&s, those(n * a->pixels, (n + 1) * a->pixels), a->half, sums);
                memcpy(a->dgate + n * channels, sums + channels, channels * sizeof *sums);
            }
        } else {
            sums_of_chunks(&s, a->n * a->pixels, a->half, a->work);
#pragma omp for schedule(static)
            for (int64_t c = 0; c < channels; c++)
                a->dgate[c] = (float)total(a->work, channels, channels + c);
        }
    }
}
