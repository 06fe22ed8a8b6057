package portrait

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"workbench/experiments"
	kept "workbench/experiments/portrait"
)

// What is computed of a confusion matrix is what counting its images one by one gives.
func TestConfusionIsCounted(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	classes := []string{"a", "b", "c", "d"}
	table := kept.Confusion{Classes: classes, Counts: make([][]int, 4)}
	images, right, of, hits := 0, 0, [4]int{}, [4]int{}
	for i := range table.Counts {
		table.Counts[i] = make([]int, 4)
	}
	for range 1000 {
		label, said := random.IntN(3), random.IntN(4) // there is no image of d
		table.Counts[label][said]++
		images, of[label] = images+1, of[label]+1
		if label == said {
			right, hits[label] = right+1, hits[label]+1
		}
	}
	c := confusionOf(7, table)
	if c.Step != 7 || c.Images != images || c.Right != right {
		t.Errorf("%d of %d, want %d of %d", c.Right, c.Images, right, images)
	}
	for i, one := range c.Each {
		if one.Images != of[i] || one.Right != hits[i] || of[i] > 0 && one.Accuracy != float64(hits[i])/float64(of[i]) {
			t.Errorf("class %s: %+v, want %d of %d", classes[i], one, hits[i], of[i])
		}
		if of[i] > 0 != (one.Low < one.Accuracy && one.Accuracy < one.High) {
			t.Errorf("class %s: interval %v to %v round %v", classes[i], one.Low, one.High, one.Accuracy)
		}
	}
	if !math.IsNaN(c.Each[3].Accuracy) || c.share(3, 0) != 0 {
		t.Errorf("a class without images has %+v", c.Each[3])
	}
	if len(c.Pairs) != 9 || !slices.IsSortedFunc(c.Pairs, func(a, b Pair) int { return b.Images - a.Images }) {
		t.Errorf("pairs %+v", c.Pairs)
	}
}

// Of many classes those are drawn that are right least often. A class without images is not one of them.
func TestBarsOfManyClasses(t *testing.T) {
	table := kept.Confusion{}
	for i := range mostBars + 3 {
		table.Classes = append(table.Classes, fmt.Sprintf("class %02d", i))
		row := make([]int, mostBars+3)
		if i >= 2 { // the first two have no images
			row[i], row[0] = i, mostBars+3-i
		}
		table.Counts = append(table.Counts, row)
	}
	svg, left := confusionOf(0, table).Bars("accuracy", nil)
	if left != 3 {
		t.Errorf("%d classes are left out, want 3", left)
	}
	for i, class := range table.Classes {
		drawn := i >= 2 && i < mostBars+2
		if strings.Contains(svg, class) != drawn {
			t.Errorf("%s: drawn is %v, want %v", class, !drawn, drawn)
		}
	}
}

// A difference is the other's less the first's, and turned round it has the other sign.
func TestDifferences(t *testing.T) {
	a := confusionOf(1, kept.Confusion{Classes: []string{"cat", "dog"}, Counts: [][]int{{3, 1}, {2, 2}}})
	b := confusionOf(1, kept.Confusion{Classes: []string{"cat", "dog"}, Counts: [][]int{{4, 0}, {3, 1}}})
	d, back := Differ(a, b), Differ(b, a)
	if d.Counts[0][0] != 1 || d.Counts[0][1] != -1 || d.Shares[1][0] != 0.25 || d.Each[0].Mean != 0.25 || d.Each[1].Mean != -0.25 {
		t.Errorf("difference %+v", d)
	}
	if len(d.Fixed) != 1 || d.Fixed[0].Said != "dog" || len(d.Added) != 1 || d.Added[0].Label != "dog" || d.Added[0].Second != 3 {
		t.Errorf("fewer %+v, more %+v", d.Fixed, d.Added)
	}
	for i := range d.Shares {
		for j := range d.Shares[i] {
			if d.Shares[i][j] != -back.Shares[i][j] || d.Counts[i][j] != -back.Counts[i][j] {
				t.Errorf("cell %d, %d: %v there, %v back", i, j, d.Shares[i][j], back.Shares[i][j])
			}
		}
		if !(d.Each[i].Low <= d.Each[i].Mean && d.Each[i].Mean <= d.Each[i].High) || math.Abs(d.Each[i].Low+back.Each[i].High) > 1e-12 {
			t.Errorf("class %d: %+v there, %+v back", i, d.Each[i], back.Each[i])
		}
	}
	other := confusionOf(1, kept.Confusion{Classes: []string{"dog", "cat"}, Counts: [][]int{{1, 0}, {0, 1}}})
	fewer := confusionOf(1, kept.Confusion{Classes: []string{"cat", "dog"}, Counts: [][]int{{1, 0}, {0, 1}}})
	if Differ(a, other) != nil || Differ(nil, a) != nil || Differ(a, nil) != nil {
		t.Error("other classes, or none, are compared")
	}
	if d := Differ(a, fewer); d.Counts != nil || d.Shares[0][0] != 0.25 {
		t.Errorf("of unequally many images: %+v", d)
	}
}

// A history has every path at every step that has it; what is no number is infinite, what is not there NaN.
func TestHistory(t *testing.T) {
	s := &shelf{}
	param := func(path string, elements int, gradient float64) kept.Param {
		return kept.Param{Path: path, Elements: elements, Weight: 2, Gradient: kept.Number(gradient), Update: 1}
	}
	bn := []kept.Param{param("bn.weight", 8, 5), param("bn.bias", 8, 5)}
	s.table(t, "layers", 10, kept.Layers{Params: append([]kept.Param{param("conv1.weight", 72, 1e-3)}, bn...),
		Units: []kept.Units{{Path: "relu", Units: 8, Dead: 2}}})
	s.table(t, "layers", 20, kept.Layers{Params: append([]kept.Param{param("conv1.weight", 72, math.NaN()), param("fc.weight", 80, 0),
		param("fc.bias", 10, 1)}, bn...)})
	h := s.portrait(t, Asked{Step: -1}).Layers
	if len(h.Rows) != 2 || h.Rows[0].Path != "conv1.weight" || h.Rows[0].Values[0] != 1e-3 || !math.IsInf(h.Rows[0].Values[1], 1) ||
		!math.IsNaN(h.Rows[1].Values[0]) || h.Rows[1].Values[1] != 0 || !slices.Equal(h.Steps, []int64{10, 20}) {
		t.Errorf("gradients %+v", h)
	}
	if got := s.portrait(t, Asked{Step: -1, All: true}).Layers; len(got.Rows) != 5 {
		t.Errorf("all parameters: %+v", got)
	}
	if got := s.portrait(t, Asked{Step: -1, Measure: "update"}).Layers; got.Rows[0].Values[0] != 0.5 {
		t.Errorf("update over weight: %+v", got)
	}
	got := s.portrait(t, Asked{Step: -1, Measure: "dead"}).Layers
	if len(got.Rows) != 1 || got.Rows[0].Values[0] != 0.25 || got.Rows[0].Size != 8 {
		t.Errorf("dead units: %+v", got)
	}
	for _, c := range []struct {
		values    []float64
		low, high float64
	}{{[]float64{1e-3, 0.5}, -3, 0}, {[]float64{2e-30, 1}, -12, 0}, {[]float64{0, math.NaN(), math.Inf(1)}, 0, 1}, {[]float64{100}, 2, 3}} {
		if low, high := Range(nil, &History{Measure: "gradient", Rows: []Row{{Values: c.values}}}); low != c.low || high != c.high {
			t.Errorf("%v: from %v to %v, want %v to %v", c.values, low, high, c.low, c.high)
		}
	}
	if low, high := Range(&History{Measure: "dead"}); low != 0 || high != 1 {
		t.Errorf("shares: from %v to %v", low, high)
	}
}

// Many steps, many layers and large tables are thinned, and how many there are is kept.
func TestHistoriesAreBounded(t *testing.T) {
	s := &shelf{}
	var wide kept.Layers
	for i := range 300 {
		path := fmt.Sprintf("%s%03d.weight", strings.Repeat("x", mostName-10), i)
		wide.Params = append(wide.Params, kept.Param{Path: path, Elements: 9, Weight: 1})
	}
	for step := range int64(150) {
		s.table(t, "layers", step, wide)
	}
	h := s.portrait(t, Asked{Step: -1}).Layers
	if len(h.Steps) != mostSteps || h.OfSteps != 150 || len(h.Rows) != mostLayers || h.OfRows != 300 || h.Steps[99] != 149 {
		t.Errorf("%d of %d steps, %d of %d rows", len(h.Steps), h.OfSteps, len(h.Rows), h.OfRows)
	}
	if n := len(h.Figure("t", 0, 1)); n > 1<<20 {
		t.Errorf("the figure has %d bytes", n)
	}
	large := make([]experiments.ArtefactInfo, 100)
	for i := range large {
		large[i] = experiments.ArtefactInfo{Name: "layers", Step: int64(i), Media: kept.JSON, Bytes: mostTableBytes}
	}
	s = &shelf{made: large}
	s.portrait(t, Asked{Step: -1})
	if n := len(s.read); n*mostTableBytes > mostHistoryBytes || n == 0 {
		t.Errorf("%d tables of %d bytes are read", n, mostTableBytes)
	}
}
