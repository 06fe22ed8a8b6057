//go:build libjpeg

package libjpeg

/*
#cgo CFLAGS: -O2
#cgo LDFLAGS: -ljpeg
#include <stdio.h>
#include <jpeglib.h>
#include "decode.h"

#define TEXT(x) #x
#define SAID(x) TEXT(x)
#ifdef LIBJPEG_TURBO_VERSION
#define LIBRARY "libjpeg-turbo " SAID(LIBJPEG_TURBO_VERSION)
#else
#define LIBRARY "libjpeg " SAID(JPEG_LIB_VERSION)
#endif
*/
import "C"

import "workbench/experiments/data/raster"

// Version names the library, "" if the program was built without it.
const Version = C.LIBRARY

// Decode writes a JPEG file to m, whose size and three channels are those of the picture, height × width in original.
// It tells whether it did: what is not plain grey, YCbCr or RGB of 8 bits, and what is damaged in any way, it leaves to
// others. It changes m in any case. The picture may be read at a reduced scale, 1/1, 1/2, 1/4 or 1/8 of its size: then
// m has the size that comes of it, each side rounded up.
func Decode(file []byte, m *raster.Image, original [2]int, scale int) bool {
	if len(file) == 0 || len(m.Values) == 0 || m.Channels != 3 {
		return false
	}
	return C.libjpeg_decode((*C.uchar)(&file[0]), C.size_t(len(file)), (*C.uchar)(&m.Values[0]),
		C.uint(original[0]), C.uint(original[1]), C.uint(m.Height), C.uint(m.Width), C.uint(scale)) == C.LIBJPEG_READ
}
