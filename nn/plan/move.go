package plan

import "workbench/nn/op"

// Move changes one parameter by its gradient, after all steps.
type Move struct {
	Param, Grad *Value
	Slots       []*Value // the optimizer's state for this parameter
	Sum         *Value   // state: the sum of the micro-batches' gradients so far; nil if every run is an update
	Decay       float64  // weight decay
	Scale       float64  // of the learning rate
	Rate        *Value   // input [1]: a learning rate of its own; nil: the program's
	Near        *Value   // state: where the gradient is taken, in a program that descends; nil: at Param
	Multiplies  bool     // a layer multiplies by it, and does not add it
}

// At describes an update for one parameter.
type At struct {
	Rate  float64 // learning rate
	Decay float64 // weight decay
	Step  int     // updates made before this one
}

// Optimizer says how one parameter moves. It keeps nothing between calls: what it remembers is in the slots, and what
// depends on time follows from At. Package optim has the implementations.
type Optimizer interface {
	Name() string
	Slots() []string // names of its state tensors, each of the parameter's shape, zero at first
	// WithMomentum is the optimizer with another momentum (β₁ where it has two), because a schedule may cycle it. An
	// optimizer without momentum is itself.
	WithMomentum(momentum float64) Optimizer
	// Apply moves w by its gradient g; all buffers have one shape. It leaves g alone.
	Apply(w, g op.Buffer, slots []op.Buffer, at At)
}

// Gradients says what happens to the gradients before the optimizer sees them: first the
// mean over the micro-batches, then clipping.
type Gradients struct {
	// MicroBatches is how many runs of the program make one update (gradient accumulation). The optimizer sees the mean of
	// their gradients. If the micro-batches are equal parts of a batch and nothing in the network mixes images, that mean
	// is the batch's gradient but for rounding. Batch norm mixes images: it normalises each micro-batch by itself. With 0
	// and 1, every run is an update. The input "micro_batch" int32 [1] counts the runs of an update from 0.
	MicroBatches int
	// ClipNorm scales all gradients together so that their Euclidean norm is at most ClipNorm (Pascanu et al. 2013,
	// algorithm 1, with PyTorch's 1e-6 added to the norm). 0: no clipping.
	ClipNorm float64
	// ClipValue bounds each element to ±ClipValue. 0: no clipping.
	ClipValue float64
}

// clipEpsilon keeps the factor of ClipNorm finite, as torch.nn.utils.clip_grad_norm_ does.
const clipEpsilon = 1e-6

// ClipFactor is the factor by which ClipNorm multiplies gradients of the given norm. If the norm is
// NaN, so is the factor: a failed run must show.
func (g Gradients) ClipFactor(norm float64) float64 { return min(1, g.ClipNorm/(norm+clipEpsilon)) }

// Averaging keeps exponential moving averages of the parameters that move and of the running statistics: average ←
// Decay·average + (1 − Decay)·state after every update (Polyak and Juditsky 1992; TensorFlow's
// ExponentialMovingAverage). The caller starts each average at its state's first value. The zero Averaging keeps none.
type Averaging struct {
	Decay  float64
	Warmup bool   // after n updates the decay is at most (1+n)/(10+n), so that the start is soon forgotten
	Input  string // input [1] with the decay of each update, from 0 to 1, in place of Decay; "": Decay
}

// On tells whether averages are kept.
func (a Averaging) On() bool { return a.Decay > 0 || a.Input != "" }

// At is the decay of the update that `step` updates precede.
func (a Averaging) At(step int) float64 {
	if n := float64(step + 1); a.Warmup {
		return min(a.Decay, (1+n)/(10+n))
	}
	return a.Decay
}

// Average is a state and its moving average, or a copy that follows it.
type Average struct {
	State, Average *Value
	Decay          *Value // input [1]: of this one; nil: the program's Averaging
}

// SlotName is the name of the state in which an optimizer keeps a slot of a parameter.
func SlotName(slot, path string) string { return "optim/" + slot + "/" + path }

// AverageName is the name of the state that holds the moving average of the state at the path.
func AverageName(path string) string { return "ema/" + path }

// ReadAverages makes the program read the moving average of each state, where the
// memory holds one, in place of the state.
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
