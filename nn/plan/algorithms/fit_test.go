package algorithms

import (
	"reflect"
	"testing"
)

// trial is of a dense 3×3 layer.
func trial(d Direction, channels, side int, seconds map[string]float64) Trial {
	return Trial{Layer: Layer{Kernel: [2]int{3, 3}, Stride: [2]int{1, 1}, Dilation: [2]int{1, 1}, Groups: 1, In: channels,
		Out: channels, Batch: 1, Side: [2]int{side, side}}, Direction: d, Seconds: seconds}
}

func times(direct, quick float64) map[string]float64 {
	return map[string]float64{Direct: direct, "quick": quick}
}

func TestFitFindsWhereAnAlgorithmWins(t *testing.T) {
	var trials []Trial
	for _, channels := range []int{16, 32, 64, 128} {
		for _, side := range []int{4, 8, 16} {
			quick := 1.2
			if channels >= 32 && channels <= 64 && side >= 8 {
				quick = 0.6
			}
			trials = append(trials, trial(Forward, channels, side, times(1, quick)), trial(BackwardData, channels, side, times(1, 1.01)))
		}
	}
	kind := Rule{Algorithm: "quick", Direction: Forward, Kernel: 3, Stride: 1, Dilation: 1}
	want := kind
	want.Channels, want.MostChannels, want.Pixels = 32, 64, 64
	if got := Fit(trials, []string{"quick"}); !reflect.DeepEqual(got, []Rule{want}) {
		t.Errorf("rules %+v, want %+v", got, want)
	}
	if got := Fit([]Trial{trial(Forward, 16, 4, times(1, 0.99))}, []string{"quick"}); len(got) > 0 {
		t.Errorf("rules %+v for a gain within noise, want none", got)
	}
}

// An algorithm may be faster for layers with few pixels only.
func TestFitFindsTheMostPixels(t *testing.T) {
	var trials []Trial
	for _, side := range []int{1, 2, 4, 8} {
		quick := 0.5
		if side > 2 {
			quick = 1.1
		}
		trials = append(trials, trial(Forward, 64, side, times(1, quick)))
	}
	want := Rule{Algorithm: "quick", Direction: Forward, Kernel: 3, Stride: 1, Dilation: 1, Channels: 64, Pixels: 1, MostPixels: 4}
	if got := Fit(trials, []string{"quick"}); !reflect.DeepEqual(got, []Rule{want}) {
		t.Errorf("rules %+v, want %+v", got, want)
	}
}

// The rule of a second algorithm comes first where it beats the first one, and leaves the other layers to it.
func TestFitOfSeveralAlgorithms(t *testing.T) {
	all := func(direct, quick, other float64) map[string]float64 {
		return map[string]float64{Direct: direct, "quick": quick, "other": other}
	}
	trials := []Trial{trial(Forward, 32, 8, all(1, 0.5, 0.7)), trial(Forward, 64, 8, all(1, 0.5, 0.3))}
	got := &Table{Rules: Fit(trials, []string{"quick", "other"})}
	for i, want := range []string{"quick", "other"} {
		if a := got.Algorithm(Forward, trials[i].Layer, func(string) bool { return true }); a != want {
			t.Errorf("%v is computed by %s, want %s: rules %+v", trials[i].Layer, a, want, got.Rules)
		}
	}
}
