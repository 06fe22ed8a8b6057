// The processor's instructions. Tiles 0 to 3 are sums, 4 and 5 factors [16][32], 6 and 7 factors [32/2][16][2].

#define TILE_INLINE static inline __attribute__((always_inline))

#define EACH_TILE(f) f(0) f(1) f(2) f(3) f(4) f(5) f(6) f(7)
#define EACH_PAIR(f, sum) f(sum, 4, 6) f(sum, 4, 7) f(sum, 5, 6) f(sum, 5, 7)

TILE_INLINE void tiles_begin_amx(void)
{
    struct {
        uint8_t palette, start, zero[14];
        uint16_t bytes[16]; // of a row
        uint8_t rows[16];
    } config = {.palette = 1};
    for (int t = 0; t < 8; t++) {
        config.bytes[t] = 64;
        config.rows[t] = 16;
    }
    __asm__ volatile("ldtilecfg %0" ::"m"(config) : "memory");
}

TILE_INLINE void tiles_end_amx(void) { __asm__ volatile("tilerelease" ::: "memory"); }

// tile is a constant where these are inlined.
TILE_INLINE void tile_zero_amx(int tile)
{
#define ZERO(t) case t: __asm__ volatile("tilezero %%tmm" #t ::: "memory"); break;
    switch (tile) { EACH_TILE(ZERO) }
#undef ZERO
}

// 16 rows, `stride` bytes apart.
TILE_INLINE void tile_load_amx(int tile, const void *from, int64_t stride)
{
#define LOAD(t) case t: __asm__ volatile("tileloadd (%0,%1,1), %%tmm" #t ::"r"(from), "r"(stride) : "memory"); break;
    switch (tile) { EACH_TILE(LOAD) }
#undef LOAD
}

TILE_INLINE void tile_store_amx(int tile, void *to, int64_t stride)
{
#define STORE(t) case t: __asm__ volatile("tilestored %%tmm" #t ", (%0,%1,1)" ::"r"(to), "r"(stride) : "memory"); break;
    switch (tile) { EACH_TILE(STORE) }
#undef STORE
}

// sum [16][16] += a [16][32] · b [32][16]
TILE_INLINE void tile_product_amx(int sum, int a, int b)
{
#define PRODUCT_OF(s, l, r) case s * 64 + l * 8 + r: __asm__ volatile("tdpbf16ps %%tmm" #r ", %%tmm" #l ", %%tmm" #s ::: "memory"); break;
    switch (sum * 64 + a * 8 + b) { EACH_PAIR(PRODUCT_OF, 0) EACH_PAIR(PRODUCT_OF, 1) EACH_PAIR(PRODUCT_OF, 2) EACH_PAIR(PRODUCT_OF, 3) }
#undef PRODUCT_OF
}

// Eight channels of the pixels 0, 8, 16 and 24 of a list, of which `valid` exist.
TILE_INLINE void load_four_amx(const uint16_t *const *pixel, int64_t channel, int64_t valid, halves *to)
{
    const __mmask8 some = valid > 0 ? (1u << valid) - 1 : 0;
    __m512i v = {0};
#define EIGHT(at) (__builtin_constant_p(valid >= 8) && valid >= 8 ? _mm_loadu_si128((const void *)(at)) : _mm_maskz_loadu_epi16(some, at))
#define INSERT(i) v = _mm512_inserti32x4(v, EIGHT(pixel[8 * i] + channel), i);
    INSERT(0) INSERT(1) INSERT(2) INSERT(3)
#undef INSERT
#undef EIGHT
    *to = (halves)v;
}

// Sixteen channels, of which `valid` exist, in the lower halves of words.
TILE_INLINE void load_words_amx(const uint16_t *from, int64_t valid, words *to)
{
    const int all = __builtin_constant_p(valid >= 16) && valid >= 16;
    *to = (words)_mm512_cvtepu16_epi32(all ? _mm256_loadu_si256((const void *)from) : _mm256_maskz_loadu_epi16((1u << valid) - 1, from));
}
