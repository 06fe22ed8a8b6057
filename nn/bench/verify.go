package bench

import (
	"fmt"
	"io"
	"math"
)

// Agreement is the proof that two contestants measure the same network: equal numbers of parameters, and with one set of
// weights and one batch equal values (see witness).
type Agreement struct {
	Parameters int64     `json:"parameters"`
	Ours       []float64 `json:"ours"`
	Theirs     []float64 `json:"theirs"`
}

// In training, so many steps are compared, at a rate at which rounding does not grow from one to the next.
const (
	verifiedSteps = 3
	verifiedRate  = 1e-5
)

// Values differ by float32's rounding, summed over a hundred layers; how losses fall, by what rounding does to small
// differences and to gradients.
const (
	valueTolerance = 1e-3 // of the value
	fallTolerance  = 0.05 // of the fall
	fallRounding   = 3e-6 // of the loss
)

// verify gives our weights and batch to the other contestants and compares: an agreement or a problem for each.
func verify(ours *Contestant, others []*Contestant, training bool) ([]*Agreement, []error, error) {
	agreements, problems := make([]*Agreement, len(others)), make([]error, len(others))
	for i, other := range others { // all before our first step, which changes the weights
		agreements[i] = &Agreement{Parameters: ours.Opened.Parameters}
		if theirs := other.Opened.Parameters; theirs != ours.Opened.Parameters {
			problems[i] = fmt.Errorf("not the same network: %d parameters here, %d in %s", ours.Opened.Parameters, theirs, other.Name)
			continue
		}
		problems[i] = transfer(ours, other)
	}
	q := request{Do: askWitness, Steps: verifiedSteps, Rate: verifiedRate}
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
			agreements[i].Ours, agreements[i].Theirs = here.Values, there.Values
			err = agreements[i].check(training)
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

// check compares the values, and of training how they fall.
func (a *Agreement) check(training bool) error {
	if len(a.Ours) != len(a.Theirs) || len(a.Ours) == 0 {
		return fmt.Errorf("not comparable: %d values here, %d there", len(a.Ours), len(a.Theirs))
	}
	for i, ours := range a.Ours {
		if !training || i == 0 {
			if !(math.Abs(ours-a.Theirs[i]) <= valueTolerance*math.Abs(ours)) {
				return fmt.Errorf("not the same network: with equal weights value %d is %.7g here and %.7g there", i, ours, a.Theirs[i])
			}
			continue
		}
		here, there := a.Ours[0]-ours, a.Theirs[0]-a.Theirs[i]
		if !(math.Abs(here-there) <= fallTolerance*math.Abs(here)+fallRounding*math.Abs(ours)) {
			return fmt.Errorf("not the same training: with equal weights and batch the loss falls by %.4g in %d steps here and by %.4g there", here, i, there)
		}
	}
	return nil
}

// Difference of the values that depend on the weights alone, relative to ours.
func (a *Agreement) Difference() float64 { return math.Abs(1 - a.Theirs[0]/a.Ours[0]) }
