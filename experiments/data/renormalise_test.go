package data_test

import (
	"math"
	"strings"
	"testing"

	"workbench/experiments/data"
)

// A pixel that is normalised one way becomes what it is the other way, and what an info says of itself reads back.
func TestPixelsAreNormalisedAnew(t *testing.T) {
	from := data.Info{Channels: 3, Mean: []float64{0.1, 0.2, 0.3}, Std: []float64{0.5, 0.25, 0.2}}
	for text, want := range map[string][2][]float64{
		"half": {{0.5, 0.5, 0.5}, {0.5, 0.5, 0.5}}, "none": {{0, 0, 0}, {1, 1, 1}}, "0.5 / 0.25": {{0.5, 0.5, 0.5}, {0.25, 0.25, 0.25}},
		"0 0.5 1 / 0.2 0.3 1": {{0, 0.5, 1}, {0.2, 0.3, 1}}, "": {from.Mean, from.Std},
	} {
		to, err := from.Normalised(text)
		if err != nil {
			t.Fatal(err)
		}
		again, err := from.Normalised(to.Statistics())
		if _, _, same := again.To(to); err != nil || !same {
			t.Errorf("%q is told as %q, which reads otherwise (%v)", text, to.Statistics(), err)
		}
		factor, shift, same := from.To(to)
		if same != (text == "") {
			t.Errorf("%q changes nothing: %v", text, same)
		}
		for c, mean := range want[0] {
			const pixel = 0.7
			x := (pixel - from.Mean[c]) / from.Std[c]
			if got, want := x*float64(factor[c])+float64(shift[c]), (pixel-mean)/want[1][c]; !(math.Abs(got-want) <= 1e-6) {
				t.Errorf("%q: channel %d is %v, want %v", text, c, got, want)
			}
		}
	}
	for text, want := range map[string]string{
		"imagenot": `"imagenot": want a number from 0 to 1: did you mean imagenet?`, "0.5 / 0": `"0": want a number from 0.0001 to 1`,
		"1.5 / 1": `"1.5": want a number from 0 to 1`, "0.5": "or as many means as deviations", "0.5 0.5 / 1": "or as many means as deviations",
		"0.5 0.5 / 1 1": "2 numbers to normalise by, want one for each of the 3 channels", "NaN / 1": `"NaN": want a number from 0 to 1`,
	} {
		if _, err := from.Normalised(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}
