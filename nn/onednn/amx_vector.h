// The kernel; amx.c includes this once for the processor's tiles and once for those in plain C.

#define INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("GCC unroll 16")

// Alternates elements of a and b: of the lower or the upper half of each 16 bytes.
#define TURNS16(i, half) 8 * i + half, 8 * i + half + 32, 8 * i + half + 1, 8 * i + half + 33, 8 * i + half + 2, \
    8 * i + half + 34, 8 * i + half + 3, 8 * i + half + 35
#define TURNS32(i, half) 4 * i + half, 4 * i + half + 16, 4 * i + half + 1, 4 * i + half + 17
#define TURNS64(i, half) 2 * i + half, 2 * i + half + 8
#define TURNS(bits, half, a, b) __builtin_shufflevector(a, b, TURNS##bits(0, half), TURNS##bits(1, half), \
    TURNS##bits(2, half), TURNS##bits(3, half))

// Packs 32 pixels of eight channels: a line of pixels for each channel.
INLINE void NAME(transpose)(const uint16_t *const *pixel, int64_t channel, int64_t valid, uint16_t *to, int64_t stride)
{
    words w[8], d[8];
    UNROLL for (int j = 0; j < 8; j += 2) {
        halves a, b;
        NAME(load_four)(pixel + j, channel, valid, &a);
        NAME(load_four)(pixel + j + 1, channel, valid, &b);
        w[j] = (words)TURNS(16, 0, a, b);
        w[j + 1] = (words)TURNS(16, 4, a, b);
    }
    UNROLL for (int j = 0; j < 8; j += 4)
        UNROLL for (int i = 0; i < 2; i++) {
            d[j + 2 * i] = TURNS(32, 0, w[j + i], w[j + i + 2]);
            d[j + 2 * i + 1] = TURNS(32, 2, w[j + i], w[j + i + 2]);
        }
    UNROLL for (int i = 0; i < 4; i++) {
        const longs a = (longs)d[i], b = (longs)d[i + 4];
        *(longs *)(to + 2 * i * stride) = TURNS(64, 0, a, b);
        *(longs *)(to + (2 * i + 1) * stride) = TURNS(64, 1, a, b);
    }
}

#undef TURNS16
#undef TURNS32
#undef TURNS64
#undef TURNS

// Packs 32 pixels of 16 channels by pairs of pixels.
INLINE void NAME(pair)(const uint16_t *const *pixel, int64_t channel, int64_t valid, uint16_t *to)
{
    UNROLL for (int i = 0; i < STEP / 2; i++) {
        words even, odd;
        NAME(load_words)(pixel[2 * i] + channel, valid, &even);
        NAME(load_words)(pixel[2 * i + 1] + channel, valid, &odd);
        *(words *)(to + 2 * BLOCK * i) = even | odd << 16;
    }
}

// Prefetches the 32 pixels of the next step while this one is packed.
static __attribute__((noinline)) void NAME(ahead)(const uint16_t *const *pixel, int64_t channel)
{
    UNROLL for (int i = 0; i < STEP; i++)
        __builtin_prefetch(pixel[i] + channel, 0, 2);
}

// Not inlined, because the compiler would keep the 32 addresses in vectors.
static __attribute__((noinline)) void NAME(pack_x_half)(const uint16_t *const *pixel, int64_t channel, int64_t valid,
    uint16_t *to, int64_t stride)
{
    if (valid >= BLOCK / 2)
        NAME(transpose)(pixel, channel, BLOCK / 2, to, stride);
    else
        NAME(transpose)(pixel, channel, valid, to, stride);
}

static __attribute__((noinline)) void NAME(pack_y_tile)(const uint16_t *const *pixel, int64_t channel, int64_t valid, uint16_t *to)
{
    if (valid >= BLOCK)
        NAME(pair)(pixel, channel, BLOCK, to);
    else
        NAME(pair)(pixel, channel, valid, to);
}

static void NAME(pack_x)(const share *s, int64_t steps)
{
    for (int64_t t = 0; t < steps; t++)
        for (int64_t c = s->c; c < s->c_end; c++) {
            const uint16_t *const *pixel = s->list + t * STEP;
            uint16_t *to = s->x + (c - s->c) * BLOCK * s->p->xstride + t * STEP;
            for (int64_t i = 0; i < BLOCK; i += BLOCK / 2)
                NAME(pack_x_half)(pixel, c * BLOCK + i, s->p->s.c - c * BLOCK - i, to + i * s->p->xstride, s->p->xstride);
            if (t + 1 < steps && (c - s->c) % 2 == 0)
                NAME(ahead)(pixel + STEP, c * BLOCK);
        }
}

static void NAME(pack_y)(const share *s, int64_t steps)
{
    const int64_t block = BLOCK * s->p->lines * s->p->line;
    for (int64_t t = 0; t < steps; t++)
        for (int64_t o = s->o; o < s->o_end; o++) {
            const uint16_t *const *pixel = s->list + t * STEP;
            NAME(pack_y_tile)(pixel, o * BLOCK, s->p->s.oc - o * BLOCK, s->y + (o - s->o) * block + t * TILE);
            if (t + 1 < steps && (o - s->o) % 2 == 0)
                NAME(ahead)(pixel + STEP, o * BLOCK);
        }
}

// The pixels of a product of tiles: lines of so many steps. The lines of x are `line` pixels apart.
typedef struct {
    int64_t lines, steps, line, xstride;
    int fresh; // sums begin at zero
} NAME(walk);

// to[i·nb + j] += x[i] · y[j] over the walk.
INLINE void NAME(products)(const int na, const int nb, const uint16_t *const *x, const uint16_t *const *y, float *const *to,
    const NAME(walk) *k)
{
    const int64_t row = k->xstride * 2;
    UNROLL for (int i = 0; i < na * nb; i++)
        if (k->fresh)
            NAME(tile_zero)(i);
        else
            NAME(tile_load)(i, to[i], 64);
    for (int64_t l = 0; l < k->lines; l++)
        for (int64_t t = 0; t < k->steps; t++) {
            const int64_t xt = l * k->line + t * STEP, yt = (l * k->steps + t) * TILE;
            if (na <= 2) {
                UNROLL for (int i = 0; i < na; i++)
                    NAME(tile_load)(4 + i, x[i] + xt, row);
                UNROLL for (int j = 0; j < nb; j++) {
                    NAME(tile_load)(6 + j % 2, y[j] + yt, 64);
                    UNROLL for (int i = 0; i < na; i++)
                        NAME(tile_product)(i * nb + j, 4 + i, 6 + j % 2);
                }
            } else {
                NAME(tile_load)(6, y[0] + yt, 64);
                UNROLL for (int i = 0; i < na; i++) {
                    NAME(tile_load)(4 + i % 2, x[i] + xt, row);
                    NAME(tile_product)(i, 4 + i % 2, 6);
                }
            }
        }
    UNROLL for (int i = 0; i < na * nb; i++)
        NAME(tile_store)(i, to[i], 64);
}

static void NAME(multiply)(int na, int nb, const uint16_t *const *x, const uint16_t *const *y, float *const *to, const NAME(walk) *k)
{
#define SOME(a, b) case 8 * a + b: NAME(products)(a, b, x, y, to, k); break;
    switch (8 * na + nb) { SOME(1, 1) SOME(1, 2) SOME(1, 3) SOME(1, 4) SOME(2, 1) SOME(2, 2) SOME(3, 1) SOME(4, 1) }
#undef SOME
}

// Lines of y from `begin` to `end` of a panel, and na × nb blocks of channels from c and o on.
typedef struct {
    int64_t begin, end, c, o;
    int na, nb;
} NAME(cell);

// The lines that weight ky of a kernel reads, and where those of x are. All weights of
// one line of the kernel read the same lines.
INLINE NAME(walk) NAME(walk_of)(const share *s, const panel *b, const NAME(cell) *e, int64_t ky, const uint16_t **x, const uint16_t **y)
{
    const amx_plan *p = s->p;
    const int64_t stride = p->s.stride[0], at = ky * p->s.dilation[0] - p->s.begin[0];
    const int64_t begin = most(e->begin, up(-at, stride) - b->y),
        end = most(begin, least(e->end, down(p->s.h - 1 - at, stride) + 1 - b->y));
    NAME(walk) k = {end - begin, p->line / STEP, stride / p->row_step * p->phases * p->xline, p->xstride, b->fresh && e->begin == 0};
    if (k.lines > 0)
        *x = s->x + ((b->y + begin) * stride + at - b->x_line) / p->row_step * p->phases * p->xline + (e->c - s->c) * BLOCK * p->xstride;
    else
        *x = s->x;
    *y = s->y + ((e->o - s->o) * p->lines * p->line + begin * p->line) * BLOCK;
    if (k.line == p->line) { // one long line
        k.steps *= k.lines;
        k.lines = k.lines > 0;
    }
    return k;
}

// Adds to the weights of the cell. Four sums at once hide the latency of a product: sums of four blocks or, if there
// are too few blocks, of neighbouring weights.
static void NAME(add)(const share *s, const panel *b, const NAME(cell) *e)
{
    const amx_plan *p = s->p;
    const int64_t kw = p->s.kw, wide = e->na * e->nb < 3 ? up(kw, up(kw, 4)) : 1;
    for (int64_t ky = 0; ky < p->s.kh; ky++) {
        const uint16_t *x, *y, *xs[4], *ys[4];
        float *to[4];
        const NAME(walk) k = NAME(walk_of)(s, b, e, ky, &x, &y);
        const int64_t y_block = p->lines * p->line * BLOCK, x_block = p->xstride * BLOCK;
        for (int64_t kx = 0; kx < kw; kx += wide) {
            const int count = least(wide, kw - kx), na = wide > 1 ? 1 : e->na, nb = wide > 1 ? 1 : e->nb;
            for (int ci = 0; ci < e->na; ci += na)
                for (int oi = 0; oi < e->nb; oi += nb) {
                    for (int i = 0; i < na * count; i++)
                        for (int j = 0; j < nb; j++) {
                            const int64_t at = kx + (wide > 1 ? i : 0), block = ci + (wide > 1 ? 0 : i);
                            const move m = move_of(&p->s, at);
                            xs[i] = x + block * x_block + (p->phases > 1 ? m.phase * p->xline : 0) + (m.offset - p->first) * p->together;
                            ys[j] = y + (oi + j) * y_block;
                            to[i * nb + j] = s->to + ((((e->o + oi + j) * p->cb + e->c + block) * p->s.kh + ky) * kw + at) * BLOCK * BLOCK;
                        }
                    NAME(multiply)(na * count, nb, xs, ys, to, &k);
                }
        }
    }
}

// Cells of two by two blocks, or of four by one if one side has only one block.
static void NAME(add_visit)(const share *s, const panel *b, int64_t begin, int64_t end)
{
    const int64_t c_even = s->c_end - (s->c_end - s->c) % 2, o_even = s->o_end - (s->o_end - s->o) % 2;
    for (int64_t o = s->o; o < o_even; o += 2)
        for (int64_t c = s->c; c < c_even; c += 2)
            NAME(add)(s, b, &(NAME(cell)){begin, end, c, o, 2, 2});
    if (c_even < s->c_end)
        for (int64_t o = s->o; o < s->o_end; o += 4)
            NAME(add)(s, b, &(NAME(cell)){begin, end, c_even, o, 1, least(4, s->o_end - o)});
    if (o_even < s->o_end)
        for (int64_t c = s->c; c < c_even; c += 4)
            NAME(add)(s, b, &(NAME(cell)){begin, end, c, o_even, least(4, c_even - c), 1});
}

static void NAME(gradient_of_share)(const share *s)
{
    const amx_plan *p = s->p;
    NAME(tiles_begin)();
    int fresh = 1;
    for (int64_t line = s->first_line; line < s->last_line;) {
        panel b = {.image = line / p->s.oh * p->together, .y = line % p->s.oh, .fresh = fresh};
        b.lines = least(p->lines, least(p->s.oh - b.y, s->last_line - line));
        NAME(pack_x)(s, list_x(s, &b));
        NAME(pack_y)(s, list_y(s, &b));
        for (int64_t i = 0; i < b.lines; i += p->visit)
            NAME(add_visit)(s, &b, i, least(i + p->visit, b.lines));
        line += b.lines;
        fresh = 0;
    }
    NAME(tiles_end)();
}

static void NAME(gradient)(const wb_amx_gradient_arg *a, const amx_plan *p)
{
#pragma omp parallel num_threads(p->s.threads)
    {
#pragma omp for schedule(static, 1)
        for (int64_t i = 0; i < parts(p); i++) {
            const share s = share_of(a, p, i);
            NAME(gradient_of_share)(&s);
        }
        const float *sums = (const float *)((const char *)a->work + parts(p) * thread_bytes(p));
        if (p->pixel_parts > 1) {
#pragma omp for schedule(static)
            for (int64_t tile = 0; tile < p->sums; tile += BLOCK * BLOCK)
                for (int64_t i = 0; i < p->pixel_parts - 1; i++)
                    for (int64_t k = tile; k < tile + BLOCK * BLOCK; k++)
                        a->dw[k] += sums[i * p->sums + k];
        }
    }
}

#undef INLINE
#undef UNROLL
