// A thread's share of the work, and the pixels that it packs.
#ifndef WB_AMX_SHARE_H
#define WB_AMX_SHARE_H

#include "amx_plan.h"
#include <string.h>

// Images in memory, and a pixel of zeros for everything outside of them.
typedef struct {
    const uint16_t *at, *zeros;
    int64_t h, w, channels, pixels, together; // channels of all groups
} images;

// Lines of y from first_line to last_line of all chunks; blocks of channels; memory.
typedef struct {
    const amx_plan *p;
    images from_x, from_y;
    int64_t first_line, last_line, c, c_end, o, o_end;
    uint16_t *x, *y;       // packed: [channel][pixel], and [block][pair of pixels][16][2]
    const uint16_t **list; // of pixels to pack
    float *to;             // as dw
} share;

// What is packed together: the lines y to y + lines of the images of a chunk. x_line
// is the first line of x that is packed.
typedef struct {
    int64_t image, y, lines, x_line;
    int fresh; // the first of the share: nothing was summed yet
} panel;

static share share_of(const wb_amx_gradient_arg *a, const amx_plan *p, int64_t part)
{
    const int64_t pixel_part = part / (p->c_parts * p->o_parts), c_part = part / p->o_parts % p->c_parts, o_part = part % p->o_parts;
    const int64_t lines = p->chunks * p->s.oh;
    char *work = (char *)a->work + part * thread_bytes(p);
    uint16_t *zeros = (uint16_t *)(work + p->xbytes + p->ybytes + p->list_bytes);
    memset(zeros, 0, p->zero_bytes);
    float *sums = (float *)((char *)a->work + parts(p) * thread_bytes(p));
    return (share){
        .p = p,
        .from_x = {a->x, zeros, p->s.h, p->s.w, p->s.c * p->s.groups, p->xpixels, p->together},
        .from_y = {a->dy, zeros, p->s.oh, p->s.ow, p->s.oc * p->s.groups, p->ypixels, p->together},
        .first_line = begin_of(lines, p->pixel_parts, pixel_part),
        .last_line = begin_of(lines, p->pixel_parts, pixel_part + 1),
        .c = begin_of(p->cb, p->c_parts, c_part),
        .c_end = begin_of(p->cb, p->c_parts, c_part + 1),
        .o = begin_of(p->ob, p->o_parts, o_part),
        .o_end = begin_of(p->ob, p->o_parts, o_part + 1),
        .x = (uint16_t *)work,
        .y = (uint16_t *)(work + p->xbytes),
        .list = (const uint16_t **)(work + p->xbytes + p->ybytes),
        .to = pixel_part ? sums + (pixel_part - 1) * p->sums : a->dw,
    };
}

// `count` places of a line, `step` apart.
typedef struct {
    int64_t begin, step, count;
} places;

// Appends the pixels at the places of line y, of the images from `image` on side by side.
static const uint16_t **list_line(const images *m, int64_t image, int64_t y, places x, const uint16_t **to)
{
    for (int64_t i = 0; i < x.count; i++) {
        const int64_t at = x.begin + i * x.step, inside = at >= 0 && at < m->w;
        for (int64_t n = 0; n < m->together; n++) {
            const int64_t pixel = ((image + n) * m->h + y) * m->w + at;
            *to++ = inside && pixel < m->pixels ? m->at + pixel * m->channels : m->zeros;
        }
    }
    return to;
}

static const uint16_t **list_zeros(const images *m, const uint16_t **to, const uint16_t **end)
{
    while (to < end)
        *to++ = m->zeros;
    return to;
}

// Returns how many steps of pixels were listed.
static int64_t list_y(const share *s, const panel *b)
{
    const uint16_t **to = s->list;
    for (int64_t i = 0; i < b->lines; i++) {
        list_line(&s->from_y, b->image, b->y + i, (places){0, 1, s->p->s.ow}, to);
        to = list_zeros(&s->from_y, to + s->p->s.ow * s->p->together, to + s->p->line);
    }
    return (to - s->list) / STEP;
}

static int64_t list_x(const share *s, panel *b)
{
    const amx_plan *p = s->p;
    const wb_amx_shape *f = &p->s;
    const uint16_t **to = s->list;
    const int64_t top = b->y * f->stride[0] - f->begin[0];
    b->x_line = -1;
    for (int64_t i = 0; i < x_lines(p, b->lines); i++) {
        const int64_t y = top + i * p->row_step;
        if (y < 0 || y >= f->h)
            continue;
        b->x_line = b->x_line < 0 ? y : b->x_line;
        for (int64_t k = 0; k < p->phases; k++) {
            const int64_t phase = p->phases == 1 ? move_of(f, 0).phase : k;
            to = list_line(&s->from_x, b->image, y, (places){p->first * f->stride[1] + phase, f->stride[1], p->xline / p->together}, to);
        }
    }
    const int64_t steps = up(to - s->list, STEP) + 1; // the last product may read beyond the last line
    list_zeros(&s->from_x, to, s->list + steps * STEP);
    return steps;
}

#endif
