// The kernels for vectors of B floats; winograd.c includes this once for each width.

#include "vector.h"

// Six points from six values: the transform of the input along one axis.
INLINE void NAME(points_of_six)(const REG d[6], REG u[6])
{
    const REG ea = d[4] - PB2 * d[2], oa = d[3] - PB2 * d[1];
    const REG eb = d[4] - PA2 * d[2], ob = d[3] - PA2 * d[1];
    u[0] = d[4] + PA2 * PB2 * d[0] - (PA2 + PB2) * d[2];
    u[1] = ea + PA * oa;
    u[2] = ea - PA * oa;
    u[3] = eb + PB * ob;
    u[4] = eb - PB * ob;
    u[5] = d[5] + PA2 * PB2 * d[1] - (PA2 + PB2) * d[3];
}

// Four results from six points.
INLINE void NAME(four_of_points)(const REG m[6], REG y[4])
{
    const REG sa = m[1] + m[2], da = m[1] - m[2], sb = m[3] + m[4], db = m[3] - m[4];
    y[0] = m[0] + sa + sb;
    y[1] = PA * da + PB * db;
    y[2] = PA2 * sa + PB2 * sb;
    y[3] = m[5] + PA * PA2 * da + PB * PB2 * db;
}

// Six points from three weights.
INLINE void NAME(points_of_three)(const REG g[3], REG u[6])
{
    const REG ea = WA * g[0] + WA * PA2 * g[2], eb = WB * g[0] + WB * PB2 * g[2];
    u[0] = W0 * g[0];
    u[1] = ea + WA * PA * g[1];
    u[2] = ea - WA * PA * g[1];
    u[3] = eb + WB * PB * g[1];
    u[4] = eb - WB * PB * g[1];
    u[5] = g[2];
}

// Six points from four gradients of results.
INLINE void NAME(points_of_four)(const REG g[4], REG u[6])
{
    const REG ea = WA * g[0] + WA * PA2 * g[2], oa = WA * PA * g[1] + WA * PA * PA2 * g[3];
    const REG eb = WB * g[0] + WB * PB2 * g[2], ob = WB * PB * g[1] + WB * PB * PB2 * g[3];
    u[0] = W0 * g[0];
    u[1] = ea + oa;
    u[2] = ea - oa;
    u[3] = eb + ob;
    u[4] = eb - ob;
    u[5] = g[3];
}

// Three gradients of weights from six points.
INLINE void NAME(three_of_points)(const REG m[6], REG y[3])
{
    const REG sa = m[1] + m[2], da = m[1] - m[2], sb = m[3] + m[4], db = m[3] - m[4];
    y[0] = m[0] + sa + sb;
    y[1] = PA * da + PB * db;
    y[2] = m[5] + PA2 * sa + PB2 * sb;
}

// Where tile t begins among the results.
INLINE void NAME(place)(const wb_winograd_shape *s, int64_t t, int64_t *n, int64_t *y, int64_t *x)
{
    const int64_t th = (s->oh + 3) / 4, tw = (s->ow + 3) / 4;
    *n = t / (th * tw);
    *y = t / tw % th * 4;
    *x = t % tw * 4;
}

// Reads size×size pixels from (y, x) of a block of channels, with zeros where they are outside of the image.
INLINE const float *NAME(pixels)(const float *image, int64_t h, int64_t w, int64_t y, int64_t x, int size, float *patch, int64_t *line)
{
    if (y >= 0 && x >= 0 && y + size <= h && x + size <= w) {
        *line = w * B;
        return image + (y * w + x) * B;
    }
    const int64_t top = y < 0 ? -y : 0, bottom = y + size > h ? h - y : size;
    const int64_t left = x < 0 ? -x : 0, right = x + size > w ? w - x : size;
    memset(patch, 0, size * size * B * sizeof *patch);
    for (int64_t i = top; i < bottom; i++) {
        const float *from = image + ((y + i) * w + x) * B;
        float *to = patch + i * size * B;
        for (int64_t j = left; j < right; j++) {
            REG pixel = *(const VEC *)(from + j * B);
            __asm__("" : "+x"(pixel)); // or the compiler calls memcpy for these few, which takes longer
            *(VEC *)(to + j * B) = pixel;
        }
    }
    *line = size * B;
    return patch;
}

// Writes the points of size×size pixels to out, `stride` floats apart.
#define TRANSFORM(name, size, along)                                                                                   \
    INLINE void NAME(name)(const float *image, int64_t h, int64_t w, int64_t y, int64_t x, float *out, int64_t stride) \
    {                                                                                                                  \
        float patch[size * size * B] __attribute__((aligned(64)));                                                     \
        int64_t line;                                                                                                  \
        const float *from = NAME(pixels)(image, h, w, y, x, size, patch, &line);                                       \
        REG half[6][size], column[size], points[6];                                                                    \
        for (int j = 0; j < size; j++) {                                                                               \
            UNROLL for (int i = 0; i < size; i++)                                                                      \
                column[i] = *(const VEC *)(from + i * line + j * B);                                                   \
            NAME(along)(column, points);                                                                               \
            UNROLL for (int i = 0; i < 6; i++)                                                                         \
                half[i][j] = points[i];                                                                                \
        }                                                                                                              \
        for (int i = 0; i < 6; i++) {                                                                                  \
            NAME(along)(half[i], points);                                                                              \
            UNROLL for (int j = 0; j < 6; j++)                                                                         \
                *(VEC *)(out + (6 * i + j) * stride) = points[j];                                                      \
        }                                                                                                              \
    }

TRANSFORM(transform_input, 6, points_of_six)
TRANSFORM(transform_gradient, 4, points_of_four)

// Sums of products: c[r][v] (+)= Σ_k a[r·row + k·step] · b[k][v] for `rows` rows and `vectors` vectors. The lines of
// b and c have `b_line` and `c_line` floats.
INLINE void NAME(multiply)(int rows, int vectors, int64_t depth, const float *a, int64_t row, int64_t step, const float *b,
    int64_t b_line, float *c, int64_t c_line, int add)
{
    REG sum[ROWS > GRADIENT_ROWS ? ROWS : GRADIENT_ROWS][2];
    UNROLL for (int r = 0; r < rows; r++) UNROLL for (int v = 0; v < vectors; v++)
        sum[r][v] = add ? (REG) * (const VEC *)(c + r * c_line + v * B) : (REG){0};
    for (int64_t k = 0; k < depth; k++) {
        REG line[2];
        UNROLL for (int v = 0; v < vectors; v++)
            line[v] = *(const VEC *)(b + k * b_line + v * B);
        UNROLL for (int r = 0; r < rows; r++) UNROLL for (int v = 0; v < vectors; v++)
            sum[r][v] += a[r * row + k * step] * line[v];
    }
    UNROLL for (int r = 0; r < rows; r++) UNROLL for (int v = 0; v < vectors; v++)
        *(VEC *)(c + r * c_line + v * B) = sum[r][v];
}

// m [count, oc] = v [count, c] · u, where u has lines of two vectors of results.
static void NAME(multiply_point)(const wb_winograd_shape *s, int64_t count, const float *v, const float *u, float *m)
{
    for (int64_t o = 0; o < s->oc; o += 2 * B)
        for (int64_t t = 0; t < count; t += ROWS) {
            const float *a = v + t * s->c, *b = u + o * s->c;
            float *c = m + t * s->oc + o;
            if (s->oc - o >= 2 * B)
                NAME(multiply)(ROWS, 2, s->c, a, s->c, 1, b, 2 * B, c, s->oc, 0);
            else
                NAME(multiply)(ROWS, 1, s->c, a, s->c, 1, b, B, c, s->oc, 0);
        }
}

INLINE void NAME(transform_output)(const wb_winograd_arg *a, const float *m, int64_t stride, const float *bias, float *image,
    int64_t y, int64_t x)
{
    REG half[4][6], column[6], four[4];
    for (int j = 0; j < 6; j++) {
        UNROLL for (int i = 0; i < 6; i++)
            column[i] = *(const VEC *)(m + (6 * i + j) * stride);
        NAME(four_of_points)(column, four);
        UNROLL for (int i = 0; i < 4; i++)
            half[i][j] = four[i];
    }
    const int64_t rows = a->s.oh - y < 4 ? a->s.oh - y : 4, columns = a->s.ow - x < 4 ? a->s.ow - x : 4;
    for (int64_t i = 0; i < rows; i++) {
        NAME(four_of_points)(half[i], four);
        float *to = image + ((y + i) * a->s.ow + x) * B;
        UNROLL for (int j = 0; j < 4; j++) {
            if (j >= columns)
                break;
            REG r = four[j] + *(const VEC *)bias;
            if (a->shortcut)
                r += *(const VEC *)(to - a->y + a->shortcut + j * B);
            if (a->relu)
                r = (REG)((NAME(mask))r & ~(r < 0));
            *(VEC *)(to + j * B) = r;
        }
    }
}

static void NAME(forward)(const wb_winograd_arg *a, const panel *p, const strides *d)
{
    const wb_winograd_shape *s = &a->s;
    const float *bias = a->weights + WB_WINOGRAD_POINTS * s->c * s->oc;
#pragma omp parallel for schedule(static) num_threads(s->threads)
    for (int64_t i = 0; i < p->count; i++) {
        float *v = a->work + omp_get_thread_num() * WB_WINOGRAD_POINTS * (d->x + d->y), *m = v + WB_WINOGRAD_POINTS * d->x;
        const int64_t first = i * p->tiles, count = p->all - first < p->tiles ? p->all - first : p->tiles;
        int64_t n, y, x;
        for (int64_t t = 0; t < count; t++) {
            NAME(place)(s, first + t, &n, &y, &x);
            for (int64_t c = 0; c < s->c; c += B)
                NAME(transform_input)(a->x + (n * s->groups * s->c + c) * s->h * s->w, s->h, s->w, y - s->top, x - s->left,
                    v + t * s->c + c, d->x);
        }
        for (int64_t k = 0; k < WB_WINOGRAD_POINTS; k++)
            NAME(multiply_point)(s, count, v + k * d->x, a->weights + k * s->c * s->oc, m + k * d->y);
        for (int64_t t = 0; t < count; t++) {
            NAME(place)(s, first + t, &n, &y, &x);
            for (int64_t o = 0; o < s->oc; o += B)
                NAME(transform_output)(a, m + t * s->oc + o, d->y, bias + o, a->y + (n * s->groups * s->oc + o) * s->oh * s->ow, y, x);
        }
    }
}

// The weights of one block of results: line i of the block has the weights of channel i.
static void NAME(weights)(const wb_winograd_weights_arg *a)
{
    // The gradient of images goes from the channels of the results to those of the images.
    const int64_t from = a->flip ? a->s.oc : a->s.c, to = a->flip ? a->s.c : a->s.oc, ib = a->s.c / B;
#pragma omp parallel for collapse(2) schedule(static) num_threads(a->s.threads)
    for (int64_t o = 0; o < to; o += B)
        for (int64_t i = 0; i < from; i++) {
            const int64_t block = a->flip ? i / B * ib + o / B : o / B * ib + i / B;
            const float *w = a->weights + block * 9 * B * B + i % B * B;
            REG half[6][3], column[3], points[6];
            for (int x = 0; x < 3; x++) {
                for (int y = 0; y < 3; y++)
                    column[y] = *(const VEC *)(w + (a->flip ? 8 - (3 * y + x) : 3 * y + x) * B * B);
                NAME(points_of_three)(column, points);
                for (int y = 0; y < 6; y++)
                    half[y][x] = points[y];
            }
            const int64_t pair = o / (2 * B) * 2 * B, width = to - pair >= 2 * B ? 2 * B : B;
            float *out = a->out + pair * from + i * width + (o - pair);
            for (int y = 0; y < 6; y++) {
                NAME(points_of_three)(half[y], points);
                for (int x = 0; x < 6; x++)
                    *(VEC *)(out + (6 * y + x) * from * to) = points[x];
            }
        }
}

// sum [oc pairs][c][2·B] += Σ_t v [c/B][t][B] · g [oc pairs][t][2·B] for one pair.
INLINE void NAME(gather)(const wb_winograd_shape *s, int64_t tiles, int64_t count, const float *v, const float *g,
    float *sum, int vectors, int add)
{
    for (int64_t c = 0; c < s->c; c += GRADIENT_ROWS)
        NAME(multiply)(GRADIENT_ROWS, vectors, count, v + c / B * tiles * B + c % B, 1, B, g, vectors * B,
            sum + c * vectors * B, vectors * B, add);
}

static void NAME(transform_panel)(const wb_winograd_gradient_arg *a, const panel *p, const strides *d, int64_t i, float *v, float *g)
{
    const wb_winograd_shape *s = &a->s;
    const int64_t first = i * p->tiles, count = p->all - first < p->tiles ? p->all - first : p->tiles;
#pragma omp for schedule(static)
    for (int64_t t = 0; t < count; t++) {
        int64_t n, y, x;
        NAME(place)(s, first + t, &n, &y, &x);
        for (int64_t c = 0; c < s->c; c += B)
            NAME(transform_input)(a->x + (n * s->groups * s->c + c) * s->h * s->w, s->h, s->w, y - s->top, x - s->left,
                v + c * p->tiles + t * B, d->x);
        for (int64_t o = 0; o < s->oc; o += B) {
            const int64_t pair = o / (2 * B) * 2 * B, width = s->oc - pair >= 2 * B ? 2 * B : B;
            NAME(transform_gradient)(a->dy + (n * s->groups * s->oc + o) * s->oh * s->ow, s->oh, s->ow, y, x,
                g + pair * p->tiles + t * width + (o - pair), d->y);
        }
    }
}

static void NAME(sums_to_weights)(const wb_winograd_gradient_arg *a, const strides *d, const float *sum)
{
    const wb_winograd_shape *s = &a->s;
#pragma omp for collapse(2) schedule(static)
    for (int64_t o = 0; o < s->oc; o += B)
        for (int64_t c = 0; c < s->c; c++) {
            const int64_t pair = o / (2 * B) * 2 * B, width = s->oc - pair >= 2 * B ? 2 * B : B;
            const float *from = sum + pair * s->c + c * width + (o - pair);
            float *w = a->dw + (o / B * (s->c / B) + c / B) * 9 * B * B + c % B * B;
            REG half[3][6], column[6], three[3];
            for (int x = 0; x < 6; x++) {
                for (int y = 0; y < 6; y++)
                    column[y] = *(const VEC *)(from + (6 * y + x) * d->sum);
                NAME(three_of_points)(column, three);
                for (int y = 0; y < 3; y++)
                    half[y][x] = three[y];
            }
            for (int y = 0; y < 3; y++) {
                NAME(three_of_points)(half[y], three);
                for (int x = 0; x < 3; x++)
                    *(VEC *)(w + (3 * y + x) * B * B) = three[x];
            }
        }
}

// All threads transform a panel and then share its points and channels, so that no sum depends on how many they are.
static void NAME(gradient)(const wb_winograd_gradient_arg *a, const panel *p, const strides *d)
{
    const wb_winograd_shape *s = &a->s;
    float *v = a->work, *g = v + WB_WINOGRAD_POINTS * d->x, *sum = g + WB_WINOGRAD_POINTS * d->y;
    const int64_t pairs = (s->oc + 2 * B - 1) / (2 * B);
#pragma omp parallel num_threads(s->threads)
    {
        for (int64_t i = 0; i < p->count; i++) {
            const int64_t count = p->all - i * p->tiles < p->tiles ? p->all - i * p->tiles : p->tiles;
            NAME(transform_panel)(a, p, d, i, v, g);
#pragma omp for collapse(2) schedule(static)
            for (int64_t k = 0; k < WB_WINOGRAD_POINTS; k++)
                for (int64_t pair = 0; pair < pairs; pair++) {
                    const float *from = g + k * d->y + pair * 2 * B * p->tiles;
                    float *to = sum + k * d->sum + pair * 2 * B * s->c;
                    if (s->oc - pair * 2 * B >= 2 * B)
                        NAME(gather)(s, p->tiles, count, v + k * d->x, from, to, 2, i > 0);
                    else
                        NAME(gather)(s, p->tiles, count, v + k * d->x, from, to, 1, i > 0);
                }
        }
        NAME(sums_to_weights)(a, d, sum);
    }
}

#undef TRANSFORM
