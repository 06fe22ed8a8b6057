//go:build !noonednn

#include "divide.h"
#include "kernels_gather.h"
#include <string.h>

// copy_lanes copies the first bytes of every pixel.
static void copy_lanes(char *restrict to, const char *restrict from, int64_t bytes, int64_t pixel, int64_t area)
{
#define COPY(n)                                     \
    case n:                                         \
        for (int64_t i = 0; i < area; i++)          \
            memcpy(to + i * pixel, from + i * pixel, n); \
        break
    switch (bytes) {
        COPY(4);
        COPY(8);
        COPY(16);
        COPY(32);
        COPY(64);
    default:
        for (int64_t i = 0; i < area; i++)
            for (int64_t k = 0; k < bytes; k += 2)
                memcpy(to + i * pixel + k, from + i * pixel + k, 2);
    }
#undef COPY
}

static void clear_lanes(char *to, int64_t bytes, int64_t pixel, int64_t area)
{
    for (int64_t i = 0; i < area; i++)
        memset(to + i * pixel, 0, bytes);
}

// gather_block fills the lanes of one block whose first channel is `first`.
static void gather_block(const wb_gather_channels_arg *a, char *to, int64_t image, int64_t first)
{
    const int64_t block = a->block, size = a->size, pixel = block * size, end = least(first + block, a->c);
    int64_t begin = 0; // of the piece among y's channels
    for (int i = 0; i < a->count; begin += a->pieces[i++].count) {
        const wb_piece *p = a->pieces + i;
        const int64_t last = least(end, begin + p->count), blocks = (p->c + block - 1) / block;
        int64_t c = begin > first ? begin : first;
        if (p->from < 0)
            continue;
        while (c < last) {
            const int64_t source = p->from + c - begin, lane = source % block;
            const int64_t run = p->x ? least(block - lane, last - c) : last - c;
            char *lanes = to + (c - first) * size;
            if (p->x)
                copy_lanes(lanes, p->x + ((image * blocks + source / block) * a->area * block + lane) * size, run * size, pixel, a->area);
            else
                clear_lanes(lanes, run * size, pixel, a->area);
            c += run;
        }
    }
    if (end < first + block)
        clear_lanes(to + (end - first) * size, (first + block - end) * size, pixel, a->area);
}

// gather_rows is an image in row-major order, where the channels of a piece lie together.
static void gather_rows(const wb_gather_channels_arg *a, char *to, int64_t image)
{
    for (int i = 0; i < a->count; i++) {
        const wb_piece *p = a->pieces + i;
        const int64_t bytes = p->count * a->area * a->size;
        if (p->x)
            memcpy(to, p->x + (image * p->c + p->from) * a->area * a->size, bytes);
        else
            memset(to, 0, bytes);
        to += bytes;
    }
}

void wb_gather_channels(const void *arg)
{
    const wb_gather_channels_arg *a = arg;
    const int64_t blocks = up(a->c, a->block), apart = up(a->of, a->block), bytes = a->area * a->block * a->size;
    if (a->block == 1) {
#pragma omp parallel for schedule(static)
        for (int64_t n = 0; n < a->n; n++)
            gather_rows(a, a->y + n * apart * bytes, n);
        return;
    }
#pragma omp parallel for schedule(static)
    for (int64_t b = 0; b < a->n * blocks; b++)
        gather_block(a, a->y + (b / blocks * apart + b % blocks) * bytes, b / blocks, b % blocks * a->block);
}
