package augment

import (
	"fmt"
	"math"
	"slices"
	"testing"
)

// What torchvision's policies make of their bins is what these make of them, for operations with and without signs.
func TestStrengthsAreTorchvisions(t *testing.T) {
	for _, s := range torchvision(t).Strengths {
		size := Size{3, s.Height, s.Width}
		most := modest(size)
		if s.Policy == "TrivialAugmentWide" {
			most = wide
		}
		if want := len(common); len(s.Operators) != want && s.Policy != "AutoAugment" {
			t.Errorf("%s has %d operations, want %d", s.Policy, len(s.Operators), want)
		}
		for name, o := range s.Operators {
			mine, known := operations[name]
			if !known || mine.signed != o.Signed || (mine.strength == nil) != (o.Values == nil) {
				t.Errorf("%s of %s: known %v, signed %v, strengths %v", name, s.Policy, known, mine.signed, mine.strength != nil)
			}
			if o.Values == nil {
				continue
			}
			for bin, dose := range most.doses(name, len(o.Values)) {
				want := o.Values[bin]
				switch name {
				case "TranslateX", "TranslateY":
					// Torchvision's float32 has 15.999999 for TrivialAugment's bin 15, of which it moves by 15 pixels, not 16.
					want = math.Trunc(want + 1e-5)
				case "Solarize":
					want *= 255
				}
				if !(math.Abs(dose.by-want) <= 1e-5*max(1, want)) {
					t.Errorf("%s of %s at %d×%d, bin %d: %v, want %v", name, s.Policy, s.Height, s.Width, bin, dose.by, want)
				}
			}
		}
	}
}

func TestPolicyOfCIFAR10IsTorchvisions(t *testing.T) {
	want := torchvision(t).CIFAR10
	if len(want) != len(cifar10) {
		t.Fatalf("%d pairs, want %d", len(cifar10), len(want))
	}
	for i, pair := range want {
		for k, w := range pair {
			bin, _ := w[2].(float64) // null where the operation has no strength
			if got := (step{w[0].(string), w[1].(float64), int(bin)}); cifar10[i][k] != got {
				t.Errorf("pair %d, step %d: %v, want %v", i, k, cifar10[i][k], got)
			}
		}
	}
}

// spy replaces operations by ones that note their strengths.
func spy(operations ...*operation) map[string][]float64 {
	seen := map[string][]float64{}
	for _, o := range operations {
		name := o.name
		o.apply = func(_ *Picture, by float64) { seen[name] = append(seen[name], by) }
	}
	return seen
}

// RandAugment takes each of the 14 equally often, and both signs.
func TestRandAugmentTakesEveryOperation(t *testing.T) {
	const n = 7000
	size := Size{3, 32, 32}
	r := chainOf(t, size, map[string]any{"randaugment": 2})[0].policy.(randAugment)
	var all []*operation
	for i := range r.doses {
		all = append(all, &r.doses[i].operation)
	}
	seen, p := spy(all...), NewPicture(size)
	for i := range n {
		r.Apply(&p, &Chance{key: uint64(i)})
	}
	for _, d := range r.doses {
		near(t, d.name, len(seen[d.name]), 2*n, 1.0/14)
		if d.signed {
			minus := slices.DeleteFunc(slices.Clone(seen[d.name]), func(by float64) bool { return by > 0 })
			near(t, d.name+" with a minus", len(minus), len(seen[d.name]), 0.5)
		}
		if off := slices.IndexFunc(seen[d.name], func(by float64) bool { return math.Abs(by) != d.by }); off >= 0 {
			t.Errorf("%s: strength %v, want %v", d.name, seen[d.name][off], d.by)
		}
	}
	// By hand, of the middle of the ranges: magnitude 9 of 30 is 0.3.
	if d := r.doses[1]; d.name != "ShearX" || !(math.Abs(d.by-0.09) <= 1e-12) {
		t.Errorf("%s by %v, want ShearX by 0.09", d.name, d.by)
	}
}

// TrivialAugment takes one operation, and each of 31 strengths equally often.
func TestTrivialAugmentTakesEveryStrength(t *testing.T) {
	const n = 60_000
	size := Size{3, 32, 32}
	policy := chainOf(t, size, map[string]any{"trivial": true})[0].policy.(trivial)
	var all []*operation
	for _, doses := range policy.doses {
		for i := range doses {
			all = append(all, &doses[i].operation)
		}
	}
	seen, p, sum := spy(all...), NewPicture(size), 0
	for i := range n {
		policy.Apply(&p, &Chance{key: uint64(i)})
	}
	for name, by := range seen {
		near(t, name, len(by), n, 1.0/14)
		sum += len(by)
	}
	if sum != n {
		t.Errorf("%d operations on %d pictures", sum, n)
	}
	times := map[float64]int{}
	for _, by := range seen["Rotate"] {
		times[math.Abs(by)]++
	}
	for by, k := range times {
		near(t, "a strength", k, len(seen["Rotate"]), 1.0/31)
		if by < 0 || by > 135 {
			t.Errorf("a turn by %v", by)
		}
	}
}

// AutoAugment takes one pair, and each of its steps with the step's probability.
func TestAutoAugmentTakesItsSteps(t *testing.T) {
	const n = 5000
	size := Size{3, 32, 32}
	policy := newAutoAugment([][2]step{{{"Invert", 0.1, 0}, {"Contrast", 0.7, 6}}}, size)
	seen, p := spy(&policy[0][0].operation, &policy[0][1].operation), NewPicture(size)
	for i := range n {
		policy.Apply(&p, &Chance{key: uint64(i)})
	}
	near(t, "Invert", len(seen["Invert"]), n, 0.1)
	near(t, "Contrast", len(seen["Contrast"]), n, 0.7)
	for _, by := range seen["Contrast"] { // by hand: 0.9·6/9
		if !(math.Abs(math.Abs(by)-0.6) <= 1e-12) {
			t.Fatalf("contrast by %v, want ±0.6", by)
		}
	}
}

// FixMatch draws every strength evenly from its range, and applies operations with their probability.
func TestFixMatchDrawsStrengths(t *testing.T) {
	const n = 6000
	size := Size{3, 20, 32}
	f := chainOf(t, size, map[string]any{"fixmatch_strong": 3, "fixmatch_strong_probability": 0.5})[0].policy.(fixMatchStrong)
	want := map[string]Range{"Brightness": {-0.95, -0.05}, "Rotate": {-30, 30}, "ShearX": {-0.3, 0.3}, "Solarize": {0, 256},
		"TranslateX": {-9.6, 9.6}, "TranslateY": {-6, 6}, "Posterize": {4, 8}}
	var all []*operation
	for i := range f.operations {
		all = append(all, &f.operations[i].operation)
	}
	seen, p, sum := spy(all...), NewPicture(size), 0
	for i := range n {
		f.Apply(&p, &Chance{key: uint64(i)})
	}
	for _, by := range seen {
		sum += len(by)
	}
	near(t, "an operation is applied", sum, 3*n, 0.5)
	for name, r := range want {
		by := seen[name]
		near(t, name, len(by), sum, 1.0/14)
		below := slices.DeleteFunc(slices.Clone(by), func(x float64) bool { return x >= (r.Low+r.High)/2 })
		near(t, name+" below the middle", len(below), len(by), 0.5)
		margin := 0.02 * (r.High - r.Low)
		if low, high := slices.Min(by), slices.Max(by); low < r.Low || high > r.High || low > r.Low+margin || high < r.High-margin {
			t.Errorf("%s: from %v to %v, want %v", name, low, high, r)
		}
	}
}

// The authors' policy draws each operation, each strength and whether it is done evenly. The strengths are those that
// google-research/fixmatch computes for 32×32 pixels, pixels growing with the picture.
func TestFixMatchOfThePaper(t *testing.T) {
	const n = 8000
	size := Size{3, 32, 64}
	f := chainOf(t, size, map[string]any{"fixmatch_paper": true})[0].policy.(fixMatchPaper)
	factors := []float64{-0.72, -0.54, -0.36, -0.18, 0, 0.18, 0.36, 0.54, 0.72}
	want := map[string][]float64{
		"Brightness": factors, "Color": factors, "Contrast": factors, "Sharpness": factors,
		"Rotate": {3, 6, 9, 12, 15, 18, 21, 24, 27}, "Posterize": {4, 4, 3, 3, 2, 2, 2, 1, 1},
		"Solarize": {231, 205, 180, 154, 128, 103, 77, 52, 26}, "TranslateY": {1, 2, 3, 4, 5, 6, 7, 8, 9},
		"TranslateX": {2, 4, 6, 8, 10, 12, 14, 16, 18}, "ShearX": {0.03, 0.06, 0.09, 0.12, 0.15, 0.18, 0.21, 0.24, 0.27},
		"AutoContrast": make([]float64, 9), "Equalize": make([]float64, 9), "Identity": make([]float64, 9),
	}
	want["ShearY"] = want["ShearX"]
	drawn := map[string]int{}
	for _, doses := range f.operations {
		for i := range doses {
			d := &doses[i]
			if math.Abs(d.by-want[d.name][i]) > 1e-12 {
				t.Errorf("%s at level %d is %v, want %v", d.name, i+1, d.by, want[d.name][i])
			}
			key := fmt.Sprint(d.name, i)
			d.apply = func(*Picture, float64) { drawn[key]++ }
		}
	}
	p, sum, painted := NewPicture(size), 0, 0
	for i := range n {
		f.Apply(&p, &Chance{key: uint64(i)})
		painted = max(painted, slices.Index(p.Values, Grey)+1)
		clear(p.Values)
	}
	for _, times := range drawn {
		sum += times
	}
	near(t, "an operation is applied", sum, 2*n, 0.5)
	near(t, "a strength", drawn["ShearX0"], sum, 1.0/14/9)
	if len(drawn) != 14*9 || painted == 0 || f.side != 32 {
		t.Errorf("%d strengths are drawn, want 126; a square of %d pixels a side, want 32", len(drawn), f.side)
	}
}
