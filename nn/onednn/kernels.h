// Kernels of our own for operators that the library has no primitive for. Each struct
// is the argument of the kernel below it.
#ifndef WB_KERNELS_H
#define WB_KERNELS_H

#include <stddef.h>
#include <stdint.h>

// y = a·x + b·z
typedef struct {
    float *y;
    const float *x, *z;
    float a, b;
    int64_t n;
} wb_blend_arg;
void wb_blend(const void *arg);

typedef struct {
    void *to;
    const void *from;
    size_t bytes;
} wb_copy_arg;
void wb_copy(const void *arg);

// Row i of from [n, size] goes to row rows[i] of to, nowhere if that is negative.
typedef struct {
    float *to;
    const float *from;
    const int32_t *rows;
    int64_t n, size;
} wb_rows_arg;
void wb_set_rows(const void *arg);

// The parameter-free shortcut for images in blocks of `block` channels of `size` bytes: every stride-th pixel,
// and zeros for missing channels. The backward kernel puts the pixels back. c, h, w are those of the larger image
// (x); oc, oh, ow those of the smaller one (y).
typedef struct {
    char *to;
    const char *from;
    int64_t n, c, h, w, oc, oh, ow, stride, block, size;
} wb_subsample_arg;
void wb_subsample(const void *arg);
void wb_subsample_bwd(const void *arg);
// The same with channels last. block is not read.
void wb_subsample_last(const void *arg);
void wb_subsample_last_bwd(const void *arg);

// Dropout in row-major order: element i survives if uniform(mix(key), i) >= p. key is the int32[4] input.
typedef struct {
    float *y;
    const float *x;
    const int32_t *key;
    uint64_t stream; // see op.Dropout
    uint64_t name;   // hash of the purpose's name, as nn/rng computes it
    float p, scale;
    int64_t n, sample;
    int half; // of bfloat16: wb_drop_path alone
} wb_dropout_arg;
void wb_dropout(const void *arg);
// The same for n whole samples of `sample` elements each, in any layout.
void wb_drop_path(const void *arg);

// Sum of dy [n, c, area], in blocks of at most 16 channels, over n and area.
typedef struct {
    float *db;
    const float *dy;
    int64_t n, c, area, block;
} wb_bias_bwd_arg;
void wb_bias_bwd(const void *arg);

// Folds batch norm with running statistics into the convolution before it. All are
// row-major: w [o, each], the rest [o].
typedef struct {
    float *folded, *offset;         // weights and bias of the one convolution
    const float *w, *bias;          // bias NULL: none
    const float *mean, *variance, *scale, *shift;
    double epsilon;
    int64_t o, each;
} wb_fold_norm_arg;
void wb_fold_norm(const void *arg);

#endif
