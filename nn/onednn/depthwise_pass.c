//go:build !noonednn

// Which pixels and weights each result is a sum of, and the choice of the code for this processor's
// vectors. Like the forward pass, the gradient of images is a sum of products of pixels and weights: of the
// pixels of dy whose kernels cover a pixel of dx.
#include "depthwise.h"
#include "divide.h"

// The terms of a result along one axis: `count` pixels, from_step apart, beginning with the one at `from`, times
// weights, weight_step apart, beginning with the one at `weight`. For the next result of the same phase, the pixels
// move by `advance` and the weights are the same.
typedef struct {
    int64_t count, from, from_step, weight, weight_step, advance;
    int64_t results; // that lie `phases` apart
} taps;

// A pass over images: results [oh, ow] from pixels [h, w]. Every phases[i]-th result along axis i has the same
// weights. taps[i] has the terms for each phase.
typedef struct {
    const wb_depthwise_shape *s; // whose h, w, oh, ow are those of the forward pass
    int64_t h, w, oh, ow;
    const void *x;
    const float *weights;
    void *y;
    int64_t phases[2];
    const taps *taps[2];
} pass;

static taps forward_taps(const wb_depthwise_shape *s, int axis)
{
    const int64_t k[] = {s->kh, s->kw}, results[] = {s->oh, s->ow};
    return (taps){.count = k[axis], .from = -s->begin[axis], .from_step = s->dilation[axis], .weight_step = 1, .advance = s->stride[axis],
        .results = results[axis]};
}

// Weight k of kernel (i + begin - k · dilation) / stride covers pixel i of dx, if that is a whole number. Such k are
// equally far apart. From the last k to the first, their kernels are in rising order.
static taps gradient_taps(const wb_depthwise_shape *s, int axis, int64_t phase)
{
    const int64_t k[] = {s->kh, s->kw}, results[] = {s->h, s->w}, stride = s->stride[axis], dilation = s->dilation[axis];
    taps t = {.advance = 1, .results = up(results[axis] - phase, stride)};
    int64_t first = 0;
    for (int64_t i = 0; i < k[axis]; i++)
        if ((phase + s->begin[axis] - i * dilation) % stride == 0) {
            first = t.count++ ? first : i;
            t.weight = i;
        }
    if (t.count > 1)
        t.weight_step = -(t.weight - first) / (t.count - 1);
    t.from = (phase + s->begin[axis] - t.weight * dilation) / stride;
    t.from_step = -t.weight_step * dilation / stride;
    return t;
}

// The terms of the i-th result of a phase, without those beyond an axis of `size` pixels.
static inline taps inside(taps t, int64_t i, int64_t size)
{
    t.from += i * t.advance;
    while (t.count && t.from < 0)
        t.count--, t.from += t.from_step, t.weight += t.weight_step;
    while (t.count && t.from + (t.count - 1) * t.from_step >= size)
        t.count--;
    return t;
}

// A line of results, which lie `apart` elements from each other. Each is summed from `lines` lines of pixels, which lie
// `step` elements from each other, each line with its weights.
typedef struct {
    const void *x;
    const float *weights;
    void *y;
    int64_t step, apart;
    int64_t lines, line_step, weights_step; // elements between them
    int64_t w;                              // pixels in a line
    const taps *t;
} line;

typedef void (*line_kernel)(const line *l);

// Numbers of terms and advances for which the code has constants. They are those of kernels of 3, 5 and 7 pixels: in
// the forward pass at stride 1 and 2, and in the gradient, where each result at stride 2 has half of the terms.
#define USUAL(each) each(1, 1) each(2, 1) each(3, 1) each(4, 1) each(5, 1) each(7, 1) each(3, 2) each(5, 2) each(7, 2)

#define VECTOR_CODE "depthwise_pass_vector.h"
#include "each_width.h"

void wb_depthwise(const void *arg)
{
    const wb_depthwise_arg *a = arg;
    const wb_depthwise_shape *s = &a->s;
    const taps rows = forward_taps(s, 0), columns = forward_taps(s, 1);
    const pass p = {s, s->h, s->w, s->oh, s->ow, a->x, a->weights, a->y, {1, 1}, {&rows, &columns}};
    BY_WIDTH(images)(&p);
}

void wb_depthwise_bwd_data(const void *arg)
{
    const wb_depthwise_bwd_data_arg *a = arg;
    const wb_depthwise_shape *s = &a->s;
    const int64_t down = least(s->stride[0], s->h), right = least(s->stride[1], s->w);
    taps rows[down], columns[right];
    for (int64_t i = 0; i < down; i++)
        rows[i] = gradient_taps(s, 0, i);
    for (int64_t i = 0; i < right; i++)
        columns[i] = gradient_taps(s, 1, i);
    const pass p = {s, s->oh, s->ow, s->h, s->w, a->dy, a->weights, a->dx, {down, right}, {rows, columns}};
    BY_WIDTH(images)(&p);
}
