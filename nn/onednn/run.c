//go:build !noonednn

// Engine, instructions and the loop that runs them.
#include "internal.h"
#include <omp.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static _Thread_local char last_error[256];

const char *wb_last_error(void) { return last_error; }

int wb_ok(dnnl_status_t status, const char *what)
{
    static const char *texts[] = {"success", "out of memory", "invalid arguments", "unimplemented", "last implementation reached",
        "runtime error", "not required"};
    if (status == dnnl_success)
        return 1;
    snprintf(last_error, sizeof last_error, "%s: %s", what, status < 7 ? texts[status] : "unknown status");
    return 0;
}

static dnnl_engine_t engine;
static pthread_once_t engine_once = PTHREAD_ONCE_INIT;
static _Thread_local dnnl_stream_t stream;

static void create_engine(void) { wb_ok(dnnl_engine_create(&engine, dnnl_cpu, 0), "engine"); }

dnnl_engine_t wb_engine(void)
{
    pthread_once(&engine_once, create_engine);
    return engine;
}

int wb_start(int threads)
{
    omp_set_dynamic(0);
    omp_set_num_threads(threads);
    if (!wb_engine())
        return 0;
    return stream || wb_ok(dnnl_stream_create(&stream, wb_engine(), dnnl_stream_default_flags), "stream");
}

void wb_stop(void)
{
    if (stream)
        dnnl_stream_destroy(stream);
    stream = NULL;
}

int wb_threads(void) { return omp_get_max_threads(); }

dnnl_format_tag_t wb_tag(int layout, int ndims)
{
    static const dnnl_format_tag_t plain[] = {0, dnnl_a, dnnl_ab, dnnl_abc, dnnl_abcd, dnnl_abcde};
    static const dnnl_format_tag_t tags[] = {dnnl_format_tag_any, 0, dnnl_nChw8c, dnnl_nChw16c, dnnl_OIhw8i8o, dnnl_OIhw16i16o,
        dnnl_OIhw8o8i, dnnl_OIhw16o16i, dnnl_Goihw8g, dnnl_Goihw16g, dnnl_nhwc};
    static const dnnl_format_tag_t grouped[] = {[WB_WEIGHTS_IO8] = dnnl_gOIhw8i8o, [WB_WEIGHTS_IO16] = dnnl_gOIhw16i16o,
        [WB_WEIGHTS_OI8] = dnnl_gOIhw8o8i, [WB_WEIGHTS_OI16] = dnnl_gOIhw16o16i};
    if (ndims == 5 && layout >= WB_WEIGHTS_IO8 && layout <= WB_WEIGHTS_OI16)
        return grouped[layout];
    return layout == WB_PLAIN ? plain[ndims] : tags[layout];
}

void wb_version(int v[3])
{
    const dnnl_version_t *d = dnnl_version();
    v[0] = d->major;
    v[1] = d->minor;
    v[2] = d->patch;
}

int wb_processor_has(int class)
{
    static const int wanted[] = {dnnl_cpu_isa_avx2, dnnl_cpu_isa_avx512_core, dnnl_cpu_isa_avx512_core_bf16, dnnl_cpu_isa_avx512_core_amx};
    return (dnnl_get_effective_cpu_isa() & wanted[class]) == wanted[class];
}

int wb_arg(int which)
{
    static const int args[] = {DNNL_ARG_SRC, DNNL_ARG_SRC_1, DNNL_ARG_WEIGHTS, DNNL_ARG_BIAS, DNNL_ARG_DST, DNNL_ARG_MEAN,
        DNNL_ARG_VARIANCE, DNNL_ARG_SCALE, DNNL_ARG_SHIFT, DNNL_ARG_DIFF_SRC, DNNL_ARG_DIFF_WEIGHTS, DNNL_ARG_DIFF_BIAS,
        DNNL_ARG_DIFF_DST, DNNL_ARG_DIFF_SCALE, DNNL_ARG_DIFF_SHIFT, DNNL_ARG_WORKSPACE, DNNL_ARG_SCRATCHPAD, DNNL_ARG_MULTIPLE_SRC};
    return args[which];
}

struct wb_op {
    dnnl_primitive_t primitive; // NULL for a kernel
    int n;
    dnnl_exec_arg_t *args;
    wb_kernel kernel;
    void *arg;
};

wb_op *wb_op_primitive(wb_pd pd, int n, const wb_operand *operands)
{
    wb_op *op = calloc(1, sizeof *op);
    op->args = calloc(n, sizeof *op->args);
    if (!wb_ok(dnnl_primitive_create(&op->primitive, pd), "create primitive")) {
        wb_op_free(op);
        return NULL;
    }
    for (int i = 0; i < n; i++) {
        op->args[i].arg = operands[i].arg;
        if (!wb_ok(dnnl_memory_create(&op->args[i].memory, wb_md_raw(operands[i].md), wb_engine(), operands[i].data), "create memory")) {
            wb_op_free(op);
            return NULL;
        }
        op->n++;
    }
    return op;
}

wb_op *wb_op_kernel(wb_kernel f, const void *arg, size_t size)
{
    wb_op *op = calloc(1, sizeof *op);
    op->kernel = f;
    op->arg = malloc(size);
    memcpy(op->arg, arg, size);
    return op;
}

void wb_op_free(wb_op *op)
{
    if (op->primitive)
        dnnl_primitive_destroy(op->primitive);
    for (int i = 0; i < op->n; i++)
        dnnl_memory_destroy(op->args[i].memory);
    free(op->args);
    free(op->arg);
    free(op);
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + 1e-9 * t.tv_nsec;
}

int wb_run(wb_op *const *ops, int n, double *seconds)
{
    for (int i = 0; i < n; i++) {
        double start = seconds ? now() : 0;
        if (ops[i]->primitive) {
            if (!wb_ok(dnnl_primitive_execute(ops[i]->primitive, stream, ops[i]->n, ops[i]->args), "execute"))
                return i;
        } else
            ops[i]->kernel(ops[i]->arg);
        if (seconds)
            seconds[i] += now() - start;
    }
    return -1;
}
