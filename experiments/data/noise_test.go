package data_test

import (
	"math"
	"slices"
	"testing"

	"workbench/experiments/data"
)

// pets are images in the classes of CIFAR-10, so many of each.
type pets struct {
	named
	perClass int
}

func (pets) Info() data.Info {
	return data.Info{Name: "pets", Classes: []string{"airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"}}
}
func (p pets) Len(data.Split) int            { return 10 * p.perClass }
func (p pets) Label(_ data.Split, i int) int { return i % 10 }

// trucks are images in some of the classes of CIFAR-10, the first of them truck.
type trucks struct{ named }

func (trucks) Info() data.Info {
	return data.Info{Name: "trucks", Classes: []string{"truck", "bird", "airplane"}}
}

func noisy(t *testing.T, n data.Noise, p data.Part) data.Part {
	t.Helper()
	p, err := n.Of(p)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// transitions counts labels: how many images of a class (first) have a label (second).
func transitions(p data.Part) [10][10]int {
	var n [10][10]int
	for row := range p.Len() {
		n[p.True(row)][p.Label(row)]++
	}
	return n
}

// The labels are those that the definitions, written in Python, give for seed 5: of classes of 7, 7 and 6 images the
// half is 4, 4 and 3.
func TestNoiseByHand(t *testing.T) {
	for kind, want := range map[string][]int32{
		"symmetric":           {1, 1, 0, 1, 2, 1, 1, 1, 2, 0, 2, 2, 0, 2, 1, 1, 1, 2, 0, 2},
		"symmetric_inclusive": {1, 1, 1, 0, 1, 2, 0, 1, 2, 0, 0, 2, 0, 0, 2, 0, 1, 2, 0, 1},
		"pairflip":            {1, 1, 0, 1, 2, 0, 1, 1, 2, 0, 2, 2, 0, 2, 0, 1, 1, 2, 0, 2},
	} {
		p := noisy(t, data.Noise{Kind: kind, Rate: 0.5, Seed: 5}, thirds(20))
		if !slices.Equal(p.Labels, want) {
			t.Errorf("%s: %v, want %v", kind, p.Labels, want)
		}
		for row := range 20 {
			if p.True(row) != row%3 || p.Label(row) != int(want[row]) {
				t.Errorf("%s: row %d has the label %d and truly %d", kind, row, p.Label(row), p.True(row))
			}
		}
	}
}

// Shares are what was asked for, class by class. Of 1000 images exactly the rate is chosen; a label drawn among k
// classes comes chosen/k times, by four deviations.
func TestNoiseHasItsRates(t *testing.T) {
	pairs := map[string]map[int]int{
		"pairflip":   {0: 1, 1: 2, 2: 3, 3: 4, 4: 5, 5: 6, 6: 7, 7: 8, 8: 9, 9: 0},
		"asymmetric": {9: 1, 2: 0, 4: 7, 3: 5, 5: 3},
	}
	for _, rate := range []float64{0.2, 0.4, 0.8} {
		chosen := rate * 1000
		among := func(k float64) (want, within float64) { return chosen / k, 4 * math.Sqrt(chosen/k*(1-1/k)) }
		for _, kind := range []string{"symmetric", "symmetric_inclusive", "pairflip", "asymmetric"} {
			noise, set := data.Noise{Kind: kind, Rate: rate, Seed: 3}, pets{perClass: 1000}
			p := noisy(t, noise, data.Part{Set: set})
			chances, err := noise.Transition(set.Info())
			if err != nil {
				t.Fatal(err)
			}
			for class, row := range transitions(p) {
				right, slack := 1000-chosen, 0.0 // of the diagonal
				for label, n := range row {
					want, within := 0.0, 0.0
					into, pair := pairs[kind][class]
					switch {
					case kind == "symmetric":
						want, within = among(9)
					case kind == "symmetric_inclusive":
						want, within = among(10)
						right, slack = 1000-chosen+want, within
					case !pair:
						right = 1000
					case label == into:
						want = chosen
					}
					if label == class {
						want, within = right, slack
					}
					if !(math.Abs(float64(n)-want) <= within) {
						t.Errorf("%s at %v: class %d has the label %d %d times, want %.0f ± %.0f", kind, rate, class, label, n, want, within)
					}
					if chance := float64(chances[10*class+label]); math.Abs(1000*chance-want) > 1e-4 {
						t.Errorf("%s at %v: class %d has the label %d with a chance of %v, want %v", kind, rate, class, label, chance, want/1000)
					}
				}
			}
		}
	}
}

// How many labels are wrong in all: the rate, but for labels that stay right by chance or because their class is none
// of the pairs.
func TestWrongLabelsAreCounted(t *testing.T) {
	for kind, want := range map[string][2]float64{"symmetric": {0.4, 0}, "symmetric_inclusive": {0.36, 0.01}, "pairflip": {0.4, 0},
		"asymmetric": {0.2, 0}} {
		p := noisy(t, data.Noise{Kind: kind, Rate: 0.4, Seed: 3}, data.Part{Set: pets{perClass: 1000}})
		if got := p.Wrong(); !(math.Abs(got-want[0]) <= want[1]) {
			t.Errorf("%s: %v of the labels are wrong, want %v", kind, got, want[0])
		}
	}
}

// What is wrong at a low rate is as wrong at a higher one, and in a part of the images as in all.
func TestNoiseIsNested(t *testing.T) {
	all := data.Part{Set: pets{perClass: 50}}
	kinds, docs := data.NoiseKinds()
	if len(kinds) != 4 || len(docs) != 4 {
		t.Errorf("kinds %v with %d texts", kinds, len(docs))
	}
	for _, kind := range kinds {
		low := noisy(t, data.Noise{Kind: kind, Rate: 0.2, Seed: 3}, all)
		high := noisy(t, data.Noise{Kind: kind, Rate: 0.5, Seed: 3}, all)
		again := noisy(t, data.Noise{Kind: kind, Rate: 0.2, Seed: 3}, all)
		other := noisy(t, data.Noise{Kind: kind, Rate: 0.2, Seed: 4}, all)
		for row := range all.Len() {
			if low.Label(row) != low.True(row) && low.Label(row) != high.Label(row) {
				t.Errorf("%s: image %d has the label %d at 0.2 and %d at 0.5", kind, row, low.Label(row), high.Label(row))
			}
		}
		if low.Digest() != again.Digest() || slices.Contains([]string{high.Digest(), other.Digest(), all.Digest()}, low.Digest()) {
			t.Errorf("%s: digests do not tell labels apart", kind)
		}
		if none := noisy(t, data.Noise{Kind: kind, Seed: 3}, all); none.Digest() != all.Digest() || none.Wrong() != 0 {
			t.Errorf("%s: a rate of 0 changes something", kind)
		}
	}
}

// Wrong labels stay with their images when a part is held out or chosen, which goes by what the labels say.
func TestPartsKeepTheirLabels(t *testing.T) {
	p := noisy(t, data.Noise{Kind: "pairflip", Rate: 0.4, Seed: 1}, data.Part{Set: pets{perClass: 50}})
	rest, held, err := data.Hold(p, 0.2, 1)
	if err != nil || rest.Len() != 400 || held.Len() != 100 {
		t.Fatalf("%d and %d images, error %v", rest.Len(), held.Len(), err)
	}
	some := subset(t, data.Subset{PerClass: 7}, rest)
	for _, part := range []data.Part{rest, held, some} {
		var given [10]int
		for row := range part.Len() {
			given[part.Label(row)]++
			if part.Label(row) != p.Label(part.Sample(row)) || part.True(row) != part.Sample(row)%10 {
				t.Fatalf("image %d has the label %d, truly %d", part.Sample(row), part.Label(row), part.True(row))
			}
		}
		if n := part.Len() / 10; given != [10]int{n, n, n, n, n, n, n, n, n, n} {
			t.Errorf("labels %v", given)
		}
	}
}

func TestNoiseNamesWhatIsWrong(t *testing.T) {
	part := thirds(20)
	given := part
	given.Labels = make([]int32, 20)
	short := part
	short.Labels = make([]int32, 19)
	for _, c := range []struct {
		noise data.Noise
		part  data.Part
		want  string
	}{
		{data.Noise{Kind: "pairflp"}, part, `noise: unknown kind "pairflp": did you mean pairflip?`},
		{data.Noise{}, part, `noise: unknown kind "": want one of asymmetric, pairflip, symmetric, symmetric_inclusive`},
		{data.Noise{Kind: "pairflip", Rate: 1.1}, part, "noise: rate 1.1, want 0 to 1"},
		{data.Noise{Kind: "pairflip", Rate: math.NaN()}, part, "noise: rate NaN, want 0 to 1"},
		{data.Noise{Kind: "asymmetric", Rate: 0.4}, part, "noise: asymmetric turns truck into automobile, and named has not both classes"},
		{data.Noise{Kind: "asymmetric"}, data.Part{Set: trucks{}},
			"noise: asymmetric turns truck into automobile, and trucks has not both classes"},
		{data.Noise{Kind: "symmetric"}, data.Part{Set: flat{}}, "noise: flat has 1 classes, want at least 2"},
		{data.Noise{Kind: "pairflip", Rate: 0.4}, given, "noise: the train split of named has other labels than the set's already"},
		{data.Noise{Kind: "pairflip"}, short, "noise: 19 labels for the train split of named, want 20"},
		{data.Noise{Kind: "pairflip"}, data.Part{Set: named{labels: []int{0, -1}}}, "noise: 1 images of the train split of named have no label"},
	} {
		if _, err := c.noise.Of(c.part); err == nil || err.Error() != c.want {
			t.Errorf("got error %v, want %s", err, c.want)
		}
	}
}
