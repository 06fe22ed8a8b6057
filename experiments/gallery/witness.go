package gallery

import (
	"context"
	"math"
	"slices"

	"workbench/experiments/evaluate"
	"workbench/experiments/portrait"
	"workbench/nn/op"
)

// Witness takes note of a network's answers to the images of a part, in their order, for a portrait of it. Its memory
// does not grow with the images.
type Witness struct {
	classes                []string
	confusion, calibration *evaluate.Meter
	rows, wrong            int
	surest                 []mistake // the surest first
	broken                 bool      // an answer was no number
}

// mistake is a wrong answer.
type mistake struct {
	row, label, said      int
	labelShare, saidShare float64
}

// NewWitness expects answers that tell classes apart, two or more.
func NewWitness(classes []string) (*Witness, error) {
	w := &Witness{classes: classes}
	shape := evaluate.Shape{Classes: len(classes)}
	var err error
	if len(classes) <= portrait.MostClasses {
		if w.confusion, err = (evaluate.Use{Name: "confusion"}).New(shape); err != nil {
			return nil, err
		}
	}
	w.calibration, err = evaluate.Use{Name: "calibration"}.New(shape)
	return w, err
}

// Add takes a batch: logits [n, classes] and labels [n] from 0. Once an answer is no number, nothing more is taken.
func (w *Witness) Add(logits []float32, labels []int32) {
	for _, v := range logits {
		if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
			w.broken = true
		}
	}
	if w.broken {
		return
	}
	if w.confusion != nil && w.confusion.Add(logits, labels) != nil || w.calibration.Add(logits, labels) != nil {
		w.broken = true
		return
	}
	for i, label := range labels {
		w.answer(logits[i*len(w.classes):(i+1)*len(w.classes)], int(label))
	}
}

// answer takes note of an answer that may be among the surest wrong ones.
func (w *Witness) answer(logits []float32, label int) {
	said, row := best(logits), w.rows
	if w.rows++; said == label {
		return
	}
	w.wrong++
	whole := op.LogSumExp(logits)
	share := func(class int) float64 { return math.Exp(float64(logits[class]) - whole) }
	m := mistake{row, label, said, share(label), share(said)}
	at := slices.IndexFunc(w.surest, func(other mistake) bool { return other.saidShare < m.saidShare })
	switch {
	case at >= 0:
		w.surest = slices.Insert(w.surest, at, m)
	case len(w.surest) < MostMistakes:
		w.surest = append(w.surest, m)
	}
	w.surest = w.surest[:min(len(w.surest), MostMistakes)]
}

// Saw tells whether there were answers and all were numbers.
func (w *Witness) Saw() bool { return w != nil && w.rows > 0 && !w.broken }

// Wrong is the number of wrong answers.
func (w *Witness) Wrong() int { return w.wrong }

// Confusion is how answers and labels go together; there is none of more than portrait.MostClasses classes.
func (w *Witness) Confusion(ctx context.Context) (c portrait.Confusion, has bool, err error) {
	if w.confusion == nil {
		return c, false, nil
	}
	r, err := w.confusion.Result(ctx)
	if err != nil {
		return c, false, err
	}
	return ConfusionOf(w.classes, r.Tables), true, nil
}

// Calibration of the answers, without a temperature.
func (w *Witness) Calibration(ctx context.Context) (portrait.Calibration, error) {
	r, err := w.calibration.Result(ctx)
	return CalibrationOf(r), err
}

// ConfusionOf reads the table of the evaluator confusion.
func ConfusionOf(classes []string, tables []evaluate.Table) portrait.Confusion {
	c := portrait.Confusion{Classes: classes}
	for _, t := range tables {
		if t.Name != "confusion" {
			continue
		}
		for _, row := range t.Rows {
			counts := make([]int, len(row))
			for k, n := range row {
				counts[k] = int(n)
			}
			c.Counts = append(c.Counts, counts)
		}
	}
	return c
}

// CalibrationOf reads what the evaluator calibration found.
func CalibrationOf(r evaluate.Result) portrait.Calibration {
	var c portrait.Calibration
	for _, v := range r.Values {
		if v.Quantity == "ece" {
			c.ECE = v.Value
		}
	}
	for _, t := range r.Tables {
		if t.Name != "reliability" {
			continue
		}
		for _, row := range t.Rows { // from, to, images, confidence, top1
			b := portrait.Bin{From: row[0], To: row[1], Images: int(row[2])}
			if b.Images > 0 {
				b.Confidence, b.Right = row[3], int(math.Round(row[4]*row[2]))
			}
			c.Bins = append(c.Bins, b)
		}
	}
	return c
}

// best is the class with the largest logit, of equal ones the lowest.
func best(logits []float32) int {
	k := 0
	for i, v := range logits {
		if v > logits[k] {
			k = i
		}
	}
	return k
}

// rounded has six significant digits, more than anybody sees in a picture, so that tables stay small.
func rounded(v float64) float64 {
	if v == 0 || math.IsNaN(v) || math.IsInf(v, 0) {
		return v
	}
	scale := math.Pow(10, 5-math.Floor(math.Log10(math.Abs(v))))
	if math.IsInf(scale, 0) {
		return 0
	}
	return math.Round(v*scale) / scale
}
