package augment

import (
	"math"
	"testing"

	"workbench/experiments/data/raster"
)

// near asks for a share of n trials within four standard deviations of what is expected.
func near(t *testing.T, what string, times, n int, want float64) {
	t.Helper()
	got := float64(times) / float64(n)
	if most := 4 * math.Sqrt(want*(1-want)/float64(n)); !(math.Abs(got-want) <= most) {
		t.Errorf("%s: %d of %d, which is %.3f, want %.3f within %.3f", what, times, n, got, want, most)
	}
}

func TestShuffleTakesEveryOrder(t *testing.T) {
	const n = 12_000
	c := Chance{key: 3}
	times := map[[4]int]int{}
	for range n {
		order := [4]int{0, 1, 2, 3}
		c.Shuffle(order[:])
		times[order]++
	}
	for order, k := range times {
		near(t, "an order", k, n, 1.0/24)
		if order[0]+order[1]+order[2]+order[3] != 6 {
			t.Errorf("order %v", order)
		}
	}
	if len(times) != 24 {
		t.Errorf("%d orders, want 24", len(times))
	}
}

func TestHappensWithItsProbability(t *testing.T) {
	const n = 10_000
	for _, want := range []float64{0, 0.2, 0.8, 1} {
		c, times := Chance{key: 5}, 0
		for range n {
			if c.Happens(want) {
				times++
			}
		}
		near(t, "it happens", times, n, want)
	}
}

// What lasts is another for each picture and augmentation, but the same in every epoch.
func TestLastingChances(t *testing.T) {
	chance := func(epoch, index uint64) float32 {
		c := Chance{key: epoch, lasting: 11, epoch: epoch, index: index}
		l := c.Lasting()
		return l.Uniform()
	}
	if chance(0, 1) != chance(5, 1) || chance(0, 1) == chance(0, 2) {
		t.Errorf("picture 1: %v and %v, picture 2: %v", chance(0, 1), chance(5, 1), chance(0, 2))
	}
}

// Windows have the areas, shapes and places that were asked for, evenly.
func TestWindowsAreThoseAskedFor(t *testing.T) {
	const n = 4000
	size := Size{3, 300, 200}
	r := resizedCrop{scale: Range{0.1, 0.3}, ratio: Range{3.0 / 4, 4.0 / 3}}
	small, wide, high, left := 0, 0, 0, 0
	for i := range n {
		w := r.window(size.Height, size.Width, &Chance{key: uint64(i)})
		area, ratio := float64(w.Height*w.Width)/60_000, float64(w.Width)/float64(w.Height)
		if area < 0.098 || area > 0.302 || ratio < 0.74 || ratio > 1.35 || w.Top < 0 || w.Left < 0 || w.Top+w.Height > 300 ||
			w.Left+w.Width > 200 {
			t.Fatalf("window %+v: area %v, ratio %v", w, area, ratio)
		}
		for of, is := range map[*int]bool{&small: area < 0.2, &wide: ratio > 1, &high: w.Top < (300-w.Height+1)/2,
			&left: w.Left < (200-w.Width+1)/2} {
			if is {
				*of++
			}
		}
	}
	near(t, "area below the middle", small, n, 0.5)
	near(t, "wider than high", wide, n, 0.5)
	near(t, "in the upper half", high, n, 0.5)
	near(t, "in the left half", left, n, 0.5)
}

// By hand: where no window of the wanted shape has the wanted area, it is the largest in the middle of that shape.
func TestWindowThatDoesNotFit(t *testing.T) {
	for _, c := range []struct {
		ratio Range
		want  raster.Window
	}{{Range{3, 4}, raster.Window{Top: 10, Height: 10, Width: 30}}, {Range{0.2, 0.25}, raster.Window{Left: 11, Height: 30, Width: 8}}} {
		r := resizedCrop{scale: Range{1, 1}, ratio: c.ratio}
		if got := r.window(30, 30, &Chance{}); got != c.want {
			t.Errorf("ratio %v: %+v, want %+v", c.ratio, got, c.want)
		}
	}
}
