// Vectors of B floats under the names of one set of instructions, NAME. Included once for each set.

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

// The vector from the i-th element on, of float32 or of bfloat16. A bfloat16 is the upper half of a float32.
INLINE REG NAME(load)(const void *from, int64_t i, int half)
{
    if (half)
        return (REG)(__builtin_convertvector(*(const NAME(halves) *)((const uint16_t *)from + i), NAME(bits)) << 16);
    return *(const NAME(any) *)((const float *)from + i);
}

// Where the i-th element is.
INLINE const void *NAME(at)(const void *from, int64_t i, int half) { return (const char *)from + i * (half ? 2 : 4); }

// Rounds to the nearest bfloat16, ties to even. NaN stays NaN.
INLINE void NAME(store)(void *to, int64_t i, REG v, int half)
{
    if (half) {
        const NAME(bits) b = (NAME(bits))v, near = (b + 0x7fff + (b >> 16 & 1)) >> 16, none = (b >> 16) | 0x40;
        const NAME(bits) number = (NAME(bits))(v == v);
        *(NAME(halves) *)((uint16_t *)to + i) = __builtin_convertvector((near & number) | (none & ~number), NAME(halves));
    } else {
        *(NAME(any) *)((float *)to + i) = v;
    }
}
