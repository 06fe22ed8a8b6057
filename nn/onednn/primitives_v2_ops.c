//go:build !noonednn

// The primitives other than those of convolutional layers, through the C API of oneDNN 2.x.
#include "bridge.h"
#include "internal.h"

#if DNNL_VERSION_MAJOR < 3

wb_md *wb_md_permuted(const wb_md *m, const int *axes)
{
    const dnnl_memory_desc_t *d = wb_md_raw(m);
    int to[DNNL_MAX_NDIMS];
    for (int i = 0; i < d->ndims; i++)
        to[axes[i]] = i; // the library wants where each axis goes
    dnnl_memory_desc_t permuted;
    if (!wb_ok(dnnl_memory_desc_permute_axes(&permuted, d, to), "permute axes"))
        return NULL;
    // The stride of an axis with one element means nothing, yet matrix products check it. It gets
    // the stride that dense memory would have.
    dnnl_blocking_desc_t *b = &permuted.format_desc.blocking;
    for (int i = permuted.ndims - 1; i >= 0 && b->inner_nblks == 0; i--)
        if (permuted.dims[i] == 1)
            b->strides[i] = i == permuted.ndims - 1 ? 1 : b->strides[i + 1] * permuted.dims[i + 1];
    return wb_md_keep(&permuted);
}

static const struct {
    dnnl_alg_kind_t alone, after; // as a primitive with a gradient, and of another's result
    float alpha, beta;            // where the kind fixes them
} activations[] = {
    [WB_RELU] = {dnnl_eltwise_relu_use_dst_for_bwd, dnnl_eltwise_relu, 0, 0},
    [WB_RELU6] = {dnnl_eltwise_clip_v2_use_dst_for_bwd, dnnl_eltwise_clip, 0, 6},
    [WB_LEAKY_RELU] = {dnnl_eltwise_relu_use_dst_for_bwd, dnnl_eltwise_relu, 0, 0},
    [WB_SIGMOID] = {dnnl_eltwise_logistic_use_dst_for_bwd, dnnl_eltwise_logistic, 0, 0},
    [WB_SILU] = {dnnl_eltwise_swish, dnnl_eltwise_swish, 1, 0},
    [WB_HARD_SWISH] = {dnnl_eltwise_hardswish, dnnl_eltwise_hardswish, 0, 0},
    [WB_TANH] = {dnnl_eltwise_tanh_use_dst_for_bwd, dnnl_eltwise_tanh, 0, 0},
    [WB_GELU] = {dnnl_eltwise_gelu_erf, dnnl_eltwise_gelu_erf, 0, 0},
    [WB_GELU_TANH] = {dnnl_eltwise_gelu_tanh, dnnl_eltwise_gelu_tanh, 0, 0},
};

static float slope(int kind, float alpha) { return kind == WB_LEAKY_RELU ? alpha : activations[kind].alpha; }

dnnl_alg_kind_t wb_activation_alg(int kind, float *alpha, float *beta)
{
    *alpha = slope(kind, *alpha);
    *beta = activations[kind].beta;
    return activations[kind].after;
}

wb_pd wb_activation_fwd(int kind, float alpha, const wb_md *x)
{
    dnnl_eltwise_desc_t d;
    if (!wb_ok(dnnl_eltwise_forward_desc_init(&d, dnnl_forward_training, activations[kind].alone, wb_md_raw(x), slope(kind, alpha),
            activations[kind].beta), "activation"))
        return NULL;
    return wb_create(&d, NULL, "activation");
}

wb_pd wb_activation_bwd(int kind, float alpha, const wb_md *x)
{
    dnnl_eltwise_desc_t d;
    wb_pd fwd = wb_activation_fwd(kind, alpha, x), pd = NULL;
    if (fwd && wb_ok(dnnl_eltwise_backward_desc_init(&d, activations[kind].alone, wb_md_raw(x), wb_md_raw(x), slope(kind, alpha),
            activations[kind].beta), "activation, backward"))
        pd = wb_create(&d, fwd, "activation, backward");
    if (fwd)
        wb_pd_free(fwd);
    return pd;
}

wb_pd wb_relu_fwd(const wb_md *x) { return wb_activation_fwd(WB_RELU, 0, x); }
wb_pd wb_relu_bwd(const wb_md *y) { return wb_activation_bwd(WB_RELU, 0, y); }

static int softmax_desc(dnnl_softmax_desc_t *d, int log, const wb_md *x)
{
    const dnnl_memory_desc_t *m = wb_md_raw(x);
    dnnl_status_t (*init)(dnnl_softmax_desc_t *, dnnl_prop_kind_t, const dnnl_memory_desc_t *, int)
        = log ? dnnl_logsoftmax_forward_desc_init : dnnl_softmax_forward_desc_init;
    return wb_ok(init(d, dnnl_forward_training, m, m->ndims - 1), "softmax");
}

wb_pd wb_softmax_fwd(int log, const wb_md *x)
{
    dnnl_softmax_desc_t d;
    return softmax_desc(&d, log, x) ? wb_create(&d, NULL, "softmax") : NULL;
}

wb_pd wb_softmax_bwd(int log, const wb_md *y)
{
    const dnnl_memory_desc_t *m = wb_md_raw(y);
    dnnl_status_t (*init)(dnnl_softmax_desc_t *, const dnnl_memory_desc_t *, const dnnl_memory_desc_t *, int)
        = log ? dnnl_logsoftmax_backward_desc_init : dnnl_softmax_backward_desc_init;
    dnnl_softmax_desc_t d;
    wb_pd fwd = wb_softmax_fwd(log, y), pd = NULL;
    if (fwd && wb_ok(init(&d, m, m, m->ndims - 1), "softmax, backward"))
        pd = wb_create(&d, fwd, "softmax, backward");
    if (fwd)
        wb_pd_free(fwd);
    return pd;
}

wb_pd wb_shuffle(const wb_md *x, int64_t width)
{
    dnnl_shuffle_desc_t d;
    if (!wb_ok(dnnl_shuffle_forward_desc_init(&d, dnnl_forward_training, wb_md_raw(x), 1, width), "channel shuffle"))
        return NULL;
    return wb_create(&d, NULL, "channel shuffle");
}

wb_pd wb_matmul(const wb_md *a, const wb_md *b, const wb_md *y)
{
    dnnl_matmul_desc_t d;
    if (!wb_ok(dnnl_matmul_desc_init(&d, wb_md_raw(a), wb_md_raw(b), NULL, wb_md_raw(y)), "matrix product"))
        return NULL;
    return wb_create(&d, NULL, "matrix product");
}

#endif
