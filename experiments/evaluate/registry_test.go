package evaluate

import (
	"context"
	"math"
	"math/rand/v2"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"workbench/experiments/metric"
)

// Every quantity that an evaluator can give is declared, and it gives no others.
func TestEveryQuantityIsInTheTable(t *testing.T) {
	f := recorded(t)
	for _, name := range Names() {
		e, _ := Lookup(name)
		for _, q := range e.Quantities {
			if title := metric.Title("test/" + q); title == "test/"+q {
				t.Errorf("%s: quantity %s is not in the table of metrics", name, q)
			}
		}
		for _, v := range measured(t, f, Use{Name: name}).Values {
			if !slices.Contains(e.Quantities, v.Quantity) {
				t.Errorf("%s gives %s, want one of %v", name, v.Quantity, e.Quantities)
			}
		}
	}
}

// same compares results with every bit, NaN included, but for the loss of classification, whose sum is of batches.
func same(a, b Result) bool {
	bits := func(r Result) (all []uint64) {
		for _, v := range r.Values {
			if v.Quantity == "loss" {
				v.Value = float64(float32(v.Value))
			}
			all = append(all, math.Float64bits(v.Value))
		}
		for _, table := range r.Tables {
			for _, v := range slices.Concat(table.Rows...) {
				all = append(all, math.Float64bits(v))
			}
		}
		return all
	}
	return slices.Equal(bits(a), bits(b)) && reflect.DeepEqual(a.Notes, b.Notes)
}

// wide are rows of several tiles and blocks, whose products gonum divides among processors.
func wide(classes int) input {
	r := rand.New(rand.NewPCG(7, 8))
	const n, width = 3*blockRows + 5, 4*tile + 3
	in := input{rows: make([]float32, n*width), bank: make([]float32, n*width), width: width}
	for i := range in.rows {
		in.rows[i], in.bank[i] = float32(r.NormFloat64()), float32(r.NormFloat64())
	}
	for range n {
		in.labels, in.bankLabels = append(in.labels, int32(r.IntN(classes))), append(in.bankLabels, int32(r.IntN(classes)))
	}
	return in
}

func TestResultsDoNotDependOnBatchesNorProcessors(t *testing.T) {
	f := recorded(t)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for _, name := range Names() {
		e, _ := Lookup(name)
		inputs := []input{f.of(e)}
		if e.Reads == Features {
			inputs = append(inputs, wide(f.Classes))
		}
		for _, in := range inputs {
			var want Result
			for i, c := range []struct{ processors, batch, bank int }{{1, 0, 0}, {1, 1, 1}, {2, 7, 32}, {5, 128, 129}, {3, 0, 100}} {
				runtime.GOMAXPROCS(c.processors)
				in.batch, in.bankStep = c.batch, c.bank
				got, err := in.run(t, Use{Name: name}, f.Classes)
				if i == 0 {
					want = got
				}
				if err != nil || !same(got, want) {
					t.Errorf("%s of width %d, %+v: got %v, %v, want %v", name, in.width, c, got.Values, err, want.Values)
				}
			}
		}
	}
}

// A result that is asked for in between changes nothing.
func TestResultsInBetweenChangeNothing(t *testing.T) {
	f := recorded(t)
	for _, name := range Names() {
		e, _ := Lookup(name)
		in, want := f.of(e), measured(t, f, Use{Name: name})
		m, err := Use{Name: name}.New(Shape{Classes: f.Classes, Features: f.Width, Embeddings: f.Width})
		if err != nil {
			t.Fatal(err)
		}
		half := len(in.labels) / 2
		for _, err := range []error{
			m.Add(in.rows[:half*in.width], in.labels[:half]), asked(m), m.Add(in.rows[half*in.width:], in.labels[half:]),
		} {
			if err != nil {
				t.Fatal(err)
			}
		}
		if e.Bank != NoBank {
			if err := m.AddBank(in.bank, in.bankLabels); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := m.Result(context.Background()); err != nil {
			t.Fatal(err)
		}
		if got, err := m.Result(context.Background()); err != nil || !same(got, want) {
			t.Errorf("%s: got %v, %v, want %v", name, got.Values, err, want.Values)
		}
	}
}

// asked asks for the result of what has no bank.
func asked(m *Meter) error {
	if m.Bank != NoBank {
		return nil
	}
	_, err := m.Result(context.Background())
	return err
}

func TestUseRefuses(t *testing.T) {
	good := Shape{Classes: 10, Features: 64}
	for _, c := range []struct {
		use   Use
		shape Shape
		want  string
	}{
		{Use{Name: "nearest"}, good, `unknown evaluator "nearest": want one of calibration, classification, collapse, ` +
			"collapse_embeddings, confusion, knn, online, probe, temperature"},
		{Use{Name: "knm"}, good, "did you mean knn?"},
		{Use{Name: "knn", Options: map[string]any{"n": 5}}, good, `evaluator knn has no option "n": want one of k, temperature`},
		{Use{Name: "knn", Options: map[string]any{"k": 0}}, good, "evaluator knn: option k: want a whole number from 1 to 10000, got 0"},
		{Use{Name: "knn", Options: map[string]any{"temperature": 0}}, good, "option temperature: want a number > 0, got 0"},
		{Use{Name: "probe", Options: map[string]any{"l2": -1}}, good, "option l2: want a number of at least 0, got -1"},
		{Use{Name: "knn"}, Shape{Classes: 10}, "evaluator knn: want a network with features [n, 1 or more], got [n, 0]"},
		{Use{Name: "probe"}, Shape{Classes: 1, Features: 3}, "evaluator probe: want at least 2 classes, got 1"},
	} {
		if _, err := c.use.New(c.shape); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: got %v, want %q", c.use, err, c.want)
		}
	}
	if _, err := (Use{Name: "collapse"}).New(Shape{Features: 3}); err != nil {
		t.Errorf("features without classes: %v", err)
	}
}

// Bad rows are errors that say where; what they were given before stays.
func TestMetersRefuseBadRows(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(-1))
	meter := func(name string) *Meter {
		m, err := Use{Name: name}.New(Shape{Classes: 3, Features: 2})
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	good := func(name string) *Meter {
		m := meter(name)
		if err := m.Add([]float32{1, 2, 3, 4, 5, 6}, []int32{0, 1, 2}[:6/m.shape.width(m.Reads)]); err != nil {
			t.Fatal(err)
		}
		return m
	}
	result := func(m *Meter) error { _, err := m.Result(context.Background()); return err }
	for _, c := range []struct {
		err  error
		want string
	}{
		{meter("knn").Add([]float32{1, 2, 3}, []int32{0, 1}), "knn: want features [n, 2] and labels [n], got 3 numbers and 2 labels"},
		{meter("confusion").Add(make([]float32, 6), []int32{0}), "confusion: want logits [n, 3] and labels [n], got 6 numbers and 1 labels"},
		{good("collapse").Add([]float32{1, nan}, nil), "collapse: features of row 3: want finite numbers, got NaN in column 1"},
		{good("calibration").Add([]float32{inf, 1, 1}, []int32{0}), "calibration: logits of row 2: want finite numbers, got -Inf in column 0"},
		{good("probe").AddBank([]float32{nan, 1}, []int32{0}), "probe: bank: features of row 0: want finite numbers, got NaN in column 0"},
		{good("classification").Add([]float32{1, 1, 1, 2, 2, 2}, []int32{0, 3}), "classification: label of row 3: want 0 to 2, got 3"},
		{meter("knn").Add([]float32{1, 1}, []int32{-1}), "knn: label of row 0: want 0 to 2, got -1"},
		{good("knn").AddBank([]float32{1, 1, 1, 1}, []int32{0, 7}), "knn: bank: label of row 1: want 0 to 2, got 7"},
		{good("confusion").AddBank([]float32{1, 1, 1}, []int32{0}), "confusion: it compares with no bank, but got rows of one"},
		{meter("probe").AddBank([]float32{1, 1}, []int32{0}), "probe: want the rows under test before those of the bank"},
		{result(meter("classification")), "classification: want rows under test, got none"},
		{result(good("knn")), "knn: want rows of a bank (train), got none"},
		{result(good("temperature")), "temperature: want rows of a bank (val), got none"},
	} {
		if want := "evaluator " + c.want; c.err == nil || c.err.Error() != want {
			t.Errorf("got %v, want %s", c.err, want)
		}
	}
	m := good("knn")
	if err := m.AddBank([]float32{1, 1}, []int32{0}); err != nil {
		t.Fatal(err)
	}
	err := m.Add([]float32{1, 1}, []int32{0})
	if want := "evaluator knn: want all rows under test before those of the bank"; err == nil || err.Error() != want {
		t.Errorf("rows under test after the bank: got %v, want %s", err, want)
	}
	diverged := meter("classification")
	if err := diverged.Add([]float32{nan, nan, nan}, []int32{0}); err != nil {
		t.Errorf("a network that diverged: %v", err)
	}
}

func TestResultEndsWithTheContext(t *testing.T) {
	f := recorded(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for _, name := range []string{"knn", "probe", "temperature", "collapse"} {
		e, _ := Lookup(name)
		in := f.of(e)
		m, err := Use{Name: name}.New(Shape{Classes: f.Classes, Features: f.Width, Embeddings: f.Width})
		if err != nil {
			t.Fatal(err)
		}
		if err := m.Add(in.rows, in.labels); err != nil {
			t.Fatal(err)
		}
		if e.Bank != NoBank {
			if err := m.AddBank(in.bank, in.bankLabels); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := m.Result(ctx); err == nil || !strings.Contains(err.Error(), "canceled") {
			t.Errorf("%s: got %v, want an error of the context", name, err)
		}
	}
}

// Features of any finite size give numbers.
func TestExtremeFeaturesAreMeasured(t *testing.T) {
	for _, scale := range []float32{math.MaxFloat32, math.SmallestNonzeroFloat32, 0} {
		in := input{rows: []float32{scale, 0, 0, scale}, labels: []int32{0, 1}, width: 2,
			bank: []float32{scale, 0, 0, scale, -scale, 0, 0, -scale}, bankLabels: []int32{0, 1, 2, 2}}
		for name, options := range map[string]map[string]any{
			"knn": {"k": 1}, "collapse": nil, "probe": {"standardize": true}, "probe ": {"standardize": false},
		} {
			r, err := in.run(t, Use{Name: strings.TrimSpace(name), Options: options}, 3)
			if err != nil {
				t.Errorf("%s of features of size %g: %v", name, scale, err)
			}
			for _, v := range r.Values {
				if math.IsNaN(v.Value) {
					t.Errorf("%s of features of size %g: %v %v", name, scale, r.Values, r.Notes)
				}
			}
		}
	}
}
