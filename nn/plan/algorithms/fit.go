package algorithms

import (
	"cmp"
	"math"
	"slices"
)

// Trial is one layer in one direction with the seconds that each algorithm took that
// computes it. Direct is always among them.
type Trial struct {
	Layer
	Direction Direction
	Seconds   map[string]float64
}

// worthwhile is the share of a layer's time that another algorithm has to save, in the mean over the
// layers of a rule. A smaller gain may be noise.
const worthwhile = 0.03

// Fit makes the rules that would have been fastest in the trials. For every algorithm, direction and kind of kernel it
// finds the bounds of channels and pixels within which the algorithm saves most, each layer counting alike. Others are
// the algorithms beside Direct; a later one is compared with the best that the earlier ones leave.
func Fit(trials []Trial, others []string) []Rule {
	best := make([]float64, len(trials)) // seconds by the rules so far
	for i, t := range trials {
		best[i] = t.Seconds[Direct]
	}
	var rules []Rule
	for _, name := range others {
		var found []Rule
		for _, kind := range kinds(trials, name) {
			if r, ok := fitOne(kind, trials, best); ok {
				found = append(found, r)
			}
		}
		for i, t := range trials {
			seconds, has := t.Seconds[name]
			if has && slices.ContainsFunc(found, func(r Rule) bool { return r.fits(t.Direction, t.Layer) }) {
				best[i] = seconds
			}
		}
		rules = append(found, rules...)
	}
	return rules
}

// kinds are the rules without bounds that cover the layers which were tried by the
// algorithm, in the order of directions and kernels.
func kinds(trials []Trial, name string) []Rule {
	var all []Rule
	for _, t := range trials {
		if _, tried := t.Seconds[name]; !tried || t.Kernel[0] != t.Kernel[1] || t.Stride[0] != t.Stride[1] || t.Dilation[0] != t.Dilation[1] {
			continue
		}
		r := Rule{Algorithm: name, Direction: t.Direction, Kernel: t.Kernel[0], Stride: t.Stride[0], Dilation: t.Dilation[0],
			Grouped: t.Groups > 1}
		if !slices.Contains(all, r) {
			all = append(all, r)
		}
	}
	order := Directions()
	slices.SortFunc(all, func(a, b Rule) int {
		return cmp.Or(cmp.Compare(slices.Index(order, a.Direction), slices.Index(order, b.Direction)), cmp.Compare(a.Kernel, b.Kernel),
			cmp.Compare(a.Stride, b.Stride), cmp.Compare(a.Dilation, b.Dilation))
	})
	return all
}

// fitOne finds the bounds of a kind within which its algorithm saves most against the seconds before; ok is false if it
// saves nothing anywhere. Among equally good bounds it takes the narrowest.
func fitOne(kind Rule, trials []Trial, before []float64) (best Rule, ok bool) {
	var channels, pixels []int
	var gains []float64 // logarithm of the ratio of times, less what is worthwhile
	var layers []Layer
	for i, t := range trials {
		seconds, tried := t.Seconds[kind.Algorithm]
		if !tried || !kind.fits(t.Direction, t.Layer) {
			continue
		}
		channels, pixels, layers = append(channels, t.channels()), append(pixels, t.pixels()), append(layers, t.Layer)
		gains = append(gains, math.Log(before[i]/seconds)-worthwhile)
	}
	channels, pixels = distinct(channels), distinct(pixels)
	most := 0.0
	for i := len(channels) - 1; i >= 0; i-- {
		for j := i; j < len(channels); j++ {
			for k := len(pixels) - 1; k >= 0; k-- {
				for m := k; m < len(pixels); m++ {
					r := kind
					r.Channels, r.Pixels = channels[i], pixels[k]
					if j < len(channels)-1 {
						r.MostChannels = channels[j]
					}
					if m < len(pixels)-1 {
						r.MostPixels = pixels[m]
					}
					if sum := r.sum(layers, gains); sum > most {
						best, most, ok = r, sum, true
					}
				}
			}
		}
	}
	return best, ok
}

// sum adds up the gains of the layers that the rule covers.
func (r Rule) sum(layers []Layer, gains []float64) float64 {
	sum := 0.0
	for i, l := range layers {
		if r.fits(r.Direction, l) {
			sum += gains[i]
		}
	}
	return sum
}

// distinct values, sorted.
func distinct(values []int) []int {
	slices.Sort(values)
	return slices.Compact(values)
}
