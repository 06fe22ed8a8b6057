// The argument that most kernels of our own share, and the images they walk over.
#ifndef WB_KERNELS_CALL_H
#define WB_KERNELS_CALL_H

#include <stdint.h>

enum { WB_CALL_OPERANDS = 6, WB_CALL_NUMBERS = 14 };

// The operands in the order of the operator (an int32 operand left out), and the
// numbers that the kernel's comment names.
typedef struct {
    float *out;
    const float *in[WB_CALL_OPERANDS];
    const int32_t *ints;
    int64_t dim[WB_CALL_NUMBERS];
    double num[4];
} wb_call;

// hard sigmoid of images: dim n, c, area, block. Lanes that pad a block stay zero.
void wb_hard_sigmoid(const void *arg);
// dx from the result and dy: dim count.
void wb_hard_sigmoid_bwd(const void *arg);
// out = num[0] · in[0]: dim count.
void wb_scale(const void *arg);
// The mean of in[0], row-major, and its gradient from a scalar: dim count.
void wb_mean(const void *arg);
void wb_mean_bwd(const void *arg);

// Products. same: two tensors of one shape and layout, dim count.
void wb_mul_same(const void *arg);
// gate: images times [n or 1, c, 1, 1] in blocks alike; dim n, c, area, block, and 1
// if each image has a gate of its own.
void wb_mul_gate(const void *arg);
void wb_mul_gate_reduce(const void *arg); // sum of in[0] · in[1] over what the gate is stretched along
// stretched: row-major, dim the four axes, then the factor's stride along each, 0 where it is stretched.
void wb_mul_stretched(const void *arg);
void wb_mul_stretched_reduce(const void *arg);

// Layer, group and frozen batch norm; the numbers are in kernels_norm.c.
void wb_row_stats(const void *arg);
void wb_row_norm(const void *arg);
void wb_row_norm_bwd(const void *arg);
void wb_row_norm_reduce(const void *arg);
void wb_norm_frozen_bwd(const void *arg);
void wb_norm_frozen_reduce(const void *arg);

// Means of fields that the library's pooling cannot take: kernels_pool.c; local response normalisation: kernels_lrn.c.
void wb_field_mean(const void *arg);
void wb_field_mean_bwd(const void *arg);
void wb_lrn(const void *arg);
void wb_lrn_bwd(const void *arg);

// Losses and rows of matrices, row-major; the numbers are in kernels_loss.c and kernels_contrast.c.
void wb_entropy(const void *arg);
void wb_entropy_bwd(const void *arg);
void wb_kl_divergence(const void *arg);
void wb_kl_divergence_bwd(const void *arg);
void wb_squared_error(const void *arg);
void wb_squared_error_bwd(const void *arg);
void wb_binary_cross_entropy(const void *arg);
void wb_binary_cross_entropy_bwd(const void *arg);
void wb_l2_normalize(const void *arg);
void wb_l2_normalize_bwd(const void *arg);
void wb_nt_xent(const void *arg);
void wb_nt_xent_bwd(const void *arg);

// What losses are made of, row-major; the numbers are in kernels_rows.c.
void wb_pointwise(const void *arg);
void wb_pointwise_bwd(const void *arg);
void wb_stretch(const void *arg);
void wb_sum_to(const void *arg);
void wb_max_to(const void *arg);
void wb_max_to_bwd(const void *arg);
void wb_compare(const void *arg);
void wb_one_hot_max(const void *arg);
void wb_one_hot(const void *arg);
void wb_smallest(const void *arg);
void wb_gather_rows(const void *arg);
void wb_scatter_rows(const void *arg);

// log Σ exp(x / divisor) over n elements, computed without overflow.
double wb_log_sum_exp(const float *x, int64_t n, double divisor);

#endif
