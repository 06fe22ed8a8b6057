package bench

import (
	"fmt"
	"io"
	"math"
)

// Agreement is the proof that two contestants measure the same network: they have equal numbers of parameters, and with
// one set of weights and one batch they compute equal values (see witness).
type Agreement struct {
	Parameters int64     `json:"parameters"`
	Ours       []float64 `json:"ours"`
	Theirs     []float64 `json:"theirs"`
}

// In training, this many steps are compared.
const verifiedSteps = 3

// likeness is how much the values of one network may differ in a precision.
type likeness struct {
	rate     float64 // of the steps, at which rounding does not grow from one to the next
	value    float64 // tolerance of values, relative
	fall     float64 // tolerance of how losses fall, relative to the greater fall
	rounding float64 // and relative to the loss
}

// Values differ by the precision's rounding, summed over a hundred layers. The falls of the losses differ by what
// rounding does to small differences and to gradients. bfloat16 has 8 significant bits, and the two sides round
// at different places (PyTorch rounds the sums of the linear layer too). A step must be longer than in float32 to
// show in rounded weights: so long that the falls of deep networks tell little more than that both learn. The
// loss of ResNeXt-50, whose last batch norms see 32 values of a channel, is 2.748 in float32, 2.740 here and
// 2.801 in PyTorch 2.11, and falls by 0.38 and 0.12.
var likenesses = map[string]likeness{
	Float32:  {rate: 1e-5, value: 1e-3, fall: 0.05, rounding: 3e-6},
	BFloat16: {rate: 1e-3, value: 0.03, fall: 0.75, rounding: 0.01},
}

// verify gives our weights and batch to the other contestants and compares. Each gets an agreement or a problem.
func verify(ours *Contestant, others []*Contestant, c Case) ([]*Agreement, []error, error) {
	like := likenesses[c.Precision]
	agreements, problems := make([]*Agreement, len(others)), make([]error, len(others))
	for i, other := range others { // all before our first step, which changes the weights
		agreements[i] = &Agreement{Parameters: ours.Opened.Parameters}
		if theirs := other.Opened.Parameters; theirs != ours.Opened.Parameters {
			problems[i] = fmt.Errorf("not the same network: %d parameters here, %d in %s", ours.Opened.Parameters, theirs, other.Name)
			continue
		}
		problems[i] = transfer(ours, other)
	}
	q := request{Do: askWitness, Steps: verifiedSteps, Rate: like.rate}
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
			err = agreements[i].check(like, !c.Inference)
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

// check compares the values and, in training, how the losses fall.
func (a *Agreement) check(like likeness, training bool) error {
	if len(a.Ours) != len(a.Theirs) || len(a.Ours) == 0 {
		return fmt.Errorf("not comparable: %d values here, %d there", len(a.Ours), len(a.Theirs))
	}
	for i, ours := range a.Ours {
		if !training || i == 0 {
			if !(math.Abs(ours-a.Theirs[i]) <= like.value*math.Abs(ours)) {
				return fmt.Errorf("not the same network: with equal weights value %d is %.7g here and %.7g there", i, ours, a.Theirs[i])
			}
			continue
		}
		here, there := a.Ours[0]-ours, a.Theirs[0]-a.Theirs[i]
		if !(math.Abs(here-there) <= like.fall*max(math.Abs(here), math.Abs(there))+like.rounding*math.Abs(ours)) {
			return fmt.Errorf("not the same training: with equal weights and batch the loss falls by %.4g in %d steps here "+
				"and by %.4g there", here, i, there)
		}
	}
	return nil
}

// Difference of the values that depend on the weights alone, relative to ours.
func (a *Agreement) Difference() float64 { return math.Abs(1 - a.Theirs[0]/a.Ours[0]) }
