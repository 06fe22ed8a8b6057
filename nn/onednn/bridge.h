// Everything of oneDNN that the backend uses, behind functions that do not depend on the library's major version.
#ifndef WB_BRIDGE_H
#define WB_BRIDGE_H

#include <stddef.h>
#include <stdint.h>

typedef struct wb_md wb_md; // a memory descriptor; lives as long as the process
typedef void *wb_pd;        // a primitive descriptor

// Layouts that have names here: images in blocks of channels; weights in blocks of input and output channels, where the
// outer axis inside a block is the input (IO) or the output (OI); and weights of depthwise convolutions (G). Images in
// which the channels of a pixel lie side by side are WB_CHANNELS_LAST.
enum { WB_ANY, WB_PLAIN, WB_BLOCK8, WB_BLOCK16, WB_WEIGHTS_IO8, WB_WEIGHTS_IO16, WB_WEIGHTS_OI8, WB_WEIGHTS_OI16,
    WB_WEIGHTS_G8, WB_WEIGHTS_G16, WB_CHANNELS_LAST };

// Which memory of a primitive.
enum { WB_SRC, WB_WEIGHTS, WB_DST, WB_DIFF_SRC, WB_DIFF_WEIGHTS, WB_DIFF_DST, WB_WORKSPACE, WB_SCRATCHPAD };

enum { WB_DIMS = 12 }; // the library reads whole dnnl_dims_t

// Stride, dilation (1 is dense), padding above and left, below and right, and kernel of a window.
typedef struct {
    int64_t stride[WB_DIMS], dilation[WB_DIMS], begin[WB_DIMS], end[WB_DIMS], kernel[WB_DIMS];
} wb_window;

const char *wb_last_error(void);
int wb_start(int threads); // on the thread that will run everything
void wb_stop(void);        // on that thread, when it has run everything
int wb_threads(void);      // of the calling thread's instructions
void wb_version(int v[3]);
enum { WB_AVX2, WB_AVX512_CORE, WB_AVX512_CORE_BF16, WB_AVX512_CORE_AMX };
int wb_processor_has(int class); // whether the library uses the class's instructions here

wb_md *wb_md_new(int ndims, const int64_t *dims, int layout, int half); // half: bfloat16 instead of float32
int wb_md_is_half(const wb_md *m);
wb_md *wb_md_part(const wb_md *whole, int axis, int64_t from, int64_t count); // NULL if the layout cannot be cut there
// A view of the same memory whose axis i is m's axis axes[i]; NULL on failure.
wb_md *wb_md_permuted(const wb_md *m, const int *axes);
int wb_md_equal(const wb_md *a, const wb_md *b);
size_t wb_md_size(const wb_md *m);
int wb_md_block(const wb_md *m); // channels in a block of an image: 1 for plain NCHW, 8 or 16, 0 for other layouts
int wb_md_is_plain(const wb_md *m);

// Activations that the library has in every version.
enum { WB_RELU, WB_RELU6, WB_LEAKY_RELU, WB_SIGMOID, WB_SILU, WB_HARD_SWISH, WB_TANH, WB_GELU, WB_GELU_TANH, WB_NO_ACTIVATION };

// What a primitive does with its result: it adds it to what the destination holds, then applies the activation.
typedef struct {
    int sum, activation;
    float alpha; // of WB_LEAKY_RELU
} wb_after;

// Each returns NULL on failure; wb_last_error says why. A window or flag that a primitive does not need is ignored.
enum { WB_DIRECT, WB_WINOGRAD };
wb_pd wb_conv_fwd(int algorithm, int training, const wb_md *x, const wb_md *w, const wb_md *b, const wb_md *y, const wb_window *k,
    wb_after after);
wb_pd wb_conv_bwd_data(int algorithm, wb_pd fwd, const wb_md *dx, const wb_md *w, const wb_md *dy, const wb_window *k);
wb_pd wb_conv_bwd_weights(int algorithm, wb_pd fwd, const wb_md *x, const wb_md *dw, const wb_md *db, const wb_md *dy, const wb_window *k);
wb_pd wb_linear_fwd(int training, const wb_md *x, const wb_md *w, const wb_md *b, const wb_md *y, wb_after after);
wb_pd wb_linear_bwd_data(wb_pd fwd, const wb_md *dx, const wb_md *w, const wb_md *dy);
wb_pd wb_linear_bwd_weights(wb_pd fwd, const wb_md *x, const wb_md *dw, const wb_md *db, const wb_md *dy);
wb_pd wb_norm_fwd(int training, int relu, const wb_md *x, float epsilon);
wb_pd wb_norm_bwd(wb_pd fwd, int relu, const wb_md *x, float epsilon);
int wb_norm_bwd_takes_shift(void); // whether the library insists on a shift, on which no gradient depends
enum { WB_MAX, WB_AVG_COUNT_PAD, WB_AVG };
wb_pd wb_pool_fwd(int kind, int training, const wb_md *x, const wb_md *y, const wb_window *k);
wb_pd wb_pool_bwd(wb_pd fwd, int kind, const wb_md *dx, const wb_md *dy, const wb_window *k);
wb_pd wb_relu_fwd(const wb_md *x);
wb_pd wb_relu_bwd(const wb_md *y); // from the result
wb_pd wb_add(const wb_md *a, const wb_md *b, const wb_md *y, int relu);
wb_pd wb_sum(int n, const wb_md *x);
wb_pd wb_reorder(const wb_md *from, const wb_md *to);
// In the layout of x. The gradient reads the result instead of x where op.Activation says so.
wb_pd wb_activation_fwd(int kind, float alpha, const wb_md *x);
wb_pd wb_activation_bwd(int kind, float alpha, const wb_md *x);
wb_pd wb_softmax_fwd(int log, const wb_md *x); // over the last axis
wb_pd wb_softmax_bwd(int log, const wb_md *y); // from the result
wb_pd wb_shuffle(const wb_md *x, int64_t width); // transposes the channels as [c/width, width]
wb_pd wb_matmul(const wb_md *a, const wb_md *b, const wb_md *y);

wb_md *wb_pd_md(wb_pd pd, int which, int index); // NULL if the primitive has none
const char *wb_pd_name(wb_pd pd);                // of the implementation
void wb_pd_free(wb_pd pd);

// One instruction: a primitive with its arguments, or a kernel of ours.
typedef struct wb_op wb_op;
typedef void (*wb_kernel)(const void *arg);

typedef struct {
    int arg; // DNNL_ARG_…
    const wb_md *md;
    void *data;
} wb_operand;

wb_op *wb_op_primitive(wb_pd pd, int n, const wb_operand *operands);
wb_op *wb_op_kernel(wb_kernel f, const void *arg, size_t size); // copies arg
void wb_op_free(wb_op *op);
// Runs the instructions in order. Returns the index of the first that failed, or -1. If seconds is
// not NULL, the time of each is added to it.
int wb_run(wb_op *const *ops, int n, double *seconds);

// The numbers of DNNL_ARG_… that are needed.
enum { WB_ARG_SRC, WB_ARG_SRC1, WB_ARG_WEIGHTS, WB_ARG_BIAS, WB_ARG_DST, WB_ARG_MEAN, WB_ARG_VARIANCE, WB_ARG_SCALE, WB_ARG_SHIFT,
       WB_ARG_DIFF_SRC, WB_ARG_DIFF_WEIGHTS, WB_ARG_DIFF_BIAS, WB_ARG_DIFF_DST, WB_ARG_DIFF_SCALE, WB_ARG_DIFF_SHIFT,
       WB_ARG_WORKSPACE, WB_ARG_SCRATCHPAD, WB_ARG_MULTIPLE };
int wb_arg(int which);

#endif
