package algorithms

import (
	"reflect"
	"testing"
)

// layerOf is a square layer of 8 channels on 4×4 pixels.
func layerOf(kernel, stride, dilation, groups int) Layer {
	return Layer{Kernel: [2]int{kernel, kernel}, Stride: [2]int{stride, stride}, Dilation: [2]int{dilation, dilation}, Groups: groups,
		In: 8 * groups, Out: 8 * groups, Batch: 1, Side: [2]int{4, 4}}
}

// Rules are made for each kind of layer apart, in the order of directions, kernels, strides and dilations, whatever the
// order of the trials. A layer that the algorithm did not try, or whose two axes differ, is of no kind.
func TestFitMakesARuleForEachKind(t *testing.T) {
	oblong := []Layer{layerOf(5, 1, 1, 1), layerOf(5, 1, 1, 1), layerOf(5, 1, 1, 1)}
	oblong[0].Kernel[1], oblong[1].Stride[1], oblong[2].Dilation[1] = 3, 2, 2
	var trials []Trial
	for _, l := range oblong {
		trials = append(trials, Trial{Layer: l, Direction: Forward, Seconds: times(1, 0.5)})
	}
	trials = append(trials, Trial{Layer: layerOf(7, 1, 1, 1), Direction: Forward, Seconds: map[string]float64{Direct: 1}})
	for _, of := range []struct {
		d      Direction
		layers []Layer
	}{
		{BackwardWeights, []Layer{layerOf(1, 1, 1, 1)}}, {BackwardData, []Layer{layerOf(1, 1, 1, 1)}},
		{Forward, []Layer{layerOf(3, 2, 1, 1), layerOf(3, 1, 2, 1), layerOf(3, 1, 1, 1), layerOf(1, 2, 1, 1), layerOf(5, 1, 1, 2)}},
	} {
		for _, l := range of.layers {
			trials = append(trials, Trial{Layer: l, Direction: of.d, Seconds: times(1, 0.5)})
		}
	}
	rule := func(d Direction, kernel, stride, dilation int, grouped bool) Rule {
		return Rule{Algorithm: "quick", Direction: d, Kernel: kernel, Stride: stride, Dilation: dilation, Grouped: grouped,
			Channels: 8, Pixels: 16}
	}
	want := []Rule{rule(Forward, 1, 2, 1, false), rule(Forward, 3, 1, 1, false), rule(Forward, 3, 1, 2, false), rule(Forward, 3, 2, 1, false),
		rule(Forward, 5, 1, 1, true), rule(BackwardData, 1, 1, 1, false), rule(BackwardWeights, 1, 1, 1, false)}
	if got := Fit(trials, []string{"quick"}); !reflect.DeepEqual(got, want) {
		t.Errorf("rules\n%+v, want\n%+v", got, want)
	}
}

// A later algorithm is compared with what the rules before it leave: with the earlier algorithm where a rule chooses
// it, with the direct sum elsewhere, also where the earlier one was tried and is slow.
func TestFitComparesWithTheBestSoFar(t *testing.T) {
	all := func(quick, other float64) map[string]float64 {
		return map[string]float64{Direct: 1, "quick": quick, "other": other}
	}
	trials := []Trial{
		trial(Forward, 16, 8, all(0.5, 0.52)), trial(Forward, 32, 8, all(0.5, 0.6)),
		trial(Forward, 64, 8, all(2, 0.99)), trial(Forward, 128, 8, all(2, 0.9)),
		trial(Forward, 256, 8, map[string]float64{Direct: 1, "other": 0.9}),
	}
	rule := Rule{Direction: Forward, Kernel: 3, Stride: 1, Dilation: 1, Pixels: 64}
	quick, other := rule, rule
	quick.Algorithm, quick.Channels, quick.MostChannels = "quick", 16, 32
	other.Algorithm, other.Channels = "other", 128
	if got := Fit(trials, []string{"quick", "other"}); !reflect.DeepEqual(got, []Rule{other, quick}) {
		t.Errorf("rules\n%+v, want\n%+v", got, []Rule{other, quick})
	}
	if got := Fit(trials, nil); got != nil {
		t.Errorf("rules %+v without another algorithm", got)
	}
}

// The bounds enclose what gains and no more: in channels and pixels, with gaps, at either end.
func TestFitBounds(t *testing.T) {
	for name, c := range map[string]struct {
		wins func(channels, side int) float64
		want []Rule
	}{
		"everywhere": {func(int, int) float64 { return 0.5 }, []Rule{{Channels: 8, Pixels: 4}}},
		"nowhere":    {func(int, int) float64 { return 1 }, nil},
		"few channels": {func(c, _ int) float64 { return map[bool]float64{true: 0.5, false: 2}[c < 32] },
			[]Rule{{Channels: 8, MostChannels: 16, Pixels: 4}}},
		"many pixels": {func(_, s int) float64 { return map[bool]float64{true: 0.5, false: 2}[s > 2] }, []Rule{{Channels: 8, Pixels: 16}}},
		"one layer": {func(c, s int) float64 { return map[bool]float64{true: 0.5, false: 2}[c == 16 && s == 4] },
			[]Rule{{Channels: 16, MostChannels: 16, Pixels: 16, MostPixels: 16}}},
	} {
		var trials []Trial
		for _, channels := range []int{32, 8, 16} {
			for _, side := range []int{4, 8, 2} {
				trials = append(trials, trial(BackwardData, channels, side, times(1, c.wins(channels, side))))
			}
		}
		for i := range c.want {
			w := &c.want[i]
			w.Algorithm, w.Direction, w.Kernel, w.Stride, w.Dilation = "quick", BackwardData, 3, 1, 1
		}
		if got := Fit(trials, []string{"quick"}); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: rules\n%+v, want\n%+v", name, got, c.want)
		}
	}
}
