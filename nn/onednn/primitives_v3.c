//go:build !noonednn

// Primitive descriptors through the C API of oneDNN 3.x, in which they are made in
// one call. See primitives_v2.c for 2.x.
#include "bridge.h"
#include "internal.h"
#include <pthread.h>
#include <string.h>

#if DNNL_VERSION_MAJOR >= 3

struct wb_md {
    dnnl_memory_desc_t d;
    wb_md *next;
};

const_dnnl_memory_desc_t wb_md_raw(const wb_md *m) { return m->d; }

static int ndims_of(const_dnnl_memory_desc_t d)
{
    int n = 0;
    dnnl_memory_desc_query(d, dnnl_query_ndims_s32, &n);
    return n;
}

static const int64_t *dims_of(const_dnnl_memory_desc_t d)
{
    dnnl_dims_t *dims = NULL;
    dnnl_memory_desc_query(d, dnnl_query_dims, &dims);
    return *dims;
}

static dnnl_data_type_t type_of(const_dnnl_memory_desc_t d)
{
    dnnl_data_type_t type = dnnl_f32;
    dnnl_memory_desc_query(d, dnnl_query_data_type, &type);
    return type;
}

static int64_t offset_of(const_dnnl_memory_desc_t d)
{
    int64_t offset = 0;
    dnnl_memory_desc_query(d, dnnl_query_submemory_offset_s64, &offset);
    return offset;
}

// Each descriptor is kept once, for the life of the process. There are as many as
// there are pairs of shapes and layouts.
static wb_md *kept[1024];
static pthread_mutex_t kept_lock = PTHREAD_MUTEX_INITIALIZER;

// wb_md_keep takes ownership of the descriptor.
static wb_md *wb_md_keep(dnnl_memory_desc_t d)
{
    uint64_t hash = ndims_of(d);
    for (int i = 0; i < ndims_of(d); i++)
        hash = hash * 1000003 + dims_of(d)[i];
    wb_md **slot = &kept[hash % (sizeof kept / sizeof *kept)];
    pthread_mutex_lock(&kept_lock);
    wb_md *m = *slot;
    while (m && (!dnnl_memory_desc_equal(m->d, d) || offset_of(m->d) != offset_of(d)))
        m = m->next;
    if (m) {
        dnnl_memory_desc_destroy(d);
    } else {
        m = malloc(sizeof *m);
        m->d = d;
        m->next = *slot;
        *slot = m;
    }
    pthread_mutex_unlock(&kept_lock);
    return m;
}

wb_md *wb_md_new(int ndims, const int64_t *dims, int layout, int half)
{
    dnnl_memory_desc_t d;
    if (!wb_ok(dnnl_memory_desc_create_with_tag(&d, ndims, dims, half ? dnnl_bf16 : dnnl_f32, wb_tag(layout, ndims)), "describe memory"))
        return NULL;
    return wb_md_keep(d);
}

wb_md *wb_md_part(const wb_md *whole, int axis, int64_t from, int64_t count)
{
    dnnl_dims_t dims, offsets = {0};
    memcpy(dims, dims_of(whole->d), ndims_of(whole->d) * sizeof *dims);
    dims[axis] = count;
    offsets[axis] = from;
    dnnl_memory_desc_t d;
    if (dnnl_memory_desc_create_submemory(&d, whole->d, dims, offsets) != dnnl_success)
        return NULL;
    return wb_md_keep(d);
}

wb_md *wb_md_permuted(const wb_md *m, const int *axes)
{
    int n = ndims_of(m->d), inner = 0;
    dnnl_memory_desc_query(m->d, dnnl_query_inner_nblks_s32, &inner);
    if (inner == 0) { // strides of axes of one element mean nothing, yet matrix products check them: make dense ones
        dnnl_dims_t *strides = NULL, to, dims;
        dnnl_memory_desc_query(m->d, dnnl_query_strides, &strides);
        for (int i = n - 1; i >= 0; i--) {
            dims[i] = dims_of(m->d)[axes[i]];
            to[i] = dims[i] > 1 ? (*strides)[axes[i]] : i == n - 1 ? 1 : to[i + 1] * dims[i + 1];
        }
        dnnl_memory_desc_t d;
        if (!wb_ok(dnnl_memory_desc_create_with_strides(&d, n, dims, type_of(m->d), to), "permute axes"))
            return NULL;
        return wb_md_keep(d);
    }
    int to[DNNL_MAX_NDIMS];
    for (int i = 0; i < n; i++)
        to[axes[i]] = i; // the library wants where each axis goes
    dnnl_memory_desc_t d;
    if (!wb_ok(dnnl_memory_desc_permute_axes(&d, m->d, to), "permute axes"))
        return NULL;
    return wb_md_keep(d);
}

int wb_md_equal(const wb_md *a, const wb_md *b) { return dnnl_memory_desc_equal(a->d, b->d); }
size_t wb_md_size(const wb_md *m) { return dnnl_memory_desc_get_size(m->d); }
int wb_md_is_half(const wb_md *m) { return type_of(m->d) == dnnl_bf16; }

static int has_tag(const wb_md *m, dnnl_format_tag_t tag)
{
    dnnl_memory_desc_t d;
    if (dnnl_memory_desc_create_with_tag(&d, ndims_of(m->d), dims_of(m->d), type_of(m->d), tag) != dnnl_success)
        return 0;
    int equal = dnnl_memory_desc_equal(d, m->d);
    dnnl_memory_desc_destroy(d);
    return equal;
}

int wb_md_block(const wb_md *m)
{
    if (ndims_of(m->d) != 4)
        return 0;
    return has_tag(m, dnnl_nchw) ? 1 : has_tag(m, dnnl_nChw16c) ? 16 : has_tag(m, dnnl_nChw8c) ? 8 : 0;
}

int wb_md_is_plain(const wb_md *m) { return has_tag(m, wb_tag(WB_PLAIN, ndims_of(m->d))); }

static const struct {
    dnnl_alg_kind_t alone, after; // as a primitive with a gradient, and of another's result
    float alpha, beta;            // where the kind fixes them
} activations[] = {
    [WB_RELU] = {dnnl_eltwise_relu_use_dst_for_bwd, dnnl_eltwise_relu, 0, 0},
    [WB_RELU6] = {dnnl_eltwise_clip_v2_use_dst_for_bwd, dnnl_eltwise_clip, 0, 6},
    [WB_LEAKY_RELU] = {dnnl_eltwise_relu_use_dst_for_bwd, dnnl_eltwise_relu, 0, 0},
    [WB_SIGMOID] = {dnnl_eltwise_logistic_use_dst_for_bwd, dnnl_eltwise_logistic, 0, 0},
    [WB_SILU] = {dnnl_eltwise_swish, dnnl_eltwise_swish, 1, 0},
    [WB_HARD_SWISH] = {dnnl_eltwise_hardswish, dnnl_eltwise_hardswish, 1.f / 6, 0.5f},
    [WB_TANH] = {dnnl_eltwise_tanh_use_dst_for_bwd, dnnl_eltwise_tanh, 0, 0},
    [WB_GELU] = {dnnl_eltwise_gelu_erf, dnnl_eltwise_gelu_erf, 0, 0},
    [WB_GELU_TANH] = {dnnl_eltwise_gelu_tanh, dnnl_eltwise_gelu_tanh, 0, 0},
};

static float slope(int kind, float alpha) { return kind == WB_LEAKY_RELU ? alpha : activations[kind].alpha; }

static dnnl_primitive_attr_t attributes(wb_after after)
{
    dnnl_primitive_attr_t attr;
    dnnl_primitive_attr_create(&attr);
    dnnl_primitive_attr_set_scratchpad_mode(attr, dnnl_scratchpad_mode_user);
    dnnl_post_ops_t ops;
    dnnl_post_ops_create(&ops);
    if (after.sum)
        dnnl_post_ops_append_sum(ops, 1, 0, dnnl_data_type_undef);
    const int kind = after.activation;
    if (kind != WB_NO_ACTIVATION)
        dnnl_post_ops_append_eltwise(ops, activations[kind].after, slope(kind, after.alpha), activations[kind].beta);
    dnnl_primitive_attr_set_post_ops(attr, ops);
    dnnl_post_ops_destroy(ops);
    return attr;
}

static const wb_after nothing = {0, WB_NO_ACTIVATION, 0};

// CREATE_THEN calls a function of the library on pd and the engine. Its last argument
// is the attributes that `after` asks for.
#define CREATE_THEN(what, after, function, ...)                                      \
    dnnl_primitive_desc_t pd = NULL;                                                 \
    dnnl_primitive_attr_t attr = attributes(after);                                  \
    int ok = wb_ok(function(&pd, wb_engine(), __VA_ARGS__, attr), what);             \
    dnnl_primitive_attr_destroy(attr);                                               \
    return ok ? pd : NULL
#define CREATE(what, function, ...) CREATE_THEN(what, nothing, function, __VA_ARGS__)

static dnnl_prop_kind_t forward(int training) { return training ? dnnl_forward_training : dnnl_forward_inference; }

#define RAW(m) ((m) ? (m)->d : NULL)
// oneDNN counts dilation from 0.
#define DILATES(k) { (k)->dilation[0] - 1, (k)->dilation[1] - 1 }

static const dnnl_alg_kind_t conv_kinds[] = {dnnl_convolution_direct, dnnl_convolution_winograd};

wb_pd wb_conv_fwd(int algorithm, int training, const wb_md *x, const wb_md *w, const wb_md *b, const wb_md *y, const wb_window *k,
    wb_after after)
{
    dnnl_dims_t dilates = DILATES(k);
    CREATE_THEN("convolution", after, dnnl_convolution_forward_primitive_desc_create, forward(training), conv_kinds[algorithm], x->d, w->d,
        RAW(b), y->d, k->stride, dilates, k->begin, k->end);
}

wb_pd wb_conv_bwd_data(int algorithm, wb_pd fwd, const wb_md *dx, const wb_md *w, const wb_md *dy, const wb_window *k)
{
    dnnl_dims_t dilates = DILATES(k);
    CREATE("convolution, backward data", dnnl_convolution_backward_data_primitive_desc_create, conv_kinds[algorithm], dx->d, w->d,
        dy->d, k->stride, dilates, k->begin, k->end, fwd);
}

wb_pd wb_conv_bwd_weights(int algorithm, wb_pd fwd, const wb_md *x, const wb_md *dw, const wb_md *db, const wb_md *dy, const wb_window *k)
{
    dnnl_dims_t dilates = DILATES(k);
    CREATE("convolution, backward weights", dnnl_convolution_backward_weights_primitive_desc_create, conv_kinds[algorithm], x->d,
        dw->d, RAW(db), dy->d, k->stride, dilates, k->begin, k->end, fwd);
}

wb_pd wb_linear_fwd(int training, const wb_md *x, const wb_md *w, const wb_md *b, const wb_md *y, wb_after after)
{
    CREATE_THEN("linear", after, dnnl_inner_product_forward_primitive_desc_create, forward(training), x->d, w->d, RAW(b), y->d);
}

wb_pd wb_linear_bwd_data(wb_pd fwd, const wb_md *dx, const wb_md *w, const wb_md *dy)
{
    CREATE("linear, backward data", dnnl_inner_product_backward_data_primitive_desc_create, dx->d, w->d, dy->d, fwd);
}

wb_pd wb_linear_bwd_weights(wb_pd fwd, const wb_md *x, const wb_md *dw, const wb_md *db, const wb_md *dy)
{
    CREATE("linear, backward weights", dnnl_inner_product_backward_weights_primitive_desc_create, x->d, dw->d, RAW(db), dy->d, fwd);
}

wb_pd wb_norm_fwd(int training, int relu, const wb_md *x, float epsilon)
{
    unsigned flags = dnnl_use_scale | dnnl_use_shift | (relu ? dnnl_fuse_norm_relu : 0) | (training ? 0 : dnnl_use_global_stats);
    CREATE("batch norm", dnnl_batch_normalization_forward_primitive_desc_create, forward(training), x->d, x->d, epsilon, flags);
}

wb_pd wb_norm_bwd(wb_pd fwd, int relu, const wb_md *x, float epsilon)
{
    unsigned flags = dnnl_use_scale | dnnl_use_shift | (relu ? dnnl_fuse_norm_relu : 0);
    CREATE("batch norm, backward", dnnl_batch_normalization_backward_primitive_desc_create, dnnl_backward, x->d, x->d, x->d, epsilon,
        flags, fwd);
}

int wb_norm_bwd_takes_shift(void) { return 0; }

static const dnnl_alg_kind_t pool_kinds[] = {dnnl_pooling_max, dnnl_pooling_avg_include_padding, dnnl_pooling_avg_exclude_padding};

wb_pd wb_pool_fwd(int kind, int training, const wb_md *x, const wb_md *y, const wb_window *k)
{
    dnnl_dims_t dense = {0};
    CREATE("pooling", dnnl_pooling_forward_primitive_desc_create, forward(training), pool_kinds[kind], x->d, y->d, k->stride,
        k->kernel, dense, k->begin, k->end);
}

wb_pd wb_pool_bwd(wb_pd fwd, int kind, const wb_md *dx, const wb_md *dy, const wb_window *k)
{
    dnnl_dims_t dense = {0};
    CREATE("pooling, backward", dnnl_pooling_backward_primitive_desc_create, pool_kinds[kind], dx->d, dy->d, k->stride, k->kernel,
        dense, k->begin, k->end, fwd);
}

wb_pd wb_activation_fwd(int kind, float alpha, const wb_md *x)
{
    CREATE("activation", dnnl_eltwise_forward_primitive_desc_create, dnnl_forward_training, activations[kind].alone, x->d, x->d,
        slope(kind, alpha), activations[kind].beta);
}

static wb_pd activation_bwd(wb_pd fwd, int kind, float alpha, const wb_md *x)
{
    CREATE("activation, backward", dnnl_eltwise_backward_primitive_desc_create, activations[kind].alone, x->d, x->d, x->d,
        slope(kind, alpha), activations[kind].beta, fwd);
}

// with makes a backward primitive from its forward primitive, and frees the latter.
static wb_pd with(wb_pd fwd, wb_pd bwd)
{
    if (fwd)
        wb_pd_free(fwd);
    return bwd;
}

wb_pd wb_activation_bwd(int kind, float alpha, const wb_md *x)
{
    wb_pd fwd = wb_activation_fwd(kind, alpha, x);
    return with(fwd, fwd ? activation_bwd(fwd, kind, alpha, x) : NULL);
}

wb_pd wb_relu_fwd(const wb_md *x) { return wb_activation_fwd(WB_RELU, 0, x); }
wb_pd wb_relu_bwd(const wb_md *y) { return wb_activation_bwd(WB_RELU, 0, y); }

static dnnl_alg_kind_t softmax_kind(int log) { return log ? dnnl_softmax_log : dnnl_softmax_accurate; }

wb_pd wb_softmax_fwd(int log, const wb_md *x)
{
    CREATE("softmax", dnnl_softmax_forward_primitive_desc_create, dnnl_forward_training, softmax_kind(log), x->d, x->d,
        ndims_of(x->d) - 1);
}

static wb_pd softmax_bwd(wb_pd fwd, int log, const wb_md *y)
{
    CREATE("softmax, backward", dnnl_softmax_backward_primitive_desc_create, softmax_kind(log), y->d, y->d, y->d, ndims_of(y->d) - 1, fwd);
}

wb_pd wb_softmax_bwd(int log, const wb_md *y)
{
    wb_pd fwd = wb_softmax_fwd(log, y);
    return with(fwd, fwd ? softmax_bwd(fwd, log, y) : NULL);
}

wb_pd wb_shuffle(const wb_md *x, int64_t width)
{
    CREATE("channel shuffle", dnnl_shuffle_forward_primitive_desc_create, dnnl_forward_training, x->d, x->d, 1, width);
}

wb_pd wb_matmul(const wb_md *a, const wb_md *b, const wb_md *y)
{
    CREATE("matrix product", dnnl_matmul_primitive_desc_create, a->d, b->d, NULL, y->d);
}

wb_pd wb_add(const wb_md *a, const wb_md *b, const wb_md *y, int relu)
{
    CREATE_THEN("add", relu ? ((wb_after){0, WB_RELU, 0}) : nothing, dnnl_binary_primitive_desc_create, dnnl_binary_add, a->d, b->d, y->d);
}

wb_pd wb_sum(int n, const wb_md *x)
{
    const_dnnl_memory_desc_t d[n];
    float scales[n];
    for (int i = 0; i < n; i++) {
        d[i] = x->d;
        scales[i] = 1;
    }
    CREATE("sum", dnnl_sum_primitive_desc_create, x->d, n, scales, d);
}

wb_pd wb_reorder(const wb_md *from, const wb_md *to)
{
    dnnl_primitive_desc_t pd = NULL;
    dnnl_primitive_attr_t attr = attributes(nothing);
    wb_ok(dnnl_reorder_primitive_desc_create(&pd, from->d, wb_engine(), to->d, wb_engine(), attr), "reorder");
    dnnl_primitive_attr_destroy(attr);
    return pd;
}

wb_md *wb_pd_md(wb_pd pd, int which, int index)
{
    static const dnnl_query_t queries[] = {dnnl_query_src_md, dnnl_query_weights_md, dnnl_query_dst_md, dnnl_query_diff_src_md,
        dnnl_query_diff_weights_md, dnnl_query_diff_dst_md, dnnl_query_workspace_md, dnnl_query_scratchpad_md};
    const_dnnl_memory_desc_t d = dnnl_primitive_desc_query_md(pd, queries[which], index);
    dnnl_memory_desc_t copy;
    if (!d || ndims_of(d) == 0 || !wb_ok(dnnl_memory_desc_clone(&copy, d), "describe memory"))
        return NULL;
    return wb_md_keep(copy);
}

const char *wb_pd_name(wb_pd pd)
{
    const char *name = "";
    dnnl_primitive_desc_query(pd, dnnl_query_impl_info_str, 0, &name);
    return name;
}

void wb_pd_free(wb_pd pd) { dnnl_primitive_desc_destroy(pd); }

#endif
