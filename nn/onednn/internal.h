// Shared between the C files of the bridge.
#ifndef WB_INTERNAL_H
#define WB_INTERNAL_H

#include "bridge.h"
#include <oneapi/dnnl/dnnl.h>
#include <stdlib.h>

int wb_ok(dnnl_status_t status, const char *what); // keeps the message of a failure for wb_last_error
dnnl_engine_t wb_engine(void);
dnnl_format_tag_t wb_tag(int layout, int ndims); // of a layout that is asked for by name

#if DNNL_VERSION_MAJOR < 3
const dnnl_memory_desc_t *wb_md_raw(const wb_md *m);
wb_pd wb_create(const void *desc, wb_pd hint, const char *what); // of an operation descriptor
wb_md *wb_md_keep(const dnnl_memory_desc_t *d);
// The activation as a post-operation. *alpha holds the slope before the call, and
// alpha and beta those of the library after it.
dnnl_alg_kind_t wb_activation_alg(int kind, float *alpha, float *beta);
#else
const_dnnl_memory_desc_t wb_md_raw(const wb_md *m);
#endif

#endif
