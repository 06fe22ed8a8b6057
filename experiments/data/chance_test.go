package data

import (
	"math"
	"testing"
)

// Shuffling reaches every place about equally often.
func TestShuffleIsUniform(t *testing.T) {
	const n, epochs = 8, 4000
	w := walk{loader: Loader{Seed: 1, Shuffle: true}, n: n, epoch: -1}
	var places [n][n]int
	for position := range epochs * n {
		i, _ := w.at(position)
		places[i][position%n]++
	}
	for i := range places {
		for place, times := range places[i] {
			if times < 400 || times > 600 { // 500 expected, standard deviation 21
				t.Errorf("image %d came %d times at place %d, want about 500", i, times, place)
			}
		}
	}
}

// The noise has the moments that the painter counts on: mean 0, the deviation that it divides by, and the kurtosis of a
// sum of eight uniform numbers.
func TestBellIsNearlyNormal(t *testing.T) {
	const n = 1 << 18
	var sum, square, fourth float64
	for i := range uint64(n) {
		z := float64(bell(7, i)) / bellDeviation
		sum, square, fourth = sum+z, square+z*z, fourth+z*z*z*z
	}
	for name, c := range map[string]struct{ got, want, within float64 }{
		"mean":     {sum / n, 0, 0.01},
		"variance": {square / n, 1, 0.015},
		"kurtosis": {fourth / n, 3 - 1.2/8, 0.06},
	} {
		if !(math.Abs(c.got-c.want) <= c.within) {
			t.Errorf("%s is %.4f, want %.4f", name, c.got, c.want)
		}
	}
}
