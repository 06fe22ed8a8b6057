// The kernels for images with channels last; last.c includes this once for each width.

#include "vector.h"

// Fewer channels than a vector has: the lanes beyond them are zero.
INLINE REG NAME(load_some)(const void *from, int64_t i, int64_t count, int half)
{
    char lanes[4 * B] = {0};
    memcpy(lanes, (const char *)from + i * (half ? 2 : 4), count * (half ? 2 : 4));
    return NAME(load)(lanes, 0, half);
}

INLINE void NAME(store_some)(void *to, int64_t i, REG v, int64_t count, int half)
{
    char lanes[4 * B];
    NAME(store)(lanes, 0, v, half);
    memcpy((char *)to + i * (half ? 2 : 4), lanes, count * (half ? 2 : 4));
}

// v where `of` is positive or no number, else 0.
INLINE REG NAME(positive)(REG v, REG of) { return (REG)((NAME(mask))v & ~(of <= 0)); }

INLINE REG NAME(element)(const void *from, int64_t i, int64_t count, int half)
{
    return count < B ? NAME(load_some)(from, i, count, half) : NAME(load)(from, i, half);
}

// The sums of `vectors` vectors of channels from c on over the pixels [first, last), `ways` of them side by side.
INLINE void NAME(add_up)(const summed *s, int64_t first, int64_t last, int64_t c, int vectors, int64_t count, int ways, int half, int relu,
    float *sums)
{
    REG one[8], two[8], about[4], factor[4], offset[4];
    const int gradient = s->dy != NULL;
    UNROLL for (int v = 0; v < vectors; v++) {
        about[v] = s->about ? NAME(element)(s->about, c + v * B, count, 0) : (REG){0};
        if (relu) {
            factor[v] = NAME(element)(s->map, c + v * B, count, 0);
            offset[v] = NAME(element)(s->map, s->channels + c + v * B, count, 0);
        }
    }
    UNROLL for (int i = 0; i < ways * vectors; i++)
        one[i] = two[i] = (REG){0};
    for (int64_t p = first; p < last; p += ways) {
        UNROLL for (int w = 0; w < ways; w++) {
            if (p + w < last)
                UNROLL for (int v = 0; v < vectors; v++) {
                    const int64_t i = (p + w) * s->channels + c + v * B;
                    const REG x = NAME(element)(s->x, i, count, half), far = x - about[v];
                    REG g = far;
                    if (gradient)
                        g = NAME(element)(s->dy, i, count, half);
                    if (relu)
                        g = NAME(positive)(g, far * factor[v] + offset[v]);
                    one[w * vectors + v] += g;
                    two[w * vectors + v] += g * far;
                }
        }
    }
    UNROLL for (int v = 0; v < vectors; v++) {
        UNROLL for (int w = 1; w < ways; w++) {
            one[v] += one[w * vectors + v];
            two[v] += two[w * vectors + v];
        }
        NAME(store_some)(sums, c + v * B, one[v], count, 0);
        NAME(store_some)(sums, s->channels + c + v * B, two[v], count, 0);
    }
}

// The sums over pixels [first, last) of all channels: by four vectors, by one, and at the end by one that overlaps what was done or,
// where channels are fewer than a vector has, is filled up.
INLINE void NAME(add_up_all)(const summed *s, int64_t first, int64_t last, int half, int relu, float *sums)
{
    int64_t c = 0;
    for (; c + 4 * B <= s->channels; c += 4 * B)
        NAME(add_up)(s, first, last, c, 4, B, 1, half, relu, sums);
    for (; c + B <= s->channels; c += B)
        NAME(add_up)(s, first, last, c, 1, B, 4, half, relu, sums);
    if (c < s->channels && s->channels > B)
        NAME(add_up)(s, first, last, s->channels - B, 1, B, 4, half, relu, sums);
    else if (c < s->channels)
        NAME(add_up)(s, first, last, 0, 1, s->channels, 1, half, relu, sums);
}

static void NAME(sums_of_range)(const summed *s, int64_t first, int64_t last, int half, int relu, float *sums)
{
    if (half)
        relu ? NAME(add_up_all)(s, first, last, 1, 1, sums) : NAME(add_up_all)(s, first, last, 1, 0, sums);
    else
        relu ? NAME(add_up_all)(s, first, last, 0, 1, sums) : NAME(add_up_all)(s, first, last, 0, 0, sums);
}

INLINE REG NAME(value)(const mapped *m, int64_t pixel, int64_t c, int64_t count, int half, int relu)
{
    const int64_t i = pixel * m->channels + c;
    const REG x = NAME(element)(m->x, i, count, half), far = m->about ? x - NAME(element)(m->about, c, count, 0) : x;
    const REG factor = NAME(element)(m->factor, c, count, 0), offset = m->offset ? NAME(element)(m->offset, c, count, 0) : (REG){0};
    if (!m->dy) {
        const REG y = far * factor + offset;
        return relu ? NAME(positive)(y, y) : y;
    }
    REG dy = NAME(element)(m->dy, i, count, half);
    if (relu)
        dy = NAME(positive)(dy, far * NAME(element)(m->map, c, count, 0) + NAME(element)(m->map, m->channels + c, count, 0));
    return far * factor + dy * NAME(element)(m->gain, c, count, 0) + offset;
}

// The last vector of a pixel may overlap the one before, whose result may lie over what it reads: it is computed first.
INLINE void NAME(map_pixels)(const mapped *m, int64_t first, int64_t last, int half, int relu)
{
    const int64_t whole = m->channels / B * B, rest = m->channels - whole;
    for (int64_t p = first; p < last; p++) {
        const int64_t at = p * m->channels;
        REG tail = {0};
        if (rest)
            tail = whole ? NAME(value)(m, p, m->channels - B, B, half, relu) : NAME(value)(m, p, 0, rest, half, relu);
        for (int64_t c = 0; c < whole; c += B)
            NAME(store)(m->y, at + c, NAME(value)(m, p, c, B, half, relu), half);
        if (rest && whole)
            NAME(store)(m->y, at + m->channels - B, tail, half);
        else if (rest)
            NAME(store_some)(m->y, at, tail, rest, half);
    }
}

static void NAME(map_range)(const mapped *m, int64_t first, int64_t last, int half, int relu)
{
    if (half)
        relu ? NAME(map_pixels)(m, first, last, 1, 1) : NAME(map_pixels)(m, first, last, 1, 0);
    else
        relu ? NAME(map_pixels)(m, first, last, 0, 1) : NAME(map_pixels)(m, first, last, 0, 0);
}

