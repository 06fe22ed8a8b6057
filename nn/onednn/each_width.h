// Includes VECTOR_CODE, the kernels of a file for vectors of B floats, once for each width that processors have.
// NAME(f) is f_avx2 and f_avx512; BY_WIDTH(f) is the one for this processor.

#include "vector_block.h"

#define CONCAT(a, b) a##b
#define PASTE(a, b) CONCAT(a, b)
#define BY_WIDTH(f) (wb_vector_block() == 16 ? PASTE(f, _avx512) : PASTE(f, _avx2))

// ROWS results by two vectors, or GRADIENT_ROWS by three, are as many sums as there are registers.
#pragma GCC push_options
#pragma GCC target("avx2,fma")
#define B 8
#define ROWS 6
#define GRADIENT_ROWS 4
#define NAME(x) PASTE(x, _avx2)
#include VECTOR_CODE
#undef B
#undef ROWS
#undef GRADIENT_ROWS
#undef NAME
#pragma GCC pop_options

#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,avx512dq,avx512vl,fma,prefer-vector-width=512")
#define B 16
#define ROWS 12
#define GRADIENT_ROWS 8
#define NAME(x) PASTE(x, _avx512)
#include VECTOR_CODE
#undef B
#undef ROWS
#undef GRADIENT_ROWS
#undef NAME
#pragma GCC pop_options
