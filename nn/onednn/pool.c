//go:build !noonednn

// The choice of the code for this processor's vectors, and the rows that threads share.
#include "pool.h"
#include <immintrin.h>

// The pixels [from, to) of the kernel along one axis that lie on the image, if the kernel begins at `first`.
typedef struct {
    int64_t first, from, to;
} span;

static span span_of(int64_t first, int64_t k, int64_t size)
{
    return (span){first, first < 0 ? -first : 0, size - first < k ? size - first : k};
}

// The kernels [from, to) along one axis that cover the i-th pixel.
static span kernels_of(int64_t i, int64_t k, int64_t stride, int64_t begin, int64_t count)
{
    const int64_t at = i + begin, from = at < k ? 0 : (at - k) / stride + 1, to = at / stride + 1;
    return (span){at, from, to < count ? to : count};
}

#define VECTOR_CODE "pool_vector.h"
#include "each_width.h"

void wb_max_pool(const void *arg)
{
    const wb_max_pool_arg *a = arg;
    BY_WIDTH(forward)(a);
}

void wb_max_pool_bwd(const void *arg)
{
    const wb_max_pool_bwd_arg *a = arg;
    BY_WIDTH(backward)(a);
}
