package main

import "testing"

func TestBFloat16IsAdvisedAgainstWithoutTiles(t *testing.T) {
	for flags, slow := range map[string]bool{
		"": false, "avx2 fma": false, "avx512f avx512_bf16": true, "avx512_bf16 amx_bf16 amx_tile": false,
	} {
		if got := bfloat16Advice(flags); (got != "") != slow {
			t.Errorf("with %q: %q, want advice: %v", flags, got, slow)
		}
	}
}
