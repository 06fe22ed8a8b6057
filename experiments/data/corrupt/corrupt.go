// Package corrupt holds corruptions of pictures by which the robustness of networks is measured: those of CIFAR-10-C
// (Hendrycks and Dietterich 2019, Benchmarking Neural Network Robustness to Common Corruptions and Perturbations, arXiv
// 1903.12261) that need no other pictures and no other library, at their five strengths, with the constants of the
// authors' script make_cifar_c.py. Left out are glass, motion and zoom blur, snow, frost, fog and elastic transform.
//
// The constants are for pictures of 32×32 pixels. On pictures of other sizes they are the same: pixels of blurs stay
// pixels, and pixelate keeps the same share of a side. ImageNet-C's are other ones.
//
// Levels are cut off to bytes, and not rounded, as the authors' are. Noise is drawn by name, strength, split and index
// of a picture alone: it is the same for all networks, but not that of the authors' files. JPEG is Go's: of the first
// 500 test images of CIFAR-10 at strengths 1 to 5, the values were those of Pillow in 67 to 84 %, 3 to 5 % differed by
// more than three levels, none by more than 39, and all by 0.6 to 0.4 in the mean.
package corrupt

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"workbench/nn/nearest"
	"workbench/nn/rng"
)

// Strengths is the number of strengths of each corruption. They count from 1.
const Strengths = 5

// Corruption is a way in which pictures are spoilt.
type Corruption struct {
	Name string
	Doc  string // one line, with its constants from the weakest to the strongest

	// Extra says that it is none of the fifteen over which CIFAR-10-C's mean is taken. All does not stand for it.
	Extra bool

	change func(p *picture, strength int, r chance) error
}

// all corruptions in the order of the authors' script.
var all = []Corruption{gaussianNoise, shotNoise, impulseNoise, defocusBlur, brightness, contrast, pixelate, jpegCompression, gaussianBlur}

// LeftOut are the corruptions of CIFAR-10-C's fifteen that are not here.
var LeftOut = []string{"glass_blur", "motion_blur", "zoom_blur", "snow", "frost", "fog", "elastic_transform"}

// Names of all corruptions.
func Names() (names []string) {
	for _, c := range all {
		names = append(names, c.Name)
	}
	return names
}

// everything stands for all corruptions that are not extra.
const everything = "all"

// Use is a corruption at a strength.
type Use struct {
	Corruption
	Strength int // 1 to Strengths
}

// Parse reads NAME or NAME:STRENGTH; without a strength it means all. The name all stands for every corruption that is
// not extra.
func Parse(text string) ([]Use, error) {
	name, strength, one := strings.Cut(text, ":")
	from, to := 1, Strengths
	if one {
		n, err := strconv.Atoi(strength)
		if err != nil || n < 1 || n > Strengths {
			return nil, fmt.Errorf("%s: strength %q, want 1 to %d", text, strength, Strengths)
		}
		from, to = n, n
	}
	var uses []Use
	for _, c := range all {
		if c.Name != name && (name != everything || c.Extra) {
			continue
		}
		for s := from; s <= to; s++ {
			uses = append(uses, Use{c, s})
		}
	}
	switch {
	case len(uses) > 0:
		return uses, nil
	case slices.Contains(LeftOut, name):
		return nil, fmt.Errorf("corruption %s of CIFAR-10-C is left out here, as are %s", name, strings.Join(LeftOut, ", "))
	}
	return nil, fmt.Errorf("no corruption %q%s", name, nearest.Hint(name, append(Names(), everything)))
}

// Wanted says what ParseAll reads.
const Wanted = "names of corruptions such as gaussian_noise:3 with spaces between"

// ParseAll reads what Parse does, several with spaces between. What is named twice is there once.
func ParseAll(text string) ([]Use, error) {
	var all []Use
	for _, one := range strings.Fields(text) {
		uses, err := Parse(one)
		if err != nil {
			return nil, err
		}
		for _, u := range uses {
			if !u.In(all) {
				all = append(all, u)
			}
		}
	}
	return all, nil
}

// In tells whether a corruption with this strength is among others.
func (u Use) In(others []Use) bool {
	return slices.ContainsFunc(others, func(o Use) bool { return o.Name == u.Name && o.Strength == u.Strength })
}

// Mean is the mean over corruptions of the means of a value over their strengths, as of CIFAR-10-C: values[i] is that
// under uses[i].
func Mean(uses []Use, values []float64) float64 {
	var names []string
	sums, counts := map[string]float64{}, map[string]float64{}
	for i, u := range uses {
		if counts[u.Name] == 0 {
			names = append(names, u.Name)
		}
		sums[u.Name] += values[i]
		counts[u.Name]++
	}
	mean := 0.0
	for _, name := range names { // not in the order of a map, by which sums are rounded
		mean += sums[name] / counts[name] / float64(len(names))
	}
	return mean
}

// chance are the random numbers of a picture: a key.
type chance uint64

func chanceOf(u Use, split, index uint64) chance {
	return chance(rng.Key(0, "corrupt/"+u.Name, uint64(u.Strength), split, index))
}
