// Vectors of B floats under the names of one set of instructions, NAME; included once for each.

typedef float NAME(vec) __attribute__((vector_size(4 * B), aligned(4)));
typedef float NAME(any) __attribute__((vector_size(4 * B), aligned(4), may_alias));
typedef float NAME(whole) __attribute__((vector_size(4 * B)));
typedef uint32_t NAME(bits) __attribute__((vector_size(4 * B)));
typedef int32_t NAME(mask) __attribute__((vector_size(4 * B)));
typedef uint16_t NAME(halves) __attribute__((vector_size(2 * B), aligned(2), may_alias));

#ifndef VEC
#define VEC NAME(vec)
#define REG NAME(whole)
#define INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("GCC unroll 16")
#endif

// The vector from the i-th element on, of float32 or of bfloat16, which is its upper half.
INLINE REG NAME(load)(const void *from, int64_t i, int half)
{
    if (half)
        return (REG)(__builtin_convertvector(*(const NAME(halves) *)((const uint16_t *)from + i), NAME(bits)) << 16);
    return *(const NAME(any) *)((const float *)from + i);
}
