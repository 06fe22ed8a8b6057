#include <stddef.h>

// What became of a file.
enum { LIBJPEG_READ, LIBJPEG_LEFT };

// libjpeg_decode writes a JPEG file of 8-bit grey, YCbCr or RGB, of which a scale-th part of each side is wanted, to dst
// [3, height, width]. It leaves a file that is of another kind, has another size or gives any warning, and dst then holds
// nothing of use.
int libjpeg_decode(const unsigned char *file, size_t n, unsigned char *dst, unsigned whole_height, unsigned whole_width,
                   unsigned height, unsigned width, unsigned scale);
