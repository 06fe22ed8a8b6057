package evaluate

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"testing"
)

// fixtures is what other programs say; testdata/fixtures.py recorded it.
type fixtures struct {
	Classes, Width int

	Test       []float32
	TestLabels []int32 `json:"test_labels"`
	Bank       []float32
	BankLabels []int32 `json:"bank_labels"`
	Logits     []float32
	Labels     []int32
	FitLogits  []float32 `json:"fit_logits"`
	FitLabels  []int32   `json:"fit_labels"`
	Narrow     []float32

	Confusion           [][]float64
	MeanClassTop1       float64 `json:"mean_class_top1"`
	Calibration, Scaled struct{ NLL, ECE, Brier float64 }
	Temperature         float64
	KNN                 []struct {
		K                       int
		Temperature, Top1, Top5 float64
	}
	Probe []struct {
		L2               float64
		Standardize      bool
		Top1, Top5, Loss float64
	}
	Collapse map[string]struct{ Spread, Rank float64 }
}

func recorded(t *testing.T) fixtures {
	t.Helper()
	text, err := os.ReadFile("testdata/fixtures.json")
	if err != nil {
		t.Fatal(err)
	}
	var f fixtures
	if err := json.Unmarshal(text, &f); err != nil {
		t.Fatal(err)
	}
	if len(f.Test) != 150*f.Width || len(f.FitLogits) != 270*f.Classes || len(f.KNN) < 3 || len(f.Probe) < 4 || len(f.Collapse) < 3 {
		t.Fatalf("the recording is incomplete: %d numbers under test", len(f.Test))
	}
	return f
}

// input has all rows that an evaluator reads.
type input struct {
	rows, bank             []float32
	labels, bankLabels     []int32
	width, batch, bankStep int // rows a batch; 0: all
}

// of gives the rows that an evaluator reads from the fixtures.
func (f fixtures) of(e Evaluator) input {
	if e.Reads == Logits || e.Reads == Online {
		return input{rows: f.Logits, labels: f.Labels, bank: f.FitLogits, bankLabels: f.FitLabels, width: f.Classes}
	}
	return input{rows: f.Test, labels: f.TestLabels, bank: f.Bank, bankLabels: f.BankLabels, width: f.Width}
}

// run evaluates the rows in batches.
func (in input) run(t *testing.T, u Use, classes int) (Result, error) {
	t.Helper()
	m, err := u.New(Shape{Classes: classes, Features: in.width, Embeddings: in.width})
	if err != nil {
		t.Fatal(err)
	}
	feed := func(add func([]float32, []int32) error, rows []float32, labels []int32, batch int) error {
		if batch == 0 {
			batch = len(labels)
		}
		for from := 0; from < len(labels); from += batch {
			to := min(from+batch, len(labels))
			if err := add(rows[from*in.width:to*in.width], labels[from:to]); err != nil {
				return err
			}
		}
		return nil
	}
	if err := feed(m.Add, in.rows, in.labels, in.batch); err != nil {
		return Result{}, err
	}
	if m.Bank != NoBank {
		if err := feed(m.AddBank, in.bank, in.bankLabels, in.bankStep); err != nil {
			return Result{}, err
		}
	}
	return m.Result(context.Background())
}

// measured is the result of an evaluator on the fixtures.
func measured(t *testing.T, f fixtures, u Use) Result {
	t.Helper()
	e, err := Lookup(u.Name)
	if err != nil {
		t.Fatal(err)
	}
	r, err := f.of(e).run(t, u, f.Classes)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// value is one of a result's values.
func (r Result) value(t *testing.T, quantity string) float64 {
	t.Helper()
	for _, v := range r.Values {
		if v.Quantity == quantity {
			return v.Value
		}
	}
	t.Fatalf("no %s among %v", quantity, r.Values)
	return 0
}

// table is one of a result's tables.
func (r Result) table(t *testing.T, name string) Table {
	t.Helper()
	for _, table := range r.Tables {
		if table.Name == name {
			return table
		}
	}
	t.Fatalf("no table %s", name)
	return Table{}
}

func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance*math.Abs(want)) {
		t.Errorf("%s: got %.15g, want %.15g within %g", what, got, want, tolerance)
	}
}
