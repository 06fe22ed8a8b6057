//go:build !noonednn

#pragma GCC optimize("fp-contract=off") // the same rounding on every processor
#include "kernels.h"
#include <math.h>

// scale · (w∗x + bias − mean) / √(variance + ε) + shift = (f·w)∗x + (shift + f·(bias
// − mean)), f = scale / √(variance + ε)
void wb_fold_norm(const void *arg)
{
    const wb_fold_norm_arg *a = arg;
#pragma omp parallel for schedule(static)
    for (int64_t o = 0; o < a->o; o++) {
        const double factor = a->scale[o] / sqrt(a->variance[o] + a->epsilon), bias = a->bias ? a->bias[o] : 0;
        a->offset[o] = (float)(a->shift[o] + factor * (bias - a->mean[o]));
        for (int64_t i = o * a->each; i < (o + 1) * a->each; i++)
            a->folded[i] = (float)(factor * a->w[i]);
    }
}
