package evaluate

import (
	"math"
	"testing"
)

func TestCount(t *testing.T) {
	nan := float32(math.NaN())
	for _, c := range []struct {
		logits []float32
		label  int32
		want   Hits
	}{
		{[]float32{0, 3, 1, 2, -1, 5, 4}, 5, Hits{1, 1}},
		{[]float32{0, 3, 1, 2, -1, 5, 4}, 2, Hits{0, 1}},
		{[]float32{0, 3, 1, 2, -1, 5, 4}, 0, Hits{0, 0}},
		{[]float32{1, 1, 0, 0, 0, 0, 0}, 1, Hits{0, 1}}, // the first of equals wins
		{[]float32{nan, nan, nan, nan, nan, nan, nan}, 0, Hits{0, 0}},
	} {
		if got := Count(c.logits, []int32{c.label}, len(c.logits)); got != c.want {
			t.Errorf("Count(%v, %d) = %v, want %v", c.logits, c.label, got, c.want)
		}
	}
}

// Batches add up: two batches measure what one of both measures, and quantities of few classes have no top5.
func TestClassificationAddsBatches(t *testing.T) {
	logits := []float32{0, 3, 1, 2, -1, 5, 4, 1, 1, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 1}
	whole, parts := Classification{Classes: 7}, Classification{Classes: 7}
	whole.Add(logits, []int32{5, 1, 6})
	parts.Add(logits[:7], []int32{5})
	parts.Add(logits[7:], []int32{1, 6})
	// By hand: log Σ exp − logit at the label, of the three rows.
	lse := func(row []float32) (sum float64) {
		for _, v := range row {
			sum += math.Exp(float64(v))
		}
		return math.Log(sum)
	}
	want := []Value{{"loss", (lse(logits[:7]) - 5 + lse(logits[7:14]) - 1 + lse(logits[14:]) - 1) / 3}, {"top1", 1.0 / 3}, {"top5", 1}}
	for name, got := range map[string][]Value{"whole": whole.Values(), "parts": parts.Values()} {
		if len(got) != len(want) {
			t.Fatalf("%s: got %v, want %v", name, got, want)
		}
		for i := range want {
			if got[i].Quantity != want[i].Quantity || math.Abs(got[i].Value-want[i].Value) > 1e-6 {
				t.Errorf("%s: got %v, want %v", name, got[i], want[i])
			}
		}
	}
	few := Classification{Classes: 5}
	few.Add(logits[:5], []int32{1})
	if got := few.Values(); len(got) != 2 || got[1].Value != 1 {
		t.Errorf("five classes: got %v, want loss and top1", got)
	}
}
