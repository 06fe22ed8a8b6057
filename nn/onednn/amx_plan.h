// How the work is laid out and shared.
//
// For each weight of the kernel, dw is a product of matrices Xᵀ·dY over the pixels of all images, with X moved
// by a few pixels. Tiles sum 32 pixels at a time. A line is packed as [pixel of the line][image], with
// `together` images, so that a move is an offset in memory, and so that few of the 32 pixels are beyond the end
// of a line. X is packed separately for each phase of the stride, so that a move is an offset whatever the
// stride. Pixels outside of the image are zeros.
#ifndef WB_AMX_PLAN_H
#define WB_AMX_PLAN_H

#include "amx.h"
#include "divide.h"

enum {
    STEP = 32,               // pixels that a product of tiles sums
    BLOCK = 16,              // channels of a tile
    TILE = STEP * BLOCK,     // bfloat16 of a tile
    PANEL_BYTES = 1 << 20,   // packed at a time by a thread: half of its second-level cache
    PANEL_PIXELS = 4096,     // at most
    SUMS_BYTES = 768 << 10,  // sums that stay in that cache beside a panel
    VISIT_PIXELS = 512,      // that are added to such sums at a time, from the first-level cache
    VISIT_PIXELS_MOVED = 320 // the same where X is moved
};

typedef struct {
    wb_amx_shape s;        // as it is computed: 1×1 kernels see lines of 32 pixels
    int64_t xpixels, ypixels;
    int64_t together, chunks; // images
    int64_t cb, ob, taps;  // blocks of channels; weights of the kernel
    int64_t line;          // packed pixels of a line of y, whole steps
    int64_t phases, xline; // phases of a line of x, packed pixels of each
    int64_t first;         // pixel of a phase with which each begins
    int64_t row_step;      // lines of x between packed ones
    int64_t pixel_parts, c_parts, o_parts; // one part each for a thread
    int64_t lines;         // of y in a panel
    int64_t visit;         // lines of y between loading and storing sums
    int64_t xstride;       // packed pixels of a channel of x
    int64_t sums;          // floats of dw
    int64_t xbytes, ybytes, list_bytes, zero_bytes; // of each thread
} amx_plan;

static int64_t down(int64_t a, int64_t b) { return a >= 0 ? a / b : -up(-a, b); }
static int64_t most(int64_t a, int64_t b) { return a > b ? a : b; }

// Where weight kx looks: at which phase, and how far from the pixel of y.
typedef struct {
    int64_t phase, offset;
} move;

static move move_of(const wb_amx_shape *s, int64_t kx)
{
    const int64_t at = kx * s->dilation[1] - s->begin[1], offset = down(at, s->stride[1]);
    return (move){at - offset * s->stride[1], offset};
}

static int64_t x_lines(const amx_plan *p, int64_t lines)
{
    return ((lines - 1) * p->s.stride[0] + (p->s.kh - 1) * p->s.dilation[0]) / p->row_step + 1;
}

static int64_t x_pixels(const amx_plan *p, int64_t lines) { return x_lines(p, lines) * p->phases * p->xline; }

// A 1×1 kernel reads no neighbours, so all images together are one row of pixels.
static void view(amx_plan *p, const wb_amx_shape *s)
{
    p->s = *s;
    p->xpixels = s->n * s->h * s->w;
    p->ypixels = s->n * s->oh * s->ow;
    if (s->kh == 1 && s->kw == 1 && s->stride[0] == 1 && s->stride[1] == 1 && s->oh == s->h && s->ow == s->w) {
        p->s.n = 1;
        p->s.h = p->s.oh = up(p->xpixels, STEP);
        p->s.w = p->s.ow = STEP;
    }
}

static void lay_lines(amx_plan *p, int64_t together)
{
    const wb_amx_shape *s = &p->s;
    p->together = together;
    p->chunks = up(s->n, together);
    p->line = up(s->ow * together, STEP) * STEP;
    p->first = move_of(s, 0).offset;
    p->xline = (s->ow + move_of(s, s->kw - 1).offset - p->first) * together;
}

// Rough numbers of cycles: a product of tiles takes 16, and packing waits for memory.
enum { PRODUCT = 16, PACK = 100, PACK_X = 120 };

static double cost_of_lines(amx_plan *p, int64_t together)
{
    lay_lines(p, together);
    const double y = PRODUCT * p->cb * p->ob * p->taps + PACK * p->ob, x = PACK_X * p->cb * p->phases;
    return (double)p->chunks * p->s.oh * (p->line * y + p->xline * x);
}

// How many images lie side by side: as few as leave little of the tiles empty, but
// not so few that a chunk is hardly any work.
static void choose_together(amx_plan *p)
{
    enum { enough = 1024 };
    double best = cost_of_lines(p, p->s.n);
    for (int64_t t = 1; t < p->s.n; t *= 2) {
        const double cost = cost_of_lines(p, t);
        best = cost < best ? cost : best;
    }
    int64_t chosen = 0;
    for (int64_t t = 1; !chosen || t < p->s.n; t = least(2 * t, p->s.n)) {
        if (cost_of_lines(p, t) <= 1.03 * best)
            chosen = t;
        if (chosen && p->line * p->s.oh >= enough)
            break;
    }
    lay_lines(p, chosen);
}

// Lines of y in a panel of so many blocks of channels, and pixels of y between loading and storing the sums.
static void choose_panel(amx_plan *p, int64_t lines, int64_t cb, int64_t ob)
{
    lines = least(lines, p->s.oh);
    int64_t fit = 1;
    while (fit < lines && x_pixels(p, fit + 1) <= PANEL_PIXELS && (fit + 1) * p->line <= PANEL_PIXELS
        && 2 * BLOCK * (x_pixels(p, fit + 1) * cb + (fit + 1) * p->line * ob) <= PANEL_BYTES)
        fit++;
    p->lines = up(lines, up(lines, fit));
    const int64_t pixels = p->taps > 1 ? VISIT_PIXELS_MOVED : VISIT_PIXELS;
    p->visit = 4 * BLOCK * BLOCK * cb * ob * p->taps > SUMS_BYTES ? p->lines : least(p->lines, most(1, pixels / p->line));
}

// How many cycles a thread's share takes, with so many parts of pixels and of channels.
static double cost_of_parts(amx_plan *p, int64_t pixel_parts, int64_t c_parts, int64_t o_parts)
{
    const int64_t lines = up(p->chunks * p->s.oh, pixel_parts), cb = up(p->cb, c_parts), ob = up(p->ob, o_parts);
    choose_panel(p, lines, cb, ob);
    const double tiles = (double)cb * ob * p->taps, steps = (double)lines * p->line / STEP;
    const double x_steps = (double)x_pixels(p, p->lines) / p->lines * lines / STEP;
    const double visits = (double)up(lines, p->visit), sum = 2 * BLOCK * BLOCK * 4 / (tiles * 1024 > SUMS_BYTES ? 8.0 : 32.0);
    double cost = PRODUCT * steps * tiles + PACK_X * x_steps * cb + PACK * steps * ob + sum * visits * tiles;
    if (pixel_parts > 1) // their sums are added up
        cost += 128.0 * (pixel_parts + 1) * p->cb * p->ob * p->taps / (pixel_parts * c_parts * o_parts);
    return cost;
}

static void choose_parts(amx_plan *p)
{
    const int64_t threads = p->s.threads;
    double best = 0;
    for (int64_t i = 1; i <= least(threads, p->chunks * p->s.oh); i++)
        for (int64_t o = 1; o <= least(threads / i, p->ob); o++)
            for (int64_t c = 1; c <= least(threads / (i * o), p->cb); c++) {
                const double cost = cost_of_parts(p, i, c, o);
                if (best && cost >= best)
                    continue;
                best = cost;
                p->pixel_parts = i;
                p->c_parts = c;
                p->o_parts = o;
            }
    choose_panel(p, up(p->chunks * p->s.oh, p->pixel_parts), up(p->cb, p->c_parts), up(p->ob, p->o_parts));
}

static amx_plan plan_of(const wb_amx_shape *s)
{
    amx_plan p = {.cb = up(s->c, BLOCK), .ob = up(s->oc, BLOCK), .taps = s->kh * s->kw};
    view(&p, s);
    p.phases = s->kw == 1 ? 1 : s->stride[1];
    p.row_step = s->kh == 1 ? s->stride[0] : 1;
    choose_together(&p);
    choose_parts(&p);
    // The last step may read beyond the last line. An odd number of cache lines keeps channels from
    // falling on the same sets of the cache.
    const int64_t x = up(x_pixels(&p, p.lines), STEP) + 1;
    p.xstride = (x | 1) * STEP;
    p.sums = p.cb * p.ob * p.taps * BLOCK * BLOCK;
    p.xbytes = up(p.cb, p.c_parts) * BLOCK * p.xstride * 2;
    p.ybytes = up(p.ob, p.o_parts) * BLOCK * p.lines * p.line * 2;
    p.list_bytes = most(p.xstride, p.lines * p.line) * (int64_t)sizeof(uint16_t *);
    p.zero_bytes = up(most(p.cb, p.ob) * BLOCK, STEP) * STEP * 2;
    return p;
}

static int64_t thread_bytes(const amx_plan *p) { return p->xbytes + p->ybytes + p->list_bytes + p->zero_bytes; }

static int64_t parts(const amx_plan *p) { return p->pixel_parts * p->c_parts * p->o_parts; }

// The i-th of so many even parts begins here.
static int64_t begin_of(int64_t all, int64_t parts, int64_t i) { return all * i / parts; }

#endif
