//go:build !noonednn

// Primitive descriptors through the C API of oneDNN 2.x, in which an operation descriptor comes first.
#include "bridge.h"
#include "internal.h"
#include <omp.h>
#include <pthread.h>
#include <string.h>

#if DNNL_VERSION_MAJOR < 3

struct wb_md {
    dnnl_memory_desc_t d;
    wb_md *next;
};

const dnnl_memory_desc_t *wb_md_raw(const wb_md *m) { return &m->d; }

// Each descriptor is kept once, for the life of the process. There are as many as
// there are pairs of shapes and layouts.
static wb_md *kept[1024];
static pthread_mutex_t kept_lock = PTHREAD_MUTEX_INITIALIZER;

static wb_md *wrap(const dnnl_memory_desc_t *d)
{
    uint64_t hash = d->ndims;
    for (int i = 0; i < d->ndims; i++)
        hash = hash * 1000003 + d->dims[i];
    wb_md **slot = &kept[hash % (sizeof kept / sizeof *kept)];
    pthread_mutex_lock(&kept_lock);
    wb_md *m = *slot;
    while (m && (!dnnl_memory_desc_equal(&m->d, d) || m->d.offset0 != d->offset0))
        m = m->next;
    if (!m) {
        m = malloc(sizeof *m);
        m->d = *d;
        m->next = *slot;
        *slot = m;
    }
    pthread_mutex_unlock(&kept_lock);
    return m;
}

wb_md *wb_md_new(int ndims, const int64_t *dims, int layout, int half)
{
    dnnl_memory_desc_t d;
    if (!wb_ok(dnnl_memory_desc_init_by_tag(&d, ndims, dims, half ? dnnl_bf16 : dnnl_f32, wb_tag(layout, ndims)), "describe memory"))
        return NULL;
    return wrap(&d);
}

wb_md *wb_md_part(const wb_md *whole, int axis, int64_t from, int64_t count)
{
    dnnl_dims_t dims, offsets = {0};
    memcpy(dims, whole->d.dims, sizeof dims);
    dims[axis] = count;
    offsets[axis] = from;
    dnnl_memory_desc_t d;
    if (dnnl_memory_desc_init_submemory(&d, &whole->d, dims, offsets) != dnnl_success)
        return NULL;
    return wrap(&d);
}

int wb_md_equal(const wb_md *a, const wb_md *b) { return dnnl_memory_desc_equal(&a->d, &b->d); }
size_t wb_md_size(const wb_md *m) { return dnnl_memory_desc_get_size(&m->d); }
int wb_md_is_half(const wb_md *m) { return m->d.data_type == dnnl_bf16; }

static int has_tag(const wb_md *m, dnnl_format_tag_t tag)
{
    dnnl_memory_desc_t d;
    return dnnl_memory_desc_init_by_tag(&d, m->d.ndims, m->d.dims, m->d.data_type, tag) == dnnl_success
        && dnnl_memory_desc_equal(&d, &m->d);
}

int wb_md_block(const wb_md *m)
{
    if (m->d.ndims != 4)
        return 0;
    return has_tag(m, dnnl_nchw) ? 1 : has_tag(m, dnnl_nChw16c) ? 16 : has_tag(m, dnnl_nChw8c) ? 8 : 0;
}

int wb_md_is_plain(const wb_md *m)
{
    return has_tag(m, wb_tag(WB_PLAIN, m->d.ndims));
}

static wb_pd create_then(const void *desc, wb_pd hint, wb_after after, const char *what)
{
    dnnl_primitive_attr_t attr;
    dnnl_primitive_desc_t pd = NULL;
    dnnl_primitive_attr_create(&attr);
    dnnl_primitive_attr_set_scratchpad_mode(attr, dnnl_scratchpad_mode_user);
    dnnl_post_ops_t ops;
    dnnl_post_ops_create(&ops);
    if (after.sum)
        dnnl_post_ops_append_sum(ops, 1);
    if (after.activation != WB_NO_ACTIVATION) {
        float alpha = after.alpha, beta;
        dnnl_alg_kind_t alg = wb_activation_alg(after.activation, &alpha, &beta);
        dnnl_post_ops_append_eltwise(ops, 1, alg, alpha, beta);
    }
    dnnl_primitive_attr_set_post_ops(attr, ops);
    dnnl_post_ops_destroy(ops);
    int ok = wb_ok(dnnl_primitive_desc_create(&pd, desc, attr, wb_engine(), hint), what);
    dnnl_primitive_attr_destroy(attr);
    return ok ? pd : NULL;
}

static const wb_after nothing = {0, WB_NO_ACTIVATION, 0};

static wb_pd create(const void *desc, wb_pd hint, const char *what) { return create_then(desc, hint, nothing, what); }

// oneDNN counts dilation from 0.
#define DILATES(k) { (k)->dilation[0] - 1, (k)->dilation[1] - 1 }

static const dnnl_alg_kind_t conv_kinds[] = {dnnl_convolution_direct, dnnl_convolution_winograd};

wb_pd wb_conv_fwd(int algorithm, int training, const wb_md *x, const wb_md *w, const wb_md *b, const wb_md *y, const wb_window *k,
    wb_after after)
{
    dnnl_convolution_desc_t d;
    dnnl_dims_t dilates = DILATES(k);
    if (!wb_ok(dnnl_dilated_convolution_forward_desc_init(&d, training ? dnnl_forward_training : dnnl_forward_inference,
            conv_kinds[algorithm], &x->d, &w->d, b ? &b->d : NULL, &y->d, k->stride, dilates, k->begin, k->end), "convolution"))
        return NULL;
    return create_then(&d, NULL, after, "convolution");
}

wb_pd wb_conv_bwd_data(int algorithm, wb_pd fwd, const wb_md *dx, const wb_md *w, const wb_md *dy, const wb_window *k)
{
    dnnl_convolution_desc_t d;
    dnnl_dims_t dilates = DILATES(k);
    if (!wb_ok(dnnl_dilated_convolution_backward_data_desc_init(&d, conv_kinds[algorithm], &dx->d, &w->d, &dy->d, k->stride,
            dilates, k->begin, k->end), "convolution, backward data"))
        return NULL;
    return create(&d, fwd, "convolution, backward data");
}

wb_pd wb_conv_bwd_weights(int algorithm, wb_pd fwd, const wb_md *x, const wb_md *dw, const wb_md *db, const wb_md *dy, const wb_window *k)
{
    dnnl_convolution_desc_t d;
    dnnl_dims_t dilates = DILATES(k);
    if (!wb_ok(dnnl_dilated_convolution_backward_weights_desc_init(&d, conv_kinds[algorithm], &x->d, &dw->d,
            db ? &db->d : NULL, &dy->d, k->stride, dilates, k->begin, k->end), "convolution, backward weights"))
        return NULL;
    return create(&d, fwd, "convolution, backward weights");
}

wb_pd wb_linear_fwd(int training, const wb_md *x, const wb_md *w, const wb_md *b, const wb_md *y, wb_after after)
{
    dnnl_inner_product_desc_t d;
    if (!wb_ok(dnnl_inner_product_forward_desc_init(&d, training ? dnnl_forward_training : dnnl_forward_inference, &x->d, &w->d,
            b ? &b->d : NULL, &y->d), "linear"))
        return NULL;
    return create_then(&d, NULL, after, "linear");
}

// other_than is the first implementation whose name does not begin so, if there is one, in place of pd.
static wb_pd other_than(const char *prefix, wb_pd pd, const void *desc, wb_pd hint)
{
    dnnl_primitive_attr_t attr;
    dnnl_primitive_desc_iterator_t all;
    if (!pd || strncmp(wb_pd_name(pd), prefix, strlen(prefix)))
        return pd;
    dnnl_primitive_attr_create(&attr);
    dnnl_primitive_attr_set_scratchpad_mode(attr, dnnl_scratchpad_mode_user);
    if (dnnl_primitive_desc_iterator_create(&all, desc, attr, wb_engine(), hint) == dnnl_success) {
        do {
            wb_pd one = dnnl_primitive_desc_iterator_fetch(all);
            if (one && strncmp(wb_pd_name(one), prefix, strlen(prefix))) {
                wb_pd_free(pd);
                pd = one;
                break;
            }
            if (one)
                wb_pd_free(one);
        } while (dnnl_primitive_desc_iterator_next(all) == dnnl_success);
        dnnl_primitive_desc_iterator_destroy(all);
    }
    dnnl_primitive_attr_destroy(attr);
    return pd;
}

// brgemm of oneDNN 2.6 reads address 0 on AVX-512 where it divides the sum over many outputs among threads, which it does
// where there are few inputs for each thread: 48 images, 32 inputs and 2048 outputs on two threads crash, 64 inputs do not.
wb_pd wb_linear_bwd_data(wb_pd fwd, const wb_md *dx, const wb_md *w, const wb_md *dy)
{
    dnnl_inner_product_desc_t d;
    if (!wb_ok(dnnl_inner_product_backward_data_desc_init(&d, &dx->d, &w->d, &dy->d), "linear, backward data"))
        return NULL;
    wb_pd pd = create(&d, fwd, "linear, backward data");
    int divides = dy->d.dims[1] >= 1024 && dx->d.dims[1] / 64 < 2 * omp_get_max_threads();
    return divides ? other_than("brgemm", pd, &d, fwd) : pd;
}

wb_pd wb_linear_bwd_weights(wb_pd fwd, const wb_md *x, const wb_md *dw, const wb_md *db, const wb_md *dy)
{
    dnnl_inner_product_desc_t d;
    if (!wb_ok(dnnl_inner_product_backward_weights_desc_init(&d, &x->d, &dw->d, db ? &db->d : NULL, &dy->d), "linear, backward weights"))
        return NULL;
    return create(&d, fwd, "linear, backward weights");
}

wb_pd wb_norm_fwd(int training, int relu, const wb_md *x, float epsilon)
{
    dnnl_batch_normalization_desc_t d;
    unsigned flags = dnnl_use_scale | dnnl_use_shift | (relu ? dnnl_fuse_norm_relu : 0) | (training ? 0 : dnnl_use_global_stats);
    if (!wb_ok(dnnl_batch_normalization_forward_desc_init(&d, training ? dnnl_forward_training : dnnl_forward_inference, &x->d,
            epsilon, flags), "batch norm"))
        return NULL;
    return create(&d, NULL, "batch norm");
}

wb_pd wb_norm_bwd(wb_pd fwd, int relu, const wb_md *x, float epsilon)
{
    dnnl_batch_normalization_desc_t d;
    unsigned flags = dnnl_use_scale | dnnl_use_shift | (relu ? dnnl_fuse_norm_relu : 0);
    if (!wb_ok(dnnl_batch_normalization_backward_desc_init(&d, dnnl_backward, &x->d, &x->d, epsilon, flags), "batch norm, backward"))
        return NULL;
    return create(&d, fwd, "batch norm, backward");
}

int wb_norm_bwd_takes_shift(void) { return 1; }

static const dnnl_alg_kind_t pool_kinds[] = {dnnl_pooling_max, dnnl_pooling_avg_include_padding, dnnl_pooling_avg_exclude_padding};

wb_pd wb_pool_fwd(int kind, int training, const wb_md *x, const wb_md *y, const wb_window *k)
{
    dnnl_pooling_desc_t d;
    if (!wb_ok(dnnl_pooling_forward_desc_init(&d, training ? dnnl_forward_training : dnnl_forward_inference, pool_kinds[kind],
            &x->d, &y->d, k->stride, k->kernel, k->begin, k->end), "pooling"))
        return NULL;
    return create(&d, NULL, "pooling");
}

wb_pd wb_pool_bwd(wb_pd fwd, int kind, const wb_md *dx, const wb_md *dy, const wb_window *k)
{
    dnnl_pooling_desc_t d;
    if (!wb_ok(dnnl_pooling_backward_desc_init(&d, pool_kinds[kind], &dx->d, &dy->d, k->stride, k->kernel, k->begin, k->end),
            "pooling, backward"))
        return NULL;
    return create(&d, fwd, "pooling, backward");
}

wb_pd wb_add(const wb_md *a, const wb_md *b, const wb_md *y, int relu)
{
    dnnl_binary_desc_t d;
    if (!wb_ok(dnnl_binary_desc_init(&d, dnnl_binary_add, &a->d, &b->d, &y->d), "add"))
        return NULL;
    return create_then(&d, NULL, relu ? (wb_after){0, WB_RELU, 0} : nothing, "add");
}

static dnnl_primitive_attr_t user_scratchpad(void)
{
    dnnl_primitive_attr_t attr;
    dnnl_primitive_attr_create(&attr);
    dnnl_primitive_attr_set_scratchpad_mode(attr, dnnl_scratchpad_mode_user);
    return attr;
}

wb_pd wb_sum(int n, const wb_md *x)
{
    dnnl_memory_desc_t *d = malloc(n * sizeof *d);
    float *scales = malloc(n * sizeof *scales);
    for (int i = 0; i < n; i++) {
        d[i] = x->d;
        scales[i] = 1;
    }
    dnnl_primitive_desc_t pd = NULL;
    dnnl_primitive_attr_t attr = user_scratchpad();
    wb_ok(dnnl_sum_primitive_desc_create(&pd, &x->d, n, scales, d, attr, wb_engine()), "sum");
    dnnl_primitive_attr_destroy(attr);
    free(d);
    free(scales);
    return pd;
}

wb_pd wb_reorder(const wb_md *from, const wb_md *to)
{
    dnnl_primitive_desc_t pd = NULL;
    dnnl_primitive_attr_t attr = user_scratchpad();
    wb_ok(dnnl_reorder_primitive_desc_create(&pd, &from->d, wb_engine(), &to->d, wb_engine(), attr), "reorder");
    dnnl_primitive_attr_destroy(attr);
    return pd;
}

wb_md *wb_pd_md(wb_pd pd, int which, int index)
{
    static const dnnl_query_t queries[] = {dnnl_query_src_md, dnnl_query_weights_md, dnnl_query_dst_md, dnnl_query_diff_src_md,
        dnnl_query_diff_weights_md, dnnl_query_diff_dst_md, dnnl_query_workspace_md, dnnl_query_scratchpad_md};
    const dnnl_memory_desc_t *d = dnnl_primitive_desc_query_md(pd, queries[which], index);
    return d && d->ndims > 0 ? wrap(d) : NULL;
}

const char *wb_pd_name(wb_pd pd)
{
    const char *name = "";
    dnnl_primitive_desc_query(pd, dnnl_query_impl_info_str, 0, &name);
    return name;
}

void wb_pd_free(wb_pd pd) { dnnl_primitive_desc_destroy(pd); }

wb_pd wb_create(const void *desc, wb_pd hint, const char *what) { return create(desc, hint, what); }
wb_md *wb_md_keep(const dnnl_memory_desc_t *d) { return wrap(d); }

#endif
