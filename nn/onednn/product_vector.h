// The kernels for vectors of B floats; product.c includes this once for each width.

#include "vector.h"
#define DEPTH (WB_PRODUCT_DEPTH / B)
#define CHUNK (WB_PRODUCT_CHUNK / B)

// Where the first channels of a row's pixel lie.
INLINE int64_t NAME(pixel)(const grid *g, int64_t oh, int64_t ow, int64_t row)
{
    const int64_t x = row % ow * g->stride[1], y = row / ow % oh * g->stride[0], n = row / ow / oh;
    return n * g->channels * g->h * g->w + (y * g->w + x) * B;
}

// Rows in strips of ROWS: [count/ROWS][channels/B][ROWS][B]. Rows that are missing in the last strip are zero.
INLINE void NAME(pack)(const pass *p, const int64_t *at, int64_t count, float *out)
{
    const int64_t depth = p->from.channels, area = p->from.h * p->from.w * B;
    for (int64_t k = 0; k < depth; k += B) {
        const float *from = p->x + k / B * area;
        for (int64_t r = 0; r < count; r += ROWS) {
            float *to = out + r * depth + k * ROWS;
            const int64_t rows = count - r < ROWS ? count - r : ROWS;
            for (int64_t i = 0; i < rows; i++)
                *(VEC *)(to + i * B) = *(const VEC *)(from + at[r + i]);
            for (int64_t i = rows; i < ROWS; i++)
                *(VEC *)(to + i * B) = (REG){0};
        }
    }
}

// Exchanges lanes between two vectors: those whose number has the bit d in the one vector
// with those whose number lacks it in the other.
#define LOW(i, d) ((i) & (d) ? B + (i) - (d) : (i))
#define HIGH(i, d) ((i) & (d) ? B + (i) : (i) + (d))
#define EIGHT(f, i, d) f(i, d), f(i + 1, d), f(i + 2, d), f(i + 3, d), f(i + 4, d), f(i + 5, d), f(i + 6, d), f(i + 7, d)
#if B == 16
#define LANES(f, d) {EIGHT(f, 0, d), EIGHT(f, 8, d)}
#else
#define LANES(f, d) {EIGHT(f, 0, d)}
#endif
#define EXCHANGE(d)                                              \
    UNROLL for (int i = 0; i < B; i++)                           \
        if (!(i & d)) {                                          \
            const NAME(mask) low = LANES(LOW, d);                \
            const NAME(mask) high = LANES(HIGH, d);              \
            const REG a = r[i], b = r[i + d];                    \
            r[i] = __builtin_shuffle(a, b, low);                 \
            r[i + d] = __builtin_shuffle(a, b, high);            \
        }

// A block's lines become its columns.
INLINE void NAME(turn)(const float *from, float *to, int64_t line)
{
    REG r[B];
    UNROLL for (int i = 0; i < B; i++)
        r[i] = *(const VEC *)(from + i * B);
#if B == 16
    EXCHANGE(8)
#endif
    EXCHANGE(4)
    EXCHANGE(2)
    EXCHANGE(1)
    UNROLL for (int i = 0; i < B; i++)
        *(VEC *)(to + i * line) = r[i];
}

// Turns the weights of the channels [first, first + depth) and of `vectors` blocks of
// results from the o-th on into [depth][vectors·B].
INLINE void NAME(turn_weights)(const pass *p, int64_t first, int64_t depth, int64_t o, int vectors, float *out)
{
    const int64_t blocks = p->to.channels / B;
    for (int64_t k = 0; k < depth; k += B)
        for (int v = 0; v < vectors; v++)
            NAME(turn)(p->weights + ((first + k) / B * blocks + o / B + v) * B * B, out + k * vectors * B + v * B, vectors * B);
}

// The weights that are turned next. While it computes, every strip prefetches `each` floats of every
// block of channels, which are `step` apart.
typedef struct {
    const float *blocks;
    int64_t step, each;
} NAME(coming);

// sum[r][v] += Σ_k a[k/B][r][k%B] · b[k][v] for `rows` rows of a strip. The vectors of b
// are `next` floats apart, its lines `line`.
INLINE void NAME(strip)(int rows, int vectors, int64_t depth, const float *a, const float *b, int64_t line, int64_t next, REG sum[ROWS][2],
    const NAME(coming) *c, int64_t row)
{
    const float *ahead = c->blocks + row / ROWS * c->each;
    const int64_t each = (row / ROWS + 1) * c->each <= vectors * B * B ? c->each : 0;
    for (int64_t k = 0; k < depth; k += B) {
        for (int64_t i = 0; i < each; i += 16)
            __builtin_prefetch(ahead + i);
        ahead += c->step;
        _Pragma("GCC unroll 2") for (int i = 0; i < B; i++) {
            REG l[2];
            UNROLL for (int v = 0; v < vectors; v++)
                l[v] = *(const VEC *)(b + i * line + v * next);
            UNROLL for (int r = 0; r < rows; r++) UNROLL for (int v = 0; v < vectors; v++)
                sum[r][v] += a[r * B + i] * l[v];
        }
        a += ROWS * B;
        b += B * line;
    }
}

// Part of a panel's sums: results of `vectors` blocks from the o-th on.
typedef struct {
    const float *a, *b;   // packed rows and weights, from the first of the channels on
    int64_t line, next;   // of b
    int64_t depth, o;
    const int64_t *to;    // where the rows' pixels are in y
    float *sums;          // [rows][2·B] between the parts
    int first, last;      // of the parts
    float bias[2 * B];
    NAME(coming) coming;
} NAME(part);

INLINE void NAME(rows)(const pass *p, const NAME(part) *t, int64_t row, int64_t count, int rows, int vectors)
{
    REG sum[ROWS][2];
    float *sums = t->sums + row * 2 * B;
    UNROLL for (int r = 0; r < rows; r++) UNROLL for (int v = 0; v < vectors; v++)
        sum[r][v] = t->first ? (REG) * (const VEC *)(t->bias + v * B) : (REG) * (const VEC *)(sums + (r * 2 + v) * B);
    NAME(strip)(rows, vectors, t->depth, t->a + row * p->from.channels, t->b, t->line, t->next, sum, &t->coming, row);
    if (!t->last) {
        UNROLL for (int r = 0; r < rows; r++) UNROLL for (int v = 0; v < vectors; v++)
            *(VEC *)(sums + (r * 2 + v) * B) = sum[r][v];
        return;
    }
    const int64_t area = p->to.h * p->to.w * B;
    UNROLL for (int r = 0; r < rows; r++) {
        if (r >= count)
            return;
        const int64_t at = t->to[row + r] + t->o / B * area;
        UNROLL for (int v = 0; v < vectors; v++) {
            REG y = sum[r][v];
            if (p->shortcut)
                y += *(const VEC *)(p->shortcut + at + v * area);
            if (p->relu)
                y = (REG)((NAME(mask))y & ~(y < 0));
            *(VEC *)(p->y + at + v * area) = y;
        }
    }
}

// A strip, by kernels for a third, for two thirds and for all of its rows.
INLINE void NAME(some_rows)(const pass *p, const NAME(part) *t, int64_t row, int64_t count, int vectors)
{
    if (count > ROWS / 3 * 2)
        NAME(rows)(p, t, row, count, ROWS, vectors);
    else if (count > ROWS / 3)
        NAME(rows)(p, t, row, count, ROWS / 3 * 2, vectors);
    else
        NAME(rows)(p, t, row, count, ROWS / 3, vectors);
}

// The panel's results of `vectors` blocks from the o-th on.
INLINE void NAME(results)(const pass *p, const float *packed, NAME(part) *t, int64_t count, float *weights, int vectors)
{
    const int64_t depth = p->from.channels, parts = (depth + DEPTH - 1) / DEPTH;
    const int64_t step = (depth / B + parts - 1) / parts * B;
    for (int v = 0; v < vectors * B; v++)
        t->bias[v] = t->o + v < p->biases ? p->bias[t->o + v] : 0;
    for (int64_t k = 0; k < depth; k += step) {
        t->depth = depth - k < step ? depth - k : step;
        t->first = k == 0;
        t->last = k + t->depth == depth;
        t->a = packed + k * ROWS;
        if (p->turned) {
            NAME(turn_weights)(p, k, t->depth, t->o, vectors, weights);
            t->b = weights, t->line = vectors * B, t->next = B;
            const int64_t strips = (count + ROWS - 1) / ROWS, lines = vectors * B * B / 16, blocks = p->to.channels / B;
            const int64_t o = t->last ? t->o / B + 2 : t->o / B, next = t->last ? 0 : k + step;
            t->coming = (NAME(coming)){p->weights + (next / B * blocks + o) * B * B, blocks * B * B,
                o < blocks ? (lines + strips - 1) / strips * 16 : 0};
        } else
            t->b = p->weights + t->o * depth + k * B, t->line = B, t->next = depth * B;
        for (int64_t row = 0; row < count; row += ROWS)
            NAME(some_rows)(p, t, row, count - row, vectors);
    }
}

static void NAME(panel)(const pass *p, int64_t first, int64_t count, int64_t pair, int64_t pairs, float *work)
{
    int64_t from[WB_PRODUCT_ROWS], to[WB_PRODUCT_ROWS];
    for (int64_t i = 0; i < count; i++) {
        from[i] = NAME(pixel)(&p->from, p->oh, p->ow, first + i);
        to[i] = NAME(pixel)(&p->to, p->oh, p->ow, first + i);
    }
    float *weights = work, *sums = weights + 2 * WB_PRODUCT_DEPTH, *packed = sums + WB_PRODUCT_ROWS * 2 * B;
    NAME(pack)(p, from, count, packed);
    NAME(part) t = {.to = to, .sums = sums};
    for (t.o = pair * 2 * B; t.o < (pair + pairs) * 2 * B && t.o < p->to.channels; t.o += 2 * B)
        if (p->to.channels - t.o >= 2 * B)
            NAME(results)(p, packed, &t, count, weights, 2);
        else
            NAME(results)(p, packed, &t, count, weights, 1);
}

static void NAME(multiply)(const pass *p)
{
    const int64_t pairs = (p->to.channels + 2 * B - 1) / (2 * B), each = pass_floats(p);
#pragma omp parallel num_threads(p->threads)
    {
        if (p->to.stride[0] > 1 || p->to.stride[1] > 1) {
            const int64_t size = p->to.channels * p->to.h * p->to.w;
#pragma omp for schedule(static)
            for (int64_t n = 0; n < p->rows / (p->oh * p->ow); n++)
                memset(p->y + n * size, 0, size * sizeof *p->y);
        }
        float *work = p->work + omp_get_thread_num() * each;
#pragma omp for collapse(2) schedule(static)
        for (int64_t i = 0; i < p->panels; i++)
            for (int64_t g = 0; g < p->groups; g++) {
                const int64_t first = i * p->panel, count = p->rows - first < p->panel ? p->rows - first : p->panel;
                const int64_t pair = g * pairs / p->groups, end = (g + 1) * pairs / p->groups;
                NAME(panel)(p, first, count, pair, end - pair, work);
            }
    }
}

// The gradient of weights.

// dw[v][r] (+)= Σ_t x[t][r] · dy[v][t] for `rows` channels of x and `vectors` blocks of dy, which are
// `next` floats apart; those of dw are `apart`.
INLINE void NAME(gather)(int rows, int vectors, int64_t count, const float *x, const float *dy, int64_t next, float *dw,
    int64_t apart, int add)
{
    REG sum[GRADIENT_ROWS][3];
    UNROLL for (int r = 0; r < rows; r++) UNROLL for (int v = 0; v < vectors; v++)
        sum[r][v] = add ? (REG) * (const VEC *)(dw + v * apart + r * B) : (REG){0};
    for (int64_t t = 0; t < count; t++) {
        REG l[3];
        UNROLL for (int v = 0; v < vectors; v++)
            l[v] = *(const VEC *)(dy + v * next + t * B);
        UNROLL for (int r = 0; r < rows; r++) UNROLL for (int v = 0; v < vectors; v++)
            sum[r][v] += x[t * B + r] * l[v];
    }
    UNROLL for (int r = 0; r < rows; r++) UNROLL for (int v = 0; v < vectors; v++)
        *(VEC *)(dw + v * apart + r * B) = sum[r][v];
}

// Pixels in blocks of channels: rows of x and dy, whose blocks are `next` floats apart.
typedef struct {
    const float *x, *dy;
    int64_t x_next, dy_next, count;
} NAME(chunk);

// Adds what the pixels contribute to the weights of the blocks [o, end) of results.
INLINE void NAME(add_chunk)(const wb_product_shape *s, const NAME(chunk) *k, int64_t o, int64_t end, float *dw, int add)
{
    const int64_t apart = s->c * B;
    while (o < end) {
        const int64_t left = end - o, vectors = left == 4 ? 2 : left < 3 ? left : 3;
        const float *dy = k->dy + o * k->dy_next;
        for (int64_t c = 0; c < s->c; c += GRADIENT_ROWS) {
            const float *x = k->x + c / B * k->x_next + c % B;
            float *to = dw + o * apart + c * B;
            if (vectors == 3)
                NAME(gather)(GRADIENT_ROWS, 3, k->count, x, dy, k->dy_next, to, apart, add);
            else if (vectors == 2)
                NAME(gather)(GRADIENT_ROWS, 2, k->count, x, dy, k->dy_next, to, apart, add);
            else
                NAME(gather)(GRADIENT_ROWS, 1, k->count, x, dy, k->dy_next, to, apart, add);
        }
        o += vectors;
    }
}

// Blocks [first, end) of the rows' channels: [block][CHUNK][B].
INLINE void NAME(pack_blocks)(const grid *g, const float *image, const int64_t *at, int64_t count, int64_t first, int64_t end, float *out)
{
    for (int64_t b = first; b < end; b++)
        for (int64_t i = 0; i < count; i++)
            *(VEC *)(out + (b * CHUNK + i) * B) = *(const VEC *)(image + b * g->h * g->w * B + at[i]);
}

// A slice of the pixels and the blocks [o, end) of results.
static void NAME(slice)(const wb_product_bwd_weights_arg *a, int64_t row, int64_t last, int64_t o, int64_t end, float *dw, float *work)
{
    const wb_product_shape *s = &a->s;
    const grid x = {s->c, s->h, s->w, {s->stride[0], s->stride[1]}}, y = {s->oc, s->oh, s->ow, {1, 1}};
    const int64_t area = s->oh * s->ow;
    const int whole = area == s->h * s->w && area >= CHUNK / 2; // chunks of one image are where they are
    float *dy = work + s->c * CHUNK;
    for (int add = 0; row < last; add = 1) {
        int64_t count = last - row < CHUNK ? last - row : CHUNK;
        if (whole) {
            const int64_t left = area - row % area, parts = (left + CHUNK - 1) / CHUNK, even = (left + parts - 1) / parts;
            count = last - row < even ? last - row : even;
            const NAME(chunk) k = {a->x + NAME(pixel)(&x, s->oh, s->ow, row), a->dy + NAME(pixel)(&y, s->oh, s->ow, row),
                area * B, area * B, count};
            NAME(add_chunk)(s, &k, o, end, dw, add);
        } else {
            int64_t at[CHUNK];
            for (int64_t i = 0; i < count; i++)
                at[i] = NAME(pixel)(&x, s->oh, s->ow, row + i);
            NAME(pack_blocks)(&x, a->x, at, count, 0, s->c / B, work);
            for (int64_t i = 0; i < count; i++)
                at[i] = NAME(pixel)(&y, s->oh, s->ow, row + i);
            NAME(pack_blocks)(&y, a->dy, at, count, o, end, dy);
            const NAME(chunk) k = {work, dy, CHUNK * B, CHUNK * B, count};
            NAME(add_chunk)(s, &k, o, end, dw, add);
        }
        row += count;
    }
}

// Every slice has sums of its own. They are then added in the order of the slices, so
// that no sum depends on the number of threads.
static void NAME(gradient)(const wb_product_bwd_weights_arg *a, const gradient_parts *p)
{
    const wb_product_shape *s = &a->s;
    const int64_t size = s->c * s->oc, units = (s->oc / B + 2) / 3;
    float *sums = a->work + s->threads * (s->c + s->oc) * CHUNK;
#pragma omp parallel num_threads(s->threads)
    {
        float *work = a->work + omp_get_thread_num() * (s->c + s->oc) * CHUNK;
#pragma omp for collapse(2) schedule(static)
        for (int64_t i = 0; i < p->slices; i++)
            for (int64_t g = 0; g < p->groups; g++) {
                const int64_t o = g * units / p->groups * 3, end = (g + 1) * units / p->groups * 3;
                NAME(slice)(a, i * p->rows / p->slices, (i + 1) * p->rows / p->slices, o, end < s->oc / B ? end : s->oc / B,
                    i ? sums + (i - 1) * size : a->dw, work);
            }
        if (p->slices > 1) {
#pragma omp for schedule(static)
            for (int64_t j = 0; j < size; j += B) {
                REG sum = *(VEC *)(a->dw + j);
                for (int64_t i = 1; i < p->slices; i++)
                    sum += *(VEC *)(sums + (i - 1) * size + j);
                *(VEC *)(a->dw + j) = sum;
            }
        }
    }
}

#undef DEPTH
#undef CHUNK
#undef LOW
#undef HIGH
#undef EIGHT
#undef LANES
#undef EXCHANGE
