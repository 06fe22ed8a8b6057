// The gradient of convolution weights in bfloat16 on the tiles of AMX, in a kernel of our own. The library's takes
// several times as long as its forward pass, which is as much work.
#ifndef WB_AMX_H
#define WB_AMX_H

#include <stdint.h>

typedef struct {
    int64_t n, c, h, w; // of a group of x
    int64_t oc, oh, ow; // of a group of y
    int64_t groups;
    int64_t kh, kw;
    int64_t stride[2], dilation[2], begin[2]; // begin: padding at the top and on the left
    int threads;
} wb_amx_shape;

int wb_amx_permitted(void); // whether the system lets this process use tiles, which the processor must have

// dw from x [n, h, w, groups, c] and dy [n, oh, ow, groups, oc] of bfloat16. dw is float32,
// [groups][oc/16][c/16][kh][kw][16 c][16 oc], with zeros where the last blocks have no channels. work has
// wb_amx_work_bytes and begins on a cache line. With the same number of threads, the bits are the same run after run.
// emulated computes in plain C, which shows on any processor what the kernel computes.
typedef struct {
    wb_amx_shape s;
    const uint16_t *x, *dy;
    float *dw;
    void *work;
    int emulated;
} wb_amx_gradient_arg;
int64_t wb_amx_work_bytes(const wb_amx_shape *s);
void wb_amx_gradient(const void *arg);

#endif
