//go:build !noonednn

package onednn

/*
#include <stdlib.h>
#include "amx.h"
*/
import "C"

import (
	"unsafe"
)

// amxGradient runs the kernel alone, for tests, which cannot call C: images [n, h, w, c] of bfloat16, the gradient in blocks of
// 16×16 channels. Its memory is filled with what is no number before. emulated: without the processor's tiles.
func (v *convolution) amxGradient(x, dy []uint16, threads int, emulated bool) ([]float32, error) {
	shape := v.amxShape()
	shape.threads = C.int(threads)
	up := func(channels int) int { return (channels + 15) / 16 * 16 }
	floatsOf := v.Groups * up(v.w[0]/v.Groups) * up(v.w[1]) * v.w[2] * v.w[3]
	var memory [4]unsafe.Pointer
	for i, bytes := range []int{2 * len(x), 2 * len(dy), floatBytes * floatsOf, int(C.wb_amx_work_bytes(&shape))} {
		p, err := allocate(bytes)
		if err != nil {
			return nil, err
		}
		defer C.free(p)
		memory[i] = p
		for k := range unsafe.Slice((*byte)(p), bytes) {
			unsafe.Slice((*byte)(p), bytes)[k] = 0xff
		}
	}
	copy(unsafe.Slice((*uint16)(memory[0]), len(x)), x)
	copy(unsafe.Slice((*uint16)(memory[1]), len(dy)), dy)
	arg := C.wb_amx_gradient_arg{s: shape, x: (*C.uint16_t)(memory[0]), dy: (*C.uint16_t)(memory[1]), dw: (*C.float)(memory[2]),
		work: memory[3], emulated: flag(emulated)}
	C.wb_amx_gradient(unsafe.Pointer(&arg))
	return append([]float32(nil), floats(memory[2], floatsOf)...), nil
}
