package bench

import (
	"math"
	"testing"

	"workbench/nn/plan"
)

func TestSample(t *testing.T) {
	ours := Sample{{3, 1, 2}, {4, 2, 2}} // medians 2 and 2
	theirs := Sample{{4, 4, 9}, {8, 2, 6}}
	for _, c := range []struct {
		what      string
		got, want float64
	}{
		{"median of an even number", ours.Median(), 2},
		{"median between two", Sample{{1, 2}, {5, 8}}.Median(), 3.5},
		{"fastest", ours.Min(), 1},
		{"slow of six", ours.Slow(), 4},
		{"slow of one", Sample{{7}}.Slow(), 7},
		{"slow of ten", Sample{{10, 9, 8, 7, 6}, {5, 4, 3, 2, 1}}.Slow(), 9},
		{"slow of eleven", Sample{{11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1}}.Slow(), 10},
		{"slow of twenty", Sample{{20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1}}.Slow(), 18},
		{"spread", ours.Spread(), 1},
		{"steps", float64(ours.Steps()), 6},
		{"ratio of medians", ours.Over(theirs).Median, 2.5},
		{"ratio of the fastest", ours.Over(theirs).Fastest, 2},
		{"lowest round", ours.Over(theirs).Low, 2},
		{"highest round", ours.Over(theirs).High, 3},
		{"geometric mean", GeometricMean([]float64{1, 2, 4}), 2},
	} {
		if !(math.Abs(c.got-c.want) <= 1e-12) {
			t.Errorf("%s: %v, want %v", c.what, c.got, c.want)
		}
	}
	for what, got := range map[string]float64{"median": Sample{}.Median(), "slow": Sample{}.Slow(),
		"fastest": Sample{}.Min(), "mean": GeometricMean(nil)} {
		if !math.IsNaN(got) {
			t.Errorf("%s of nothing: %v, want NaN", what, got)
		}
	}
}

func TestOperators(t *testing.T) {
	timings := []plan.Timing{
		{Name: "conv", Implementation: "jit:avx2", Shape: "a", Seconds: 1, FLOPs: 10},
		{Name: "sgd", Implementation: "workbench", Shape: "c", Seconds: 4},
		{Name: "conv", Implementation: "jit:avx2", Shape: "b", Seconds: 2, FLOPs: 20},
	}
	all := Operators(timings, false, true)
	if len(all) != 2 || all[0].Name != "sgd" || all[0].Fault || all[1] != (Operator{Name: "conv", Implementation: "jit:avx2",
		Count: 2, Seconds: 3, FLOPs: 30, Fault: true}) {
		t.Errorf("summed up to %+v, want sgd, then both convolutions, which are a fault where vectors are wide", all)
	}
	if got := Operators(timings, true, false); len(got) != 3 || got[1].Shape != "b" || got[1].Fault {
		t.Errorf("by shape: %+v, want three, the slower convolution second, no fault", got)
	}
	timings = append(timings, plan.Timing{Name: "conv", Implementation: "workbench:product", Seconds: 1})
	if instead, own, between := Outside(timings, 10); !(math.Abs(instead-0.1) <= 1e-12) || !(math.Abs(own-0.4) <= 1e-12) ||
		!(math.Abs(between-0.2) <= 1e-12) {
		t.Errorf("shares outside the library %v, %v and %v, want 0.1, 0.4 and 0.2: of 10 s, 3 were inside, "+
			"1 in a kernel in place of one, 4 in other own ones", instead, own, between)
	}
}

func TestSlow(t *testing.T) {
	for implementation, want := range map[string]bool{
		"ref:any": true, "ncsp_bnorm:any": true, "bnorm_ref:any": true, "x64:gemm:jit": true, "gemm:jit": true, "jit:avx2": true,
		"brgconv:avx512_core": false, "jit:avx512_core": false, "jit_wino_4x3:avx512_core": false, "bnorm_jit:avx512_core": false,
		"jit:uni": false, "workbench": false, "brgemm:avx512_core": false,
	} {
		if got := slow(implementation, true); got != want {
			t.Errorf("%s: slow is %v, want %v", implementation, got, want)
		}
	}
	if slow("jit:avx2", false) {
		t.Error("jit:avx2 is the best there is without 512-bit vectors")
	}
}

func TestPeak(t *testing.T) {
	shapes := []peakShape{{batch: 1, channels: 8, side: 4, layers: 2}, {batch: 64, channels: 64, layers: 1},
		{batch: 1 << 20, channels: 1 << 20, layers: 9}}
	if got := shapes[0].flops(); got != 2*2*8*8*9*16 {
		t.Errorf("%v FLOPs, want those of two 3×3 convolutions", got)
	}
	p, err := measurePeak(plan.Reference{}, Float32, shapes) // the last would take days, and is left out
	if err != nil || !(p.FLOPS > 1e3) || p.Shape != shapes[0].String() && p.Shape != shapes[1].String() {
		t.Errorf("peak %+v, error %v", p, err)
	}
}
