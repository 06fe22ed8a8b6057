//go:build !noonednn

// The choice of the code for this processor's vectors.
#include "pixels.h"
#include "bridge.h"
#include "divide.h"
#include <stddef.h>
#include <string.h>

// Calls f with the activation as a constant.
#define EACH_ACTIVATION(activation, f)                                                                                 \
    switch (activation) {                                                                                              \
    case WB_RELU: f(WB_RELU); break;                                                                                   \
    case WB_RELU6: f(WB_RELU6); break;                                                                                 \
    case WB_LEAKY_RELU: f(WB_LEAKY_RELU); break;                                                                       \
    case WB_SILU: f(WB_SILU); break;                                                                                   \
    case WB_HARD_SWISH: f(WB_HARD_SWISH); break;                                                                       \
    default: f(WB_NO_ACTIVATION);                                                                                      \
    }

#define VECTOR_CODE "pixels_vector.h"
#include "each_width.h"

void wb_sum_pixels(const wb_summed *s, wb_pixels which, int half, float *sums)
{
    BY_WIDTH(sum_pixels)(s, which, half, sums);
}

void wb_map_pixels(const wb_mapped *m, wb_pixels which, int half)
{
    BY_WIDTH(map_pixels)(m, which, half);
}
