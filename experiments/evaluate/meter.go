package evaluate

import (
	"context"
	"fmt"
	"math"
)

// Meter is an evaluator at work: it takes the rows under test with Add, then those of the bank with AddBank if the
// evaluator has one, both in batches of any size, and gives the result. It keeps no slice that it is given.
type Meter struct {
	Evaluator
	shape   Shape
	measure measure
	rows    int // under test, so far
	bank    int // of the bank, so far
}

// New starts an evaluator for a network of a shape. The error says what is wrong with name, options or shape.
func (u Use) New(shape Shape) (*Meter, error) {
	e, settings, err := u.Resolve()
	if err != nil {
		return nil, err
	}
	if width := shape.width(e.Reads); width < 1 {
		return nil, fmt.Errorf("evaluator %s: want a network with %s [n, 1 or more], got [n, %d]", e.Name, e.Reads, width)
	}
	if !e.Unlabelled && shape.Classes < 2 {
		return nil, fmt.Errorf("evaluator %s: want at least 2 classes, got %d", e.Name, shape.Classes)
	}
	m, err := e.start(settings, shape)
	if err != nil {
		return nil, fmt.Errorf("evaluator %s: %w", e.Name, err)
	}
	return &Meter{Evaluator: e, shape: shape, measure: m}, nil
}

// Add takes a batch under test: rows [n, width] and labels [n]. Labels of an evaluator that does not look at them may
// be nil. On an error nothing of the batch is taken.
func (m *Meter) Add(rows []float32, labels []int32) error {
	if m.bank > 0 {
		return fmt.Errorf("evaluator %s: want all rows under test before those of the bank", m.Name)
	}
	n, err := m.check(rows, labels, m.rows)
	if err != nil {
		return fmt.Errorf("evaluator %s: %w", m.Name, err)
	}
	m.measure.add(rows, labels)
	m.rows += n
	return nil
}

// AddBank takes a batch of the bank: rows [n, width] and labels [n]. On an error nothing of the batch is taken.
func (m *Meter) AddBank(rows []float32, labels []int32) error {
	c, has := m.measure.(compared)
	if !has {
		return fmt.Errorf("evaluator %s: it compares with no bank, but got rows of one", m.Name)
	}
	if m.rows == 0 {
		return fmt.Errorf("evaluator %s: want the rows under test before those of the bank", m.Name)
	}
	n, err := m.check(rows, labels, m.bank)
	if err != nil {
		return fmt.Errorf("evaluator %s: bank: %w", m.Name, err)
	}
	c.addBank(rows, labels)
	m.bank += n
	return nil
}

// Result is what was measured over all rows. It is an error if there are too few of them for what is asked, or if ctx
// is done.
func (m *Meter) Result(ctx context.Context) (Result, error) {
	if m.rows == 0 {
		return Result{}, fmt.Errorf("evaluator %s: want rows under test, got none", m.Name)
	}
	if m.Bank != NoBank && m.bank == 0 {
		return Result{}, fmt.Errorf("evaluator %s: want rows of a bank (%s), got none", m.Name, m.Bank)
	}
	r, err := m.measure.result(ctx)
	if err != nil {
		return Result{}, fmt.Errorf("evaluator %s: %w", m.Name, err)
	}
	return r, nil
}

// check returns how many rows a batch has, or what is wrong with it. Rows are counted on from those before.
func (m *Meter) check(rows []float32, labels []int32, before int) (int, error) {
	width := m.shape.width(m.Reads)
	n := len(rows) / width
	if len(rows)%width != 0 || !m.Unlabelled && len(labels) != n {
		return 0, fmt.Errorf("want %s [n, %d] and labels [n], got %d numbers and %d labels", m.Reads, width, len(rows), len(labels))
	}
	if !m.diverged {
		for i, v := range rows {
			if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
				return 0, fmt.Errorf("%s of row %d: want finite numbers, got %v in column %d",
					m.Reads, before+i/width, v, i%width)
			}
		}
	}
	if !m.Unlabelled {
		for i, label := range labels {
			if label < 0 || int(label) >= m.shape.Classes {
				return 0, fmt.Errorf("label of row %d: want 0 to %d, got %d", before+i, m.shape.Classes-1, label)
			}
		}
	}
	if n > math.MaxInt32-before {
		return 0, fmt.Errorf("want at most 2^31−1 rows, got %d and %d more", before, n)
	}
	return n, nil
}
