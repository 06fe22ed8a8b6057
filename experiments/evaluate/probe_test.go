package evaluate

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

func TestProbeAgreesWithScikitLearn(t *testing.T) {
	f := recorded(t)
	for _, want := range f.Probe {
		r := measured(t, f, Use{Name: "probe", Options: map[string]any{
			"l2": want.L2, "standardize": want.Standardize, "tolerance": 1e-8,
		}})
		near(t, "top-1", r.value(t, "probe_top1"), want.Top1, 1e-14)
		near(t, "top-5", r.value(t, "probe_top5"), want.Top5, 1e-14)
		near(t, "loss", r.value(t, "probe_loss"), want.Loss, 1e-6)
		if len(r.Notes) > 0 {
			t.Errorf("notes %q", r.Notes)
		}
	}
}

// By hand: a feature that says nothing leaves the biases, which are the logarithms of the classes' shares.
func TestProbeOfNothingKnowsTheShares(t *testing.T) {
	in := input{rows: []float32{7, 7}, labels: []int32{0, 1}, width: 1, bankLabels: []int32{0, 0, 0, 1, 0, 1, 0}}
	for range in.bankLabels {
		in.bank = append(in.bank, 0.1) // a sevenfold mean of which is not exactly it
	}
	r, err := in.run(t, Use{Name: "probe", Options: map[string]any{"tolerance": 1e-12, "l2": 1}}, 2)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "loss", r.value(t, "probe_loss"), -(math.Log(5./7)+math.Log(2./7))/2, 1e-9)
	near(t, "top-1", r.value(t, "probe_top1"), 0.5, 0)
}

// Gradients are those of the value, by central differences.
func TestLogisticGradient(t *testing.T) {
	f := recorded(t)
	bank := labelled{rows: newRows(f.Width)}
	bank.add(f.Bank, f.BankLabels)
	l := newLogistic(bank, f.Classes, 0.3)
	l.standardise()
	r := rand.New(rand.NewPCG(3, 4))
	w := make([]float64, f.Classes*(f.Width+1))
	for i := range w {
		w[i] = r.NormFloat64()
	}
	l.visit(w)
	gradient := append([]float64(nil), l.gradient...)
	for i := range w {
		const h = 1e-5
		at := w[i]
		w[i] = at + h
		l.visit(w)
		up := l.value
		w[i] = at - h
		l.visit(w)
		w[i] = at
		if got := (up - l.value) / (2 * h); math.Abs(got-gradient[i]) > 1e-8 {
			t.Errorf("element %d: gradient %g, differences %g", i, gradient[i], got)
		}
	}
}

func TestProbeSaysThatItDidNotConverge(t *testing.T) {
	f := recorded(t)
	for want, options := range map[string]map[string]any{
		"the probe did not converge in 3 iterations (IterationLimit): the largest element of the gradient is": {"iterations": 3},
		"want at most 1e-300": {"tolerance": 1e-300},
	} {
		r := measured(t, f, Use{Name: "probe", Options: options})
		if len(r.Notes) != 1 || !strings.Contains(r.Notes[0], want) {
			t.Errorf("got %q, want one note with %q", r.Notes, want)
		}
		if r.value(t, "probe_top1") < 0.5 {
			t.Errorf("got %v, want what the probe had learnt until then", r.Values)
		}
	}
}

func TestProbeWantsTwoClasses(t *testing.T) {
	in := input{rows: []float32{1, 2}, labels: []int32{0, 1}, width: 1, bank: []float32{1, 2, 3}, bankLabels: []int32{1, 1, 1}}
	_, err := in.run(t, Use{Name: "probe"}, 3)
	if want := "evaluator probe: want a bank with at least 2 classes, got only class 1"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
