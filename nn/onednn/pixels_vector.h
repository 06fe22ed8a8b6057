// The kernels for vectors of B floats; pixels.c includes this once for each width.

#include "vector.h"
#include "activation_vector.h"

// A vector of fewer channels than it has lanes. The lanes beyond them are zero.
INLINE REG NAME(load_some)(const void *from, int64_t i, int64_t count, int half)
{
    char lanes[4 * B] = {0};
    memcpy(lanes, (const char *)from + i * (half ? 2 : 4), count * (half ? 2 : 4));
    return NAME(load)(lanes, 0, half);
}

INLINE REG NAME(element)(const void *from, int64_t i, int64_t count, int half)
{
    return count < B ? NAME(load_some)(from, i, count, half) : NAME(load)(from, i, half);
}

INLINE void NAME(store_element)(void *to, int64_t i, REG v, int64_t count, int half)
{
    char lanes[4 * B];
    if (count >= B) {
        NAME(store)(to, i, v, half);
        return;
    }
    NAME(store)(lanes, 0, v, half);
    memcpy((char *)to + i * (half ? 2 : 4), lanes, count * (half ? 2 : 4));
}

// A channel's coefficients.
typedef struct {
    REG about, factor, offset, gain, map_factor, map_offset;
} NAME(coefficients);

// Adds what pixel p of x, and pixel q of dy, have in the channels from c on to the channels' two sums.
INLINE void NAME(add_pixel)(const wb_summed *s, const NAME(coefficients) * k, int64_t p, int64_t q, int64_t c, int64_t count,
    int half, int gradient, int kind, REG *one, REG *two)
{
    const int64_t i = p * s->channels + c;
    const REG far = NAME(element)(s->x, i, count, half) - k->about;
    REG g = far;
    if (gradient) {
        g = NAME(backwards)(NAME(element)(s->dy, q * s->channels + c, count, half), far * k->map_factor + k->map_offset,
            kind, s->then.slope);
        if (s->result)
            g = NAME(backwards)(g, NAME(element)(s->result, i, count, half), WB_RELU, 0);
        if (s->g)
            NAME(store_element)(s->g, i, g, count, half);
    }
    *one += g;
    *two += g * far;
}

// The sums of `vectors` vectors of channels from c on, by `ways` pixels side by side.
INLINE void NAME(add_up)(const wb_summed *s, wb_pixels which, int64_t c, int vectors, int64_t count, int ways, int half,
    int gradient, int kind, float *sums)
{
    REG one[4] = {{0}}, two[4] = {{0}};
    NAME(coefficients) k[4];
    UNROLL for (int v = 0; v < vectors; v++) {
        const int64_t at = c + v * B;
        k[v].about = s->about ? NAME(element)(s->about, at, count, 0) : (REG){0};
        if (kind != WB_NO_ACTIVATION) {
            k[v].map_factor = NAME(element)(s->map, at, count, 0);
            k[v].map_offset = NAME(element)(s->map, s->channels + at, count, 0);
        }
    }
    for (int64_t n = 0; n < which.planes; n++) {
        const int64_t p = which.x.first + n * which.x.apart, q = which.dy.first + n * which.dy.apart;
        int64_t j = 0;
        for (; j + ways <= which.count; j += ways)
            UNROLL for (int i = 0; i < ways * vectors; i++)
                NAME(add_pixel)(s, k + i % vectors, p + j + i / vectors, q + j + i / vectors, c + i % vectors * B, count,
                    half, gradient, kind, one + i, two + i);
        for (; j < which.count; j++)
            UNROLL for (int v = 0; v < vectors; v++)
                NAME(add_pixel)(s, k + v, p + j, q + j, c + v * B, count, half, gradient, kind, one + v, two + v);
    }
    UNROLL for (int v = 0; v < vectors; v++) {
        UNROLL for (int i = v + vectors; i < ways * vectors; i += vectors) {
            one[v] += one[i];
            two[v] += two[i];
        }
        NAME(store_element)(sums, c + v * B, one[v], count, 0);
        NAME(store_element)(sums, s->channels + c + v * B, two[v], count, 0);
    }
}

// The sums of all channels: by four vectors at a time, then by one. The last vector overlaps the one before or, if
// there are fewer channels than lanes, is filled up with zeros.
INLINE void NAME(add_up_all)(const wb_summed *s, wb_pixels which, int half, int gradient, int kind, float *sums)
{
    int64_t c = 0;
    for (; c + 4 * B <= s->channels; c += 4 * B)
        NAME(add_up)(s, which, c, 4, B, 1, half, gradient, kind, sums);
    for (; c + B <= s->channels; c += B)
        NAME(add_up)(s, which, c, 1, B, 4, half, gradient, kind, sums);
    if (c < s->channels && s->channels > B)
        NAME(add_up)(s, which, s->channels - B, 1, B, 4, half, gradient, kind, sums);
    else if (c < s->channels)
        NAME(add_up)(s, which, 0, 1, s->channels, 1, half, gradient, kind, sums);
}

static void NAME(sum_pixels)(const wb_summed *s, wb_pixels which, int half, float *sums)
{
#define GRADIENT(kind) half ? NAME(add_up_all)(s, which, 1, 1, kind, sums) : NAME(add_up_all)(s, which, 0, 1, kind, sums)
    if (s->dy)
        EACH_ACTIVATION(s->result ? WB_NO_ACTIVATION : s->then.activation, GRADIENT)
    else if (half)
        NAME(add_up_all)(s, which, 1, 0, WB_NO_ACTIVATION, sums);
    else
        NAME(add_up_all)(s, which, 0, 0, WB_NO_ACTIVATION, sums);
#undef GRADIENT
}

INLINE NAME(coefficients) NAME(coefficients_at)(const wb_mapped *m, int64_t c, int64_t count)
{
    NAME(coefficients) k = {.about = {0}, .offset = {0}};
    k.factor = NAME(element)(m->factor, c, count, 0);
    if (m->about)
        k.about = NAME(element)(m->about, c, count, 0);
    if (m->offset)
        k.offset = NAME(element)(m->offset, c, count, 0);
    if (m->dy)
        k.gain = NAME(element)(m->gain, c, count, 0);
    if (m->dy && m->then.activation != WB_NO_ACTIVATION) {
        k.map_factor = NAME(element)(m->map, c, count, 0);
        k.map_offset = NAME(element)(m->map, m->channels + c, count, 0);
    }
    return k;
}

// Where an element lies: in x, in dy and in y.
typedef struct {
    int64_t x, dy, y;
} NAME(element_of);

INLINE REG NAME(value)(const wb_mapped *m, const NAME(coefficients) * k, NAME(element_of) i, int64_t count, int half,
    int gradient, int kind)
{
    const REG far = NAME(element)(m->x, i.x, count, half) - k->about;
    if (gradient) {
        const REG dy = NAME(element)(m->dy, i.dy, count, half);
        const REG dx = far * k->factor + k->gain * NAME(backwards)(dy, far * k->map_factor + k->map_offset, kind,
            m->then.slope) + k->offset;
        return m->plus ? dx + NAME(element)(m->plus, i.y, count, half) : dx;
    }
    REG y = far * k->factor + k->offset;
    if (m->shortcut)
        y += NAME(element)(m->shortcut, i.x, count, half);
    return NAME(activate)(y, kind, m->then.slope);
}

// The last vector of a pixel may overlap the one before, whose result may lie over what the
// last one reads. So the last is computed first.
INLINE void NAME(map_wide)(const wb_mapped *m, NAME(element_of) pixel, int half, int gradient, int kind)
{
    const int64_t whole = m->channels / B * B, rest = m->channels - whole, count = whole ? B : rest, tail = whole ? m->channels - B : 0;
    const NAME(element_of) i = {pixel.x * m->channels, pixel.dy * m->channels, pixel.y * m->channels};
    NAME(coefficients) k;
    REG end = {0};
    if (rest) {
        k = NAME(coefficients_at)(m, tail, count);
        end = NAME(value)(m, &k, (NAME(element_of)){i.x + tail, i.dy + tail, i.y + tail}, count, half, gradient, kind);
    }
    for (int64_t c = 0; c < whole; c += B) {
        k = NAME(coefficients_at)(m, c, B);
        NAME(store)(m->y, i.y + c, NAME(value)(m, &k, (NAME(element_of)){i.x + c, i.dy + c, i.y + c}, B, half, gradient, kind), half);
    }
    if (rest)
        NAME(store_element)(m->y, i.y + tail, end, count, half);
}

// A block of channels is one vector, whose coefficients stay in registers.
INLINE void NAME(map_some)(const wb_mapped *m, wb_pixels which, int half, int gradient, int kind)
{
    const NAME(coefficients) k = NAME(coefficients_at)(m, 0, least(B, m->channels));
    for (int64_t n = 0; n < which.planes; n++) {
        const int64_t x = which.x.first + n * which.x.apart, dy = which.dy.first + n * which.dy.apart,
            y = which.y.first + n * which.y.apart;
        for (int64_t j = 0; j < which.count; j++)
            if (m->channels == B)
                NAME(store)(m->y, (y + j) * B, NAME(value)(m, &k, (NAME(element_of)){(x + j) * B, (dy + j) * B, (y + j) * B},
                    B, half, gradient, kind), half);
            else
                NAME(map_wide)(m, (NAME(element_of)){x + j, dy + j, y + j}, half, gradient, kind);
    }
}

static void NAME(map_pixels)(const wb_mapped *m, wb_pixels which, int half)
{
#define FORWARD(kind) half ? NAME(map_some)(m, which, 1, 0, kind) : NAME(map_some)(m, which, 0, 0, kind)
#define GRADIENT(kind) half ? NAME(map_some)(m, which, 1, 1, kind) : NAME(map_some)(m, which, 0, 1, kind)
    if (m->dy)
        EACH_ACTIVATION(m->then.activation, GRADIENT)
    else
        EACH_ACTIVATION(m->then.activation, FORWARD)
#undef FORWARD
#undef GRADIENT
}
