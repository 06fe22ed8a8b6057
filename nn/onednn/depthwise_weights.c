//go:build !noonednn

// The choice of the code for this processor's vectors, and for the kernels' widths.
#include "depthwise.h"
#include "divide.h"
#include <string.h>

#define VECTOR_CODE "depthwise_weights_vector.h"
#include "each_width.h"

void wb_depthwise_bwd_weights(const void *arg)
{
    const wb_depthwise_bwd_weights_arg *a = arg;
    BY_WIDTH(gradient_of_all)(a);
}
