package answers_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"workbench/experiments/answers"
	"workbench/experiments/data"
	"workbench/experiments/evaluate"
	"workbench/experiments/strategy"
)

// scripted is a network that answers to image i, of whatever split and in batches of two, with logits that follow from
// i, and with features [label, i]. It notes what it is asked: the set's test images, split, images and view.
type scripted struct {
	sharp float32
	asked []string
}

func (*scripted) Shape() evaluate.Shape { return evaluate.Shape{Classes: 10, Features: 2} }

func (s *scripted) logits(image int) []float32 {
	row := make([]float32, 10)
	for k := range row {
		row[k] = s.sharp * float32((3*image+7*k)%10)
	}
	return row
}

func (s *scripted) Look(_ context.Context, p data.Part, v data.View, each func(strategy.Seen) error) error {
	images := fmt.Sprint(p.Index)
	if p.Index == nil {
		images = fmt.Sprint("all ", p.Len())
	}
	s.asked = append(s.asked, fmt.Sprintf("%d %s %s %v", p.Set.Len(data.Test), p.Split, images, v.Augment))
	for from := 0; from < p.Len(); from += 2 {
		var seen strategy.Seen
		for row := from; row < min(from+2, p.Len()); row++ {
			image := p.Sample(row)
			seen.Rows, seen.Labels = append(seen.Rows, int32(row)), append(seen.Labels, int32(p.Label(row)))
			seen.Logits = append(seen.Logits, s.logits(image)...)
			seen.Features = append(seen.Features, float32(p.Label(row)), float32(image))
		}
		if err := each(seen); err != nil {
			return err
		}
	}
	return nil
}

func pictures(t *testing.T, test int) data.Set {
	t.Helper()
	set, err := data.Open(t.Context(), "shapes", "", map[string]any{"train": 40, "test": test})
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// Every way to look sees its own set, with the same images and labels and the view that was asked for; together they
// say the mean of their probabilities.
func TestViewsLookAtTheirOwnSets(t *testing.T) {
	small, large := pictures(t, 20), pictures(t, 30)
	one, other := &scripted{sharp: 0.1}, &scripted{sharp: 1}
	third := &scripted{sharp: -0.5}
	same := func(set data.Set) data.Set { return set }
	views := answers.Views{{Name: "one", Net: one, Of: same}, {Name: "other", Net: other, Of: func(data.Set) data.Set { return large }},
		{Name: "third", Net: third, Of: same}}
	if (answers.Views{}).Shape() != (evaluate.Shape{}) || views.Shape() != (evaluate.Shape{Classes: 10}) {
		t.Errorf("shapes %+v and %+v", answers.Views{}.Shape(), views.Shape())
	}
	view := data.View{Augment: map[string]any{"flip": true}}
	p := data.Part{Set: small, Split: data.Train, Index: []int32{4, 39, 11}, Labels: []int32{7, 8, 9}}
	a, err := answers.Collect(t.Context(), views, p, view, nil)
	if err != nil || fmt.Sprint(a.Labels) != "[7 8 9]" || a.Classes != 10 || len(a.Logits) != 30 {
		t.Fatalf("%+v, %v", a, err)
	}
	for net, want := range map[*scripted]string{one: "20", other: "30", third: "20"} {
		if got := strings.Join(net.asked, "; "); got != want+" train [4 39 11] map[flip:true]" {
			t.Errorf("asked was %s", got)
		}
	}
	for row, image := range p.Index {
		for k := range 10 {
			want := 0.0
			for _, net := range []*scripted{one, other, third} {
				sum := 0.0
				for _, v := range net.logits(int(image)) {
					sum += math.Exp(float64(v))
				}
				want += math.Exp(float64(net.logits(int(image))[k])) / sum / 3
			}
			if got := float64(a.Row(row)[k]); math.Abs(got-math.Log(want)) > 1e-5 {
				t.Errorf("image %d, class %d: the logarithm of %v is %v", image, k, want, got)
			}
		}
	}
	stop := errors.New("enough")
	if err := views.Look(t.Context(), p, view, func(strategy.Seen) error { return stop }); !errors.Is(err, stop) || err.Error() != "enough" {
		t.Errorf("who looks has enough: %v", err)
	}
	short := answers.Views{views[0], {Name: "short", Net: cut{other}, Of: same}}
	_, err = answers.Collect(t.Context(), short, p, view, nil)
	if want := "networks answered to other images: 3 with labels of their own, and 2"; err == nil || err.Error() != want {
		t.Errorf("a view that answers to fewer images: %v, want %s", err, want)
	}
}

// cut is a network that does not look at the last batch.
type cut struct{ *scripted }

func (c cut) Look(ctx context.Context, p data.Part, v data.View, each func(strategy.Seen) error) error {
	p.Index, p.Labels = p.Index[:2], p.Labels[:2]
	return c.scripted.Look(ctx, p, v, each)
}

// What an evaluator finds is what it finds by itself, given the rows that it reads in their order; each bank is looked
// at once, as it is, for those alone that have it.
func TestMeasuresAreThoseOfTheEvaluators(t *testing.T) {
	set := pictures(t, 20)
	parts := answers.Parts{Test: data.Part{Set: set, Split: data.Test},
		Train: data.Part{Set: set, Split: data.Train, Index: []int32{1, 2, 3, 5, 8, 13}},
		Val:   data.Part{Set: set, Split: data.Train, Index: []int32{21, 34, 30, 9}}}
	view := data.View{Augment: map[string]any{"pad": 1}}
	const test, train, val = "20 test all 20 map[pad:1]", "20 train [1 2 3 5 8 13] map[]", "20 train [21 34 30 9] map[]"
	for _, c := range []struct{ names, asked string }{
		{"", test}, {"classification confusion calibration", test}, {"knn", test + "; " + train}, {"temperature", test + "; " + val},
		{"temperature knn collapse classification probe", test + "; " + train + "; " + val}, {"collapse", test},
	} {
		net := &scripted{sharp: 0.3}
		uses := strings.Fields(c.names)
		all := meters(t, uses...)
		a, err := answers.Collect(t.Context(), net, parts.Test, view, all)
		if err != nil {
			t.Fatal(err)
		}
		results, err := answers.Measure(t.Context(), a, net, parts, all)
		if err != nil || len(results) != len(uses) {
			t.Fatalf("%s: %d results, %v", c.names, len(results), err)
		}
		if got := strings.Join(net.asked, "; "); got != c.asked {
			t.Errorf("%s: asked was %s, want %s", c.names, got, c.asked)
		}
		for i, m := range meters(t, uses...) {
			give := func(p data.Part, add func([]float32, []int32) error) {
				for row := range p.Len() {
					rows := net.logits(p.Sample(row))
					if m.Reads == evaluate.Features {
						rows = []float32{float32(p.Label(row)), float32(p.Sample(row))}
					}
					if err := add(rows, []int32{int32(p.Label(row))}); err != nil {
						t.Fatal(err)
					}
				}
			}
			give(parts.Test, m.Add)
			switch m.Bank {
			case evaluate.Training:
				give(parts.Train, m.AddBank)
			case evaluate.HeldOut:
				give(parts.Val, m.AddBank)
			}
			want, err := m.Result(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for k, v := range want.Values {
				if got := results[i].Values[k]; got.Quantity != v.Quantity || math.Abs(got.Value-v.Value) > 1e-9 {
					t.Errorf("%s: %s is %+v, want %+v", c.names, uses[i], got, v)
				}
			}
		}
	}
}

// What cannot be measured, put together or compared says what is missing and of whom.
func TestWhatCannotBeMeasuredSaysWhy(t *testing.T) {
	set := pictures(t, 20)
	whole := answers.Parts{Test: data.Part{Set: set, Split: data.Test}, Train: data.Part{Set: set, Split: data.Train},
		Val: data.Part{Set: set, Split: data.Train, Index: []int32{3, 4, 5}}}
	none := data.Part{Set: set, Split: data.Val}
	const held = "evaluator temperature wants pictures that are neither trained on nor under test; want dataset.val, a share of the " +
		"training images, as the training had it"
	const alone = "evaluator knn compares with training images, and the set has none"
	for name, c := range map[string]struct {
		names  string
		change func(*answers.Parts)
		want   string
	}{
		"all is there":      {"knn temperature", func(*answers.Parts) {}, ""},
		"nothing held out":  {"knn temperature", func(p *answers.Parts) { p.Val = none }, held},
		"no part held out":  {"temperature", func(p *answers.Parts) { p.Val = data.Part{} }, held},
		"not asked for":     {"knn", func(p *answers.Parts) { p.Val = none }, ""},
		"nothing to train":  {"collapse knn", func(p *answers.Parts) { p.Train = none }, alone},
		"no part to train":  {"knn", func(p *answers.Parts) { p.Train = data.Part{} }, alone},
		"training unwanted": {"temperature", func(p *answers.Parts) { p.Train = none }, ""},
	} {
		parts, net := whole, &scripted{sharp: 1}
		c.change(&parts)
		all := meters(t, strings.Fields(c.names)...)
		a, err := answers.Collect(t.Context(), net, parts.Test, data.View{}, all)
		if err != nil {
			t.Fatal(err)
		}
		if _, err = answers.Measure(t.Context(), a, net, parts, all); err == nil && c.want != "" || err != nil && err.Error() != c.want {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
	unknown := whole.Test
	unknown.Index, unknown.Labels = []int32{9, 5, 7}, []int32{1, 0, -1}
	_, err := answers.Collect(t.Context(), &scripted{}, unknown, data.View{}, nil)
	if want := "image 7 of the part of the test split of shapes has no label to compare an answer with"; err == nil || err.Error() != want {
		t.Errorf("a label that nobody knows: %v, want %s", err, want)
	}
	a, b := two()
	fewer, others := b, b
	fewer.Classes, others.Labels = 2, []int32{0, 1, 2}
	for want, pair := range map[string][2]answers.Answers{
		"one network tells 3 classes apart, another 2":                         {a, fewer},
		"networks answered to other images: 4 with labels of their own, and 3": {a, others},
	} {
		if _, err := answers.Compare(pair[0], pair[1]); err == nil || err.Error() != want {
			t.Errorf("compared: %v, want %s", err, want)
		}
		if _, err := answers.Mean([]answers.Answers{pair[0], pair[0], pair[1]}); err == nil || err.Error() != want {
			t.Errorf("put together: %v, want %s", err, want)
		}
	}
	if _, err := answers.Mean(nil); err == nil || err.Error() != "no answers to put together" {
		t.Errorf("nothing to put together: %v", err)
	}
	if one, err := answers.Mean([]answers.Answers{a}); err != nil || fmt.Sprint(one) != fmt.Sprint(a) {
		t.Errorf("one network by itself says %v (%v)", one, err)
	}
}

// Compare, by hand, over all that two answers to an image can be.
func TestEveryKindOfImageIsCounted(t *testing.T) {
	answer := func(classes ...int) answers.Answers {
		a := answers.Answers{Classes: 3}
		for _, k := range classes {
			row := make([]float32, 3)
			row[k] = 1
			a.Logits, a.Labels = append(a.Logits, row...), append(a.Labels, 0)
		}
		return a
	}
	// Both right once, one alone twice, the other alone three times, both wrong four times: three of them alike.
	a, b := answer(0, 0, 0, 1, 1, 2, 1, 2, 2, 1), answer(0, 1, 2, 0, 0, 0, 1, 2, 2, 2)
	v, err := answers.Compare(a, b)
	want := answers.Versus{BothRight: 1, OnlyA: 2, OnlyB: 3, BothWrong: 4, P: 1, Overlap: 4.0 / 9, Agreement: 0.4}
	if v.P > 1-1e-12 && v.P <= 1 {
		v.P = 1
	}
	if err != nil || v != want {
		t.Errorf("%+v (%v), want %+v", v, err, want)
	}
	if v, _ := answers.Compare(answer(0, 0), answer(0, 0)); !math.IsNaN(v.Overlap) || v.Agreement != 1 || v.BothRight != 2 {
		t.Errorf("nothing is wrong: %+v", v)
	}
	// 2·(1 + 7 + 21)/128 of seven images that one alone gets right, two of them the first's.
	if v, _ := answers.Compare(answer(0, 0, 1, 1, 1, 1, 1), answer(1, 1, 0, 0, 0, 0, 0)); math.Abs(v.P-58.0/128) > 1e-12 {
		t.Errorf("the chance of two of seven is %v, want %v", v.P, 58.0/128)
	}
}
