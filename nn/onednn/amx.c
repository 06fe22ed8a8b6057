//go:build !noonednn

// Sizes, the system's permission, and the choice between tiles and their emulation.
#include "amx.h"
#include "amx_plan.h"
#include "amx_share.h"
#include <immintrin.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CONCAT(a, b) a##b
#define PASTE(a, b) CONCAT(a, b)

typedef uint16_t halves __attribute__((vector_size(64)));
typedef uint32_t words __attribute__((vector_size(64)));
typedef uint64_t longs __attribute__((vector_size(64)));

#define NAME(x) PASTE(x, _plain)
#include "amx_plain.h"
#include "amx_vector.h"
#undef NAME

#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,avx512vl,avx512dq,prefer-vector-width=512")
#define NAME(x) PASTE(x, _amx)
#include "amx_processor.h"
#include "amx_vector.h"
#pragma GCC pop_options

int wb_amx_permitted(void)
{
    enum { request_permission = 0x1023, tile_data = 18 };
    return syscall(SYS_arch_prctl, request_permission, tile_data) == 0;
}

int64_t wb_amx_work_bytes(const wb_amx_shape *s)
{
    const amx_plan p = plan_of(s);
    return parts(&p) * thread_bytes(&p) + (p.pixel_parts - 1) * p.sums * (int64_t)sizeof(float);
}

void wb_amx_gradient(const void *arg)
{
    const wb_amx_gradient_arg *a = arg;
    const amx_plan p = plan_of(&a->s);
    for (int64_t g = 0; g < a->s.groups; g++) {
        wb_amx_gradient_arg of = *a;
        of.x += g * a->s.c;
        of.dy += g * a->s.oc;
        of.dw += g * p.sums;
        a->emulated ? gradient_plain(&of, &p) : gradient_amx(&of, &p);
    }
}
