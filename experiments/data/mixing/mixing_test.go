package mixing

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"testing"

	"workbench/nn/option"
	"workbench/nn/rng"
)

// peer is testdata/fixtures.json, which testdata/fixtures.py writes.
type peer struct {
	Shape         [4]int
	Classes       int
	Images        []float32
	Labels        []int32
	Mixup, CutMix []result
	height, width int
	n, channels   int
}

// result is what torchvision makes of the batch for a share, and a place around which a box is.
type result struct {
	Share           float64
	X, Y            int
	Images, Targets []float32
}

func readPeer(t *testing.T) peer {
	t.Helper()
	text, err := os.ReadFile("testdata/fixtures.json")
	if err != nil {
		t.Fatal(err)
	}
	var p peer
	if err := json.Unmarshal(text, &p); err != nil {
		t.Fatal(err)
	}
	if p.n, p.channels, p.height, p.width = p.Shape[0], p.Shape[1], p.Shape[2], p.Shape[3]; len(p.Mixup) < 5 || len(p.CutMix) < 6 {
		t.Fatalf("%d and %d results", len(p.Mixup), len(p.CutMix))
	}
	return p
}

func TestMixedBatchesAreTorchvisions(t *testing.T) {
	p := readPeer(t)
	check := func(name string, r result, m Mix) {
		images, targets := slices.Clone(p.Images), slices.Repeat([]float32{9}, p.n*p.Classes)
		m.Images(images, p.n, p.channels, p.height, p.width)
		m.Targets(p.Labels, p.Classes, targets)
		if !slices.Equal(images, r.Images) {
			t.Errorf("%s of share %v at %d, %d: images differ", name, r.Share, r.X, r.Y)
		}
		for i, v := range targets {
			if !(math.Abs(float64(v-r.Targets[i])) <= 1e-7) {
				t.Errorf("%s of share %v at %d, %d: target %d is %v, want %v", name, r.Share, r.X, r.Y, i, v, r.Targets[i])
			}
		}
	}
	for _, r := range p.Mixup {
		check("mixup", r, Mix{Own: r.Share})
	}
	for _, r := range p.CutMix {
		check("cutmix", r, pasted(r.Share, r.X, r.Y, p.height, p.width))
	}
}

// One image has no partner.
func TestABatchOfOneStays(t *testing.T) {
	p := readPeer(t)
	size := p.channels * p.height * p.width
	images, targets := slices.Clone(p.Images[:size]), []float32(nil)
	targets = slices.Repeat([]float32{9}, p.Classes) // what memory holds from a batch before
	m := Mix{Own: 0.25}
	m.Images(images, 1, p.channels, p.height, p.width)
	m.Targets(p.Labels[:1], p.Classes, targets)
	if !slices.Equal(images, p.Images[:size]) || targets[p.Labels[0]] != 1 {
		t.Errorf("an image by itself became another, or its label %v", targets)
	}
	for i, v := range targets {
		if i != int(p.Labels[0]) && v != 0 {
			t.Errorf("the share of class %d is %v, want 0", i, v)
		}
	}
}

// drawn are the mixes of many batches.
func drawn(m Mixing, n int) (all []Mix) {
	for i := range n {
		all = append(all, m.Draw(rng.Key(7, "test", uint64(i)), 32, 24))
	}
	return all
}

func share(all []Mix, is func(Mix) bool) float64 {
	n := 0
	for _, m := range all {
		if is(m) {
			n++
		}
	}
	return float64(n) / float64(len(all))
}

// Batches are mixed as often as asked for, by one of both ways as often as asked for. Bounds are four deviations.
func TestBatchesAreMixedAsOftenAsAsked(t *testing.T) {
	const n = 4000
	mixes := func(m Mix) bool { return m.Own < 1 || m.Cut }
	cuts := func(m Mix) bool { return m.Cut }
	for _, c := range []struct {
		m          Mixing
		mixed, cut float64
	}{
		{Mixing{Mixup: 1, Probability: 1, Switch: 0.5}, 1, 0},
		{Mixing{Cutmix: 1, Probability: 1, Switch: 0.5}, 1, 1},
		{Mixing{Mixup: 1, Cutmix: 1, Probability: 1, Switch: 0.25}, 1, 0.25},
		{Mixing{Mixup: 1, Cutmix: 1, Probability: 0.4, Switch: 0.5}, 0.4, 0.2},
		{Mixing{Probability: 1, Switch: 0.5}, 0, 0},
	} {
		all := drawn(c.m, n)
		for what, v := range map[string][2]float64{"mixed": {share(all, mixes), c.mixed}, "cut": {share(all, cuts), c.cut}} {
			if most := 4 * math.Sqrt(v[1]*(1-v[1])/n); !(math.Abs(v[0]-v[1]) <= most) {
				t.Errorf("%+v: %.4f of the batches are %s, want %.4f within %.4f", c.m, v[0], what, v[1], most)
			}
		}
	}
}

// Shares have the mean 1/2 and the variance 1/(4(2·alpha + 1)) of Beta(alpha, alpha), also where its variates vanish.
func TestSharesAreOfTheBetaDistribution(t *testing.T) {
	const n = 20_000
	for _, alpha := range []float64{0.001, 0.2, 1, 8} {
		mean, square := 0.0, 0.0
		for i := range n {
			x := Beta(alpha, rng.New(uint64(i), "beta"))
			if !(x >= 0 && x <= 1) {
				t.Fatalf("alpha %v: share %v", alpha, x)
			}
			mean, square = mean+x/n, square+(x-0.5)*(x-0.5)/n
		}
		// A vanishing alpha counts the cases in which both variates are 0 as 1.
		if want := 1 / (4 * (2*alpha + 1)); alpha > 0.1 && !(math.Abs(mean-0.5) <= 0.015) || !(math.Abs(square-want) <= 0.03*want) {
			t.Errorf("alpha %v: mean %.4f, variance %.4f, want 0.5 and %.4f", alpha, mean, square, want)
		}
	}
}

// Boxes stay in the picture, are about as large as drawn, and get everywhere.
func TestBoxesAreInThePicture(t *testing.T) {
	reached := map[string]bool{}
	for _, m := range drawn(Mixing{Cutmix: 1, Probability: 1}, 2000) {
		b := m.Box
		if b.Top < 0 || b.Left < 0 || b.Height < 0 || b.Width < 0 || b.Top+b.Height > 32 || b.Left+b.Width > 24 {
			t.Fatalf("box %+v", b)
		}
		if left := 1 - float64(b.Height*b.Width)/(32*24); left != m.Own {
			t.Errorf("box %+v leaves %v, recorded is %v", b, left, m.Own)
		}
		for side, at := range map[string]bool{"top": b.Top == 0, "left": b.Left == 0, "bottom": b.Top+b.Height == 32,
			"right": b.Left+b.Width == 24} {
			reached[side] = reached[side] || at && b.Height*b.Width > 0
		}
	}
	if len(reached) != 4 || !reached["top"] || !reached["left"] || !reached["bottom"] || !reached["right"] {
		t.Errorf("boxes reach %v", reached)
	}
}

func TestSettingsAreTakenApart(t *testing.T) {
	given := map[string]any{"flip": true, "mixup": 0.2, "mix_probability": 0.5}
	images, m := Apart(given)
	if len(images) != 1 || images["flip"] != true || len(given) != 3 {
		t.Errorf("for images %v is left of %v", images, given)
	}
	if want := (Mixing{Mixup: 0.2, Probability: 0.5, Switch: 0.5}); m != want || !m.On() || m.Name() != "mixup" {
		t.Errorf("%+v, want %+v", m, want)
	}
	if _, none := Apart(map[string]any{"pad": 4}); none.On() || none.Name() != "" {
		t.Errorf("without a word: %+v", none)
	}
	for _, c := range []struct {
		given map[string]any
		want  []string
	}{
		{nil, nil}, {map[string]any{"mixup": 0.1}, []string{"mixup", "cutmix", "mix_probability"}},
		{map[string]any{"mixup": 0.1, "cutmix": 1.0}, []string{"mixup", "cutmix", "mix_probability", "mix_switch"}},
	} {
		if got := option.Names(Active(c.given)); !slices.Equal(got, c.want) {
			t.Errorf("%v: active are %v, want %v", c.given, got, c.want)
		}
	}
}

// Each option has its default, its bounds and what it needs.
func TestOptionsAsTheyAreDeclared(t *testing.T) {
	var got []string
	for _, o := range Options {
		line := fmt.Sprintf("%s %v: %v to %v", o.Name, o.Default, o.Min, o.Max)
		if o.Above {
			line += ", above"
		}
		got = append(got, line)
	}
	want := []string{"mixup 0: 0 to 1000", "cutmix 0: 0 to 1000", "mix_probability 1: 0 to 1, above", "mix_switch 0.5: 0 to 1"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	for _, c := range []struct {
		name  string
		given map[string]any
		want  string
	}{
		{"mixup", nil, "mixup mixup true"}, {"cutmix", nil, "cutmix cutmix true"},
		{"mix_probability", nil, "mixup mixing (as augment.cutmix does) true"},
		{"mix_switch", nil, "mixup the choice between mixup and cutmix true"},
		{"mix_switch", map[string]any{"cutmix": 1.0}, "mixup the choice between mixup and cutmix true"},
		{"mix_switch", map[string]any{"mixup": 1.0}, "cutmix the choice between mixup and cutmix true"},
		{"flip", nil, "  false"},
	} {
		by, what, ok := Needs(c.name, c.given)
		if got := fmt.Sprint(by.Name, " ", what, " ", ok); got != c.want {
			t.Errorf("%s beside %v: got %q, want %q", c.name, c.given, got, c.want)
		}
	}
	for _, given := range []map[string]any{{"cutmix": 0.1}, {"mixup": 0.1}} {
		if got := option.Names(Active(given)); !slices.Equal(got, option.Names(Options[:3])) {
			t.Errorf("%v: active are %v", given, got)
		}
		_, m := Apart(given)
		if name := m.Name(); given[name] == nil || !m.On() || m.Probability != 1 || m.Switch != 0.5 {
			t.Errorf("%v: %+v is called %q", given, m, name)
		}
	}
}

// Draws of published runs must not change with a release.
func TestDrawsAreTheSameForever(t *testing.T) {
	for name, c := range map[string]struct {
		m    Mixing
		want string
	}{
		"mixup": {Mixing{Mixup: 0.2, Probability: 1, Switch: 0.5},
			"[1.000000 {0 0 0 0} 0.017652 {0 0 0 0} 0.955752 {0 0 0 0} 0.000000 {0 0 0 0}]"},
		"cutmix": {Mixing{Cutmix: 1, Probability: 1, Switch: 0.5},
			"[0.994792 {20 9 2 2} 0.500000 {8 8 24 16} 0.648438 {0 0 18 15} 0.843750 {2 5 12 10}]"},
		"either": {Mixing{Mixup: 1, Cutmix: 1, Probability: 0.7, Switch: 0.5},
			"[0.113168 {0 0 0 0} 0.921875 {8 7 10 6} 1.000000 {0 0 0 0} 1.000000 {0 0 0 0}]"},
	} {
		var got []string
		for _, m := range drawn(c.m, 4) {
			got = append(got, fmt.Sprintf("%.6f %v", m.Own, m.Box))
		}
		if text := fmt.Sprint(got); text != c.want {
			t.Errorf("%s: got %s, want %s", name, text, c.want)
		}
	}
}
