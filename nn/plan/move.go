package plan

import "workbench/nn/op"

// Move changes one parameter by its gradient after all steps.
type Move struct {
	Param, Grad *Value
	Slots       []*Value // the rule's state for this parameter
	Sum         *Value   // state: the gradients of the parts so far; nil if every run is an update
	Decay       float64  // weight decay
	Scale       float64  // of the learning rate
}

// At is where an update happens, for one parameter.
type At struct {
	Rate  float64 // learning rate
	Decay float64 // weight decay
	Step  int     // updates made before this one
}

// Rule is an optimizer: how one parameter moves. It keeps nothing between calls: what it remembers is in the slots, what
// depends on time follows from At.
type Rule interface {
	Name() string
	Slots() []string // names of its state tensors, each of the parameter's shape, zero at first
	// WithMomentum is the rule with another momentum (β₁ where it has two): a schedule may cycle it.
	WithMomentum(momentum float64) Rule
	// Apply moves w by its gradient g; all buffers have one shape. It leaves g alone.
	Apply(w, g op.Buffer, slots []op.Buffer, at At)
}

// Gradients says what becomes of the gradients before the rule sees them: first the mean over the parts, then clipping.
type Gradients struct {
	// Parts is how many runs make one update, which sees the mean of their gradients: with equal parts of a batch, and
	// nothing in the network that mixes images, that is the batch's gradient but for rounding. Batch norm sees the parts.
	// 0 and 1: every run is an update. The input "part" int32 [1] counts the runs of an update from 0.
	Parts int
	// ClipNorm scales all gradients together so that their Euclidean norm is at most this (Pascanu et al. 2013, algorithm
	// 1, with PyTorch's 1e-6 beside the norm). 0: no clipping.
	ClipNorm float64
	// ClipValue bounds each element to ±ClipValue. 0: no clipping.
	ClipValue float64
}

// clipEpsilon keeps the factor of ClipNorm finite, as torch.nn.utils.clip_grad_norm_ does.
const clipEpsilon = 1e-6

// ClipFactor is what ClipNorm multiplies gradients of the norm with. Of a norm that is no number it is none either, so that
// a failed run shows.
func (g Gradients) ClipFactor(norm float64) float64 { return min(1, g.ClipNorm/(norm+clipEpsilon)) }

// Averaging keeps exponential moving averages of the parameters that move and of the running statistics:
// average ← Decay·average + (1 − Decay)·state after every update (Polyak and Juditsky 1992; TensorFlow's
// ExponentialMovingAverage). The caller starts the averages at the states' first values. The zero Averaging keeps none.
type Averaging struct {
	Decay  float64
	Warmup bool // after n updates the decay is at most (1+n)/(10+n), so that the start is soon forgotten
}

// At is the decay of the update that follows step others.
func (a Averaging) At(step int) float64 {
	if n := float64(step + 1); a.Warmup {
		return min(a.Decay, (1+n)/(10+n))
	}
	return a.Decay
}

// Average is a state and its moving average.
type Average struct{ State, Average *Value }

// SlotName is the state that an optimizer keeps under the name slot for a parameter.
func SlotName(slot, path string) string { return "optim/" + slot + "/" + path }

// AverageName is the state that holds the moving average of another.
func AverageName(path string) string { return "ema/" + path }

// ReadAverages makes the program read the averages that the memory holds in place of the states they are of.
func (p *Program) ReadAverages(m Memory) {
	for _, v := range p.Values {
		if v.Kind != State {
			continue
		}
		if _, kept := m.Shape(AverageName(v.Name)); kept {
			v.Name = AverageName(v.Name)
		}
	}
}
