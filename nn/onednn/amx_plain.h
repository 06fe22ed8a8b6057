// What amx_processor.h has the processor do, in plain C.

typedef union {
    char row[16][64];
    float sum[16][16];
    uint16_t half[16][32];
} emulated_tile;

static _Thread_local emulated_tile emulated_tiles[8];

static void tiles_begin_plain(void) { memset(emulated_tiles, 0xff, sizeof emulated_tiles); }
static void tiles_end_plain(void) {}
static void tile_zero_plain(int tile) { memset(&emulated_tiles[tile], 0, sizeof *emulated_tiles); }

static void tile_load_plain(int tile, const void *from, int64_t stride)
{
    for (int i = 0; i < 16; i++)
        memcpy(emulated_tiles[tile].row[i], (const char *)from + i * stride, 64);
}

static void tile_store_plain(int tile, void *to, int64_t stride)
{
    for (int i = 0; i < 16; i++)
        memcpy((char *)to + i * stride, emulated_tiles[tile].row[i], 64);
}

static float float_of_half(uint16_t h)
{
    union {
        uint32_t bits;
        float value;
    } u = {(uint32_t)h << 16};
    return u.value;
}

static void tile_product_plain(int sum, int a, int b)
{
    for (int m = 0; m < 16; m++)
        for (int k = 0; k < 32; k++) {
            const float left = float_of_half(emulated_tiles[a].half[m][k]);
            for (int n = 0; n < 16; n++)
                emulated_tiles[sum].sum[m][n] += left * float_of_half(emulated_tiles[b].half[k / 2][2 * n + k % 2]);
        }
}

static uint16_t half_at(const uint16_t *from, int64_t i, int64_t valid) { return i < valid ? from[i] : 0; }

static void load_four_plain(const uint16_t *const *pixel, int64_t channel, int64_t valid, halves *to)
{
    for (int i = 0; i < 32; i++)
        (*to)[i] = half_at(pixel[i / 8 * 8] + channel, i % 8, valid);
}

static void load_words_plain(const uint16_t *from, int64_t valid, words *to)
{
    for (int i = 0; i < 16; i++)
        (*to)[i] = half_at(from, i, valid);
}
