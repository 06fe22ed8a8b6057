package answers_test

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"workbench/experiments/answers"
	"workbench/experiments/data"
	"workbench/experiments/evaluate"
	"workbench/experiments/strategy"
)

// Two networks, three classes: rows are logits, labels 0, 1, 2, 0.
func two() (a, b answers.Answers) {
	labels := []int32{0, 1, 2, 0}
	a = answers.Answers{Classes: 3, Labels: labels, Logits: []float32{2, 1, 0, 0, 3, 0, 5, 0, 1, 1, 1, 0}} // says 0 1 0 0
	b = answers.Answers{Classes: 3, Labels: labels, Logits: []float32{0, 1, 0, 0, 3, 0, 0, 0, 9, 0, 0, 4}} // says 1 1 2 2
	return a, b
}

func TestWhatAnswersSay(t *testing.T) {
	a, _ := two()
	want := []int{0, 1, 0, 0} // of equal logits, the lower class
	for i := range want {
		if a.Predicted(i) != want[i] || a.Right(i) != (want[i] == int(a.Labels[i])) {
			t.Errorf("image %d: class %d, right %v, want %d", i, a.Predicted(i), a.Right(i), want[i])
		}
	}
	if p, want := a.Probability(0, 1), math.Exp(1)/(math.Exp(2)+math.Exp(1)+1); math.Abs(p-want) > 1e-12 {
		t.Errorf("probability %v, want %v", p, want)
	}
}

// Image by image: both right on one, one alone on one, the other alone on one, both wrong on none … counted by hand.
func TestCompareImageByImage(t *testing.T) {
	a, b := two()
	v, err := answers.Compare(a, b)
	if err != nil {
		t.Fatal(err)
	}
	// a is right on images 0, 1, 3; b on 1, 2.
	want := answers.Versus{BothRight: 1, OnlyA: 2, OnlyB: 1, BothWrong: 0, P: 1, Overlap: 0, Agreement: 0.25}
	if v != want {
		t.Errorf("%+v, want %+v", v, want)
	}
	if v, _ = answers.Compare(a, a); v.Overlap != 1 || v.Agreement != 1 || v.P != 1 || v.BothWrong != 1 {
		t.Errorf("a network and itself: %+v", v)
	}
}

// McNemar's exact test has these values in R (binom.test(b, b+c)) and by hand: 2·(1+12+66)/4096 for 2 and 10.
func TestMcNemar(t *testing.T) {
	for _, c := range []struct {
		a, b int
		want float64
	}{{2, 10, 158.0 / 4096}, {10, 2, 158.0 / 4096}, {0, 5, 2.0 / 32}, {0, 0, 1}, {3, 3, 1}, {0, 1, 1}} {
		one := answers.Answers{Classes: 2}
		other := answers.Answers{Classes: 2}
		add := func(n int, right, wrong []float32) {
			for range n {
				one.Labels, other.Labels = append(one.Labels, 0), append(other.Labels, 0)
				one.Logits, other.Logits = append(one.Logits, right...), append(other.Logits, wrong...)
			}
		}
		add(c.a, []float32{1, 0}, []float32{0, 1})
		add(c.b, []float32{0, 1}, []float32{1, 0})
		if c.a+c.b == 0 {
			add(1, []float32{1, 0}, []float32{1, 0})
		}
		v, err := answers.Compare(one, other)
		if err != nil || math.Abs(v.P-c.want) > 1e-12 || v.OnlyA != c.a || v.OnlyB != c.b {
			t.Errorf("%d and %d: %+v, %v, want p %v", c.a, c.b, v, err, c.want)
		}
	}
}

// Together, networks say the mean of their probabilities, also where one of them is quite sure.
func TestMeanOfProbabilities(t *testing.T) {
	a, b := two()
	b.Logits[3], b.Logits[4] = 400, -400
	mean, err := answers.Mean([]answers.Answers{a, b})
	if err != nil {
		t.Fatal(err)
	}
	for i := range a.Len() {
		for k := range 3 {
			want := (a.Probability(i, k) + b.Probability(i, k)) / 2
			if got := mean.Probability(i, k); math.Abs(got-want) > 1e-6 {
				t.Errorf("image %d, class %d: %v, want %v", i, k, got, want)
			}
		}
	}
	c := a
	c.Labels = []int32{0, 1, 2, 1}
	d := answers.Answers{Classes: 2, Labels: a.Labels}
	for _, all := range [][]answers.Answers{nil, {a, c}, {a, d}} {
		if _, err := answers.Mean(all); err == nil {
			t.Errorf("%v were put together", all)
		}
	}
}

// bright is a network whose logits follow from the row.
type bright struct{ offset float32 }

func (bright) Shape() evaluate.Shape { return evaluate.Shape{Classes: 3} }

func (b bright) Look(_ context.Context, p data.Part, _ data.View, each func(strategy.Seen) error) error {
	for row := range p.Len() {
		logits := []float32{float32(row) + b.offset, 1, float32(p.Set.Len(p.Split))}
		if err := each(strategy.Seen{Rows: []int32{int32(row)}, Labels: []int32{int32(p.Label(row))}, Logits: logits}); err != nil {
			return err
		}
	}
	return nil
}

// Views say for each image the mean of their probabilities, and a view that fails says which it is.
func TestViewsAnswerTogether(t *testing.T) {
	p := parts(t).Test
	p.Index = []int32{4, 1, 9}
	as := func(set data.Set) data.Set { return set }
	one, other := bright{}, bright{offset: -3}
	views := answers.Views{{Name: "one", Net: one, Of: as}, {Name: "other", Net: other, Of: as}}
	a, err := answers.Collect(t.Context(), views, p, data.View{}, nil)
	if err != nil || a.Len() != 3 || a.Labels[1] != int32(p.Label(1)) {
		t.Fatalf("%+v, %v", a, err)
	}
	first, _ := answers.Collect(t.Context(), one, p, data.View{}, nil)
	second, _ := answers.Collect(t.Context(), other, p, data.View{}, nil)
	for i := range 3 {
		for k := range 3 {
			want := (first.Probability(i, k) + second.Probability(i, k)) / 2
			if got := a.Probability(i, k); math.Abs(got-want) > 1e-6 {
				t.Errorf("image %d, class %d: %v, want %v", i, k, got, want)
			}
		}
	}
	many := data.Part{Set: p.Set, Split: data.Test, Index: make([]int32, 9001), Labels: make([]int32, 9001)}
	many.Labels[8500] = 2
	rows := 0
	err = views.Look(t.Context(), many, data.View{}, func(s strategy.Seen) error {
		for i, row := range s.Rows {
			if int(row) != rows || s.Labels[i] != many.Labels[row] {
				t.Fatalf("row %d of label %d follows %d rows", row, s.Labels[i], rows)
			}
			rows++
		}
		return nil
	})
	if err != nil || rows != many.Len() {
		t.Errorf("%d of %d images were looked at: %v", rows, many.Len(), err)
	}
	broken := errors.New("broken")
	views[1] = answers.Seeing{Name: "bad", Net: failing{broken}, Of: as}
	_, err = answers.Collect(t.Context(), views, p, data.View{}, nil)
	if !errors.Is(err, broken) || !strings.Contains(err.Error(), "view bad") {
		t.Errorf("a view that fails: %v", err)
	}
}

// still is a network that says the same of each image: its row and, as features, its label.
type still struct{ asked []string }

func (s *still) Shape() evaluate.Shape { return evaluate.Shape{Classes: 10, Features: 2} }

func (s *still) Look(_ context.Context, p data.Part, _ data.View, each func(strategy.Seen) error) error {
	s.asked = append(s.asked, p.Split.String())
	for row := range p.Len() {
		label := int32(p.Label(row))
		seen := strategy.Seen{Rows: []int32{int32(row)}, Labels: []int32{label}, Logits: make([]float32, 10),
			Features: []float32{float32(label), 1}}
		if label >= 0 {
			seen.Logits[label] = 1
		}
		if err := each(seen); err != nil {
			return err
		}
	}
	return nil
}

func parts(t *testing.T) answers.Parts {
	t.Helper()
	set, err := data.Open(t.Context(), "shapes", "", map[string]any{"train": 40, "test": 20})
	if err != nil {
		t.Fatal(err)
	}
	train, val, err := data.Choose(set, map[string]any{"val": 0.25}, 1)
	if err != nil {
		t.Fatal(err)
	}
	return answers.Parts{Test: data.Part{Set: set, Split: data.Test}, Train: train, Val: val}
}

func meters(t *testing.T, names ...string) []*evaluate.Meter {
	t.Helper()
	var all []*evaluate.Meter
	for _, name := range names {
		use := evaluate.Use{Name: name}
		if name == "knn" {
			use.Options = map[string]any{"k": 5}
		}
		m, err := use.New(evaluate.Shape{Classes: 10, Features: 2})
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, m)
	}
	return all
}

// Each evaluator gets what it reads: answers, features of the images under test, those of training images, and what was
// held out. A network that is always right is measured as such.
func TestEvaluatorsGetWhatTheyRead(t *testing.T) {
	p, net := parts(t), &still{}
	all := meters(t, "classification", "knn", "temperature")
	a, err := answers.Collect(t.Context(), net, p.Test, data.View{}, all)
	if err != nil {
		t.Fatal(err)
	}
	results, err := answers.Measure(t.Context(), a, net, p, all)
	if err != nil || len(results) != 3 {
		t.Fatalf("%v, %v", results, err)
	}
	values := map[string]float64{}
	for _, r := range results {
		for _, v := range r.Values {
			values[v.Quantity] = v.Value
		}
	}
	if values["top1"] != 1 || values["knn_top1"] < 0.9 || values["temperature"] <= 0 {
		t.Errorf("%v", values)
	}
	if got := strings.Join(net.asked, " "); got != "test train train" { // the last is what was held out of train
		t.Errorf("looked at %s", got)
	}
}

// Without images to compare with, or labels, an evaluation says so.
func TestEvaluationsThatCannotBe(t *testing.T) {
	p, net := parts(t), &still{}
	a, err := answers.Collect(t.Context(), net, p.Test, data.View{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"temperature": "want dataset.val",
		"knn": "compares with training images, and the set has none"} {
		all := meters(t, name)
		if _, err := answers.Collect(t.Context(), net, p.Test, data.View{}, all); err != nil {
			t.Fatal(err)
		}
		_, err = answers.Measure(t.Context(), a, net, answers.Parts{}, all)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
	nobody := p.Test
	nobody.Labels = make([]int32, nobody.Len())
	nobody.Labels[3] = -1
	if _, err := answers.Collect(t.Context(), net, nobody, data.View{}, nil); err == nil || !strings.Contains(err.Error(), "image 3 of") {
		t.Errorf("an image without a label: %v", err)
	}
	broken := errors.New("broken")
	if _, err := answers.Collect(t.Context(), failing{broken}, p.Test, data.View{}, nil); !errors.Is(err, broken) {
		t.Errorf("a network that fails: %v", err)
	}
}

type failing struct{ err error }

func (f failing) Shape() evaluate.Shape { return evaluate.Shape{Classes: 10} }

func (f failing) Look(context.Context, data.Part, data.View, func(strategy.Seen) error) error {
	return f.err
}
