package bench

import (
	"fmt"
	"io"
	"math"
)

// Agreement is the proof that two contestants measure the same network: equal numbers of parameters, and with one set of
// weights and one batch, equal losses before each of a few steps. Those of training show that the gradients and the
// optimizer agree too.
type Agreement struct {
	Parameters int64     `json:"parameters"`
	Inference  bool      `json:"inference"` // compared in inference, because training drops something by chance
	Ours       []float64 `json:"ours"`      // losses in nats
	Theirs     []float64 `json:"theirs"`
}

// verifiedSteps are compared in training.
const verifiedSteps = 3

// The first losses differ by float32's rounding, summed over a hundred layers; later ones by what steps make of it.
const (
	firstTolerance = 1e-4
	laterTolerance = 1e-2
)

// verify gives our weights and batch to the other contestants and compares: an agreement or a problem for each.
func verify(ours *Contestant, others []*Contestant) ([]*Agreement, []error, error) {
	agreements, problems := make([]*Agreement, len(others)), make([]error, len(others))
	for i, other := range others { // all before our first step, which changes the weights
		agreements[i] = &Agreement{Parameters: ours.Opened.Parameters, Inference: ours.Opened.Random}
		if theirs := other.Opened.Parameters; theirs != ours.Opened.Parameters {
			problems[i] = fmt.Errorf("not the same network: %d parameters here, %d in %s", ours.Opened.Parameters, theirs, other.Name)
			continue
		}
		problems[i] = transfer(ours, other)
	}
	q := request{Do: askLosses, Steps: verifiedSteps, Inference: ours.Opened.Random}
	if q.Inference {
		q.Steps = 1
	}
	here, err := ours.ask(q)
	if err != nil {
		return nil, nil, err
	}
	for i, other := range others {
		if problems[i] != nil {
			continue
		}
		there, err := other.ask(q)
		if err == nil {
			agreements[i].Ours, agreements[i].Theirs = here.Losses, there.Losses
			err = agreements[i].check()
		}
		problems[i] = err
	}
	return agreements, problems, nil
}

// transfer sends all our tensors on to the other contestant without keeping them.
func transfer(ours, theirs *Contestant) error {
	r, err := ours.ask(request{Do: askWeights})
	if err != nil {
		return err
	}
	if err := send(theirs.in, request{Do: askLoad, Tensors: r.Tensors}); err != nil {
		return theirs.gone(err)
	}
	all := bytesOf(r.Tensors)
	from := io.LimitReader(ours.out, all)
	n, err := io.Copy(theirs.in, from)
	if err == nil && n < all {
		return ours.gone(fmt.Errorf("weights: got %d of %d bytes: %w", n, all, io.ErrUnexpectedEOF))
	}
	if err != nil {
		if _, err := io.Copy(io.Discard, from); err != nil { // our next reply comes after them
			return ours.gone(err)
		}
		return theirs.gone(fmt.Errorf("weights: %w", err))
	}
	_, err = theirs.answer(askLoad)
	return err
}

// check compares the losses.
func (a *Agreement) check() error {
	if len(a.Ours) != len(a.Theirs) || len(a.Ours) == 0 {
		return fmt.Errorf("not comparable: %d losses here, %d there", len(a.Ours), len(a.Theirs))
	}
	for i, ours := range a.Ours {
		tolerance := laterTolerance
		if i == 0 {
			tolerance = firstTolerance
		}
		if d := math.Abs(ours - a.Theirs[i]); !(d <= tolerance*max(1, math.Abs(ours))) {
			return fmt.Errorf("not the same network: with equal weights the loss before step %d is %.6g here and %.6g there", i, ours, a.Theirs[i])
		}
	}
	return nil
}

// Difference is the largest between losses before the first step, relative to ours.
func (a *Agreement) Difference() float64 {
	return math.Abs(a.Ours[0]-a.Theirs[0]) / max(1e-12, math.Abs(a.Ours[0]))
}
