//go:build !noonednn

// The choice of the code for this processor's vectors, and for the kernels' widths.
#include "depthwise.h"
#include "winograd.h"
#include <string.h>

#define CONCAT(a, b) a##b
#define PASTE(a, b) CONCAT(a, b)

#pragma GCC push_options
#pragma GCC target("avx2,fma")
#define B 8
#define NAME(x) PASTE(x, _avx2)
#include "depthwise_vector.h"
#undef B
#undef NAME
#pragma GCC pop_options

#pragma GCC push_options
#pragma GCC target("avx512f,fma,prefer-vector-width=512")
#define B 16
#define NAME(x) PASTE(x, _avx512)
#include "depthwise_vector.h"
#pragma GCC pop_options

void wb_depthwise_gradient(const void *arg)
{
    const wb_depthwise_gradient_arg *a = arg;
    wb_winograd_block() == 16 ? gradient_of_all_avx512(a) : gradient_of_all_avx2(a);
}
