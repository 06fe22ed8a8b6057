package evaluate

import (
	"fmt"
	"math"
	"strings"
	"testing"
)

// printed is a result with every number of its tables.
func printed(r Result) string {
	var b strings.Builder
	for _, v := range r.Values {
		fmt.Fprintf(&b, "%s %.4g\n", v.Quantity, v.Value)
	}
	for _, t := range r.Tables {
		fmt.Fprintf(&b, "%s (%s) %v\n", t.Name, t.Doc, t.Columns)
		for _, row := range t.Rows {
			fmt.Fprintf(&b, "%.4g\n", row)
		}
	}
	for _, note := range r.Notes {
		fmt.Fprintln(&b, note)
	}
	return b.String()
}

// Whole results by hand. Of three images of class 0 one is taken for 1, of one of class 2 none is right; nothing is of
// class 1. Two classes with confidences of 0.5, 0.9 and 1 fall into the bins 8, 14 and 15 of fifteen.
func TestWholeResults(t *testing.T) {
	high := float32(math.Log(9))
	confidences := input{rows: []float32{0, 0, high, 0, 0, 800}, labels: []int32{1, 0, 1}, width: 2}
	taken := input{rows: []float32{1, 0, 0, 0, 1, 0, 2, 0, 1, 3, 3, 1}, labels: []int32{0, 0, 0, 2}, width: 3}
	reliability := "reliability (a row for each range of confidence: more than from, up to to) [from to images confidence top1]\n"
	for i := range 15 {
		row := "NaN NaN"
		images := 0
		switch i {
		case 7:
			images, row = 1, "0.5 0"
		case 13:
			images, row = 1, "0.9 1"
		case 14:
			images, row = 1, "1 1"
		}
		reliability += fmt.Sprintf("[%.4g %.4g %d %s]\n", float64(i)/15, float64(i+1)/15, images, row)
	}
	for _, c := range []struct {
		name string
		in   input
		want string
	}{
		{"confusion", taken, "mean_class_top1 0.3333\nworst_class_top1 0\nconfusion (images by label (rows) and answer (columns)) [0 1 2]\n" +
			"[2 1 0]\n[0 0 0]\n[1 0 0]\nclasses (a row for each label) [class images right top1]\n[0 3 2 0.6667]\n[1 0 0 NaN]\n[2 1 0 0]\n"},
		// −log ½ and −log 0.9, a third; |0 − 0.5| + |1 − 0.9|, a third; 2·½² and 2·0.1², a third.
		{"calibration", confidences, "nll 0.2662\nece 0.2\nbrier 0.1733\n" + reliability},
		{"classification", confidences, "loss 0.2662\ntop1 0.6667\n"},
	} {
		r, err := c.in.run(t, Use{Name: c.name}, c.in.width)
		if got := printed(r); err != nil || got != c.want {
			t.Errorf("%s (%v):\n%swant\n%s", c.name, err, got, c.want)
		}
	}
}

// Features and embeddings are measured alike, each under its own names and with its own width, whatever labels say.
func TestFeaturesAndEmbeddingsCollapseAlike(t *testing.T) {
	for _, c := range []struct{ name, spread, rank, verdict, reads, least, bounds string }{
		{"collapse", "feature_spread", "effective_rank", "collapsed", "features", "0.1/√2 = 0.0707",
			"least_feature_spread 0.07071\nleast_effective_rank 0.1\n"},
		{"collapse_embeddings", "embedding_spread", "embedding_rank", "embeddings_collapsed", "embeddings", "0.25/√2 = 0.177",
			"least_embedding_spread 0.1768\nleast_embedding_rank 0.1\n"},
	} {
		shape := Shape{Features: 2, Embeddings: 7}
		if c.reads == "embeddings" {
			shape = Shape{Features: 7, Embeddings: 2}
		}
		meter := func() *Meter {
			m, err := Use{Name: c.name}.New(shape)
			if err != nil {
				t.Fatal(err)
			}
			return m
		}
		m := meter()
		for _, row := range [][]float32{{3, 0}, {0, -5}} {
			if err := m.Add(row, nil); err != nil {
				t.Fatal(err)
			}
		}
		r, err := m.Result(t.Context())
		rank := math.Exp(-(3./8*math.Log(3./8) + 5./8*math.Log(5./8)))
		if want := fmt.Sprintf("%s 0.7071\n%s %.4g\n%s 0\n%s", c.spread, c.rank, rank, c.verdict, c.bounds); err != nil || printed(r) != want {
			t.Errorf("%s (%v):\n%swant\n%s", c.name, err, printed(r), want)
		}
		flat := meter()
		if err := flat.Add([]float32{3, 4, 3, 4, 3, 4}, []int32{-1, 99, 0}); err != nil {
			t.Fatal(err)
		}
		r, err = flat.Result(t.Context())
		want := fmt.Sprintf("%s 0\n%s 1\n%s 1\n%scollapsed: %s spread by 0, less than %s\n", c.spread, c.rank, c.verdict, c.bounds,
			c.reads, c.least)
		if err != nil || printed(r) != want {
			t.Errorf("%s of equal rows (%v):\n%swant\n%s", c.name, err, printed(r), want)
		}
		one := meter()
		if err := one.Add([]float32{3, 4}, nil); err != nil {
			t.Fatal(err)
		}
		_, err = one.Result(t.Context())
		want = fmt.Sprintf("evaluator %s: want at least 2 rows, whose %s can differ, got 1", c.name, c.reads)
		if err == nil || err.Error() != want {
			t.Errorf("one row: %v, want %s", err, want)
		}
	}
}

// What a meter was given may change afterwards, as buffers of a training do.
func TestMetersKeepNoSlice(t *testing.T) {
	f := recorded(t)
	for _, name := range Names() {
		e, err := Lookup(name)
		if err != nil {
			t.Fatal(err)
		}
		in, want := f.of(e), measured(t, f, Use{Name: name})
		m, err := Use{Name: name}.New(Shape{Classes: f.Classes, Features: f.Width, Embeddings: f.Width})
		if err != nil {
			t.Fatal(err)
		}
		rows, labels := make([]float32, 10*in.width), make([]int32, 10)
		give := func(add func([]float32, []int32) error, all []float32, of []int32) {
			for from := 0; from < len(of); from += 10 {
				n := copy(labels, of[from:])
				copy(rows, all[from*in.width:(from+n)*in.width])
				if err := add(rows[:n*in.width], labels[:n]); err != nil {
					t.Fatal(err)
				}
			}
			clear(rows)
			clear(labels)
		}
		if give(m.Add, in.rows, in.labels); m.Bank != NoBank {
			give(m.AddBank, in.bank, in.bankLabels)
		}
		if got, err := m.Result(t.Context()); err != nil || !same(got, want) {
			t.Errorf("%s: got %v (%v), want %v", name, got.Values, err, want.Values)
		}
	}
}

// A row with a NaN is a miss wherever the NaN is, and the largest of the others is the answer of none.
func TestRowsThatAreNoNumbersAreMisses(t *testing.T) {
	nan := float32(math.NaN())
	for _, c := range []struct {
		row   []float32
		label int32
		want  Hits
	}{
		{[]float32{nan, 1, 0, 0, 0, 0, 0}, 1, Hits{0, 1}}, {[]float32{2, nan, 0, 0, 0, 0, 0}, 0, Hits{0, 1}},
		{[]float32{nan, nan, nan, nan, nan, 1, 0}, 5, Hits{0, 0}}, {[]float32{nan, nan, nan, nan, 1, 0, 0}, 4, Hits{0, 1}},
		{[]float32{1, 0, nan, 0, 0, 0, 0}, 2, Hits{0, 1}}, {[]float32{5, 4, 3, 2, 1, 0, -1}, 4, Hits{0, 1}},
		{[]float32{5, 4, 3, 2, 1, 0, -1}, 5, Hits{0, 0}},
	} {
		if got := Count(c.row, []int32{c.label}, 7); got != c.want {
			t.Errorf("%v with label %d: %v, want %v", c.row, c.label, got, c.want)
		}
	}
}
