package main

import (
	"slices"
	"strings"

	"workbench/experiments/machine"
)

// slowBFloat16 says that bf16 is no way to be fast on this processor, "" if it is or cannot be computed at all.
func slowBFloat16() string { return bfloat16Advice(machine.Field("/proc/cpuinfo", "flags")) }

// bfloat16Advice takes the flags of /proc/cpuinfo. With AVX512-BF16 alone, training in bf16 was measured to take 1.4 to
// 2.7 times as long as in float32; with tiles (AMX) it is faster.
func bfloat16Advice(flags string) string {
	has := strings.Fields(flags)
	if slices.Contains(has, "avx512_bf16") && !slices.Contains(has, "amx_bf16") {
		return "precision bf16 saves memory here but is slower than float32, because the processor has avx512_bf16 without amx_bf16"
	}
	return ""
}
