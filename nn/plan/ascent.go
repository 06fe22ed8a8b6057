package plan

import (
	"math"

	"workbench/nn"
	"workbench/nn/op"
)

// Pass is which part of an update a training program does.
type Pass int

const (
	Whole Pass = iota // an update of its own

	// Ascend and Descend are the two passes of sharpness-aware minimisation (Foret et al. 2021, arXiv 2010.01412,
	// algorithm 1), over one memory and on one batch. Ascend computes the gradient g at the weights w, leaves w alone and
	// keeps w + ε beside it, ε = ρ·g/‖g‖. It is the one that moves running statistics. Descend computes the gradient at
	// w + ε, by which it moves w. All else that follows an update belongs to it.
	Ascend
	Descend
)

// Ascent is the optimizer of a program that ascends.
type Ascent struct {
	Radius float64 // ρ
	// Adaptive measures the ball in units of the weights themselves (Kwon et al. 2021, ASAM, arXiv 2102.11600, equation
	// 6): ε = ρ·T²g/‖T·g‖ with T = |w| + 0.01 for what a layer multiplies by and 1 for what it adds, as the authors have
	// it.
	Adaptive bool
}

// AdaptiveOffset is the η of Kwon et al. 2021, section 5, which keeps T from zero.
const AdaptiveOffset = 0.01

// normOffset keeps the factor finite, as davda54/sam and the authors of ASAM have it.
const normOffset = 1e-12

var _ Optimizer = Ascent{}

// nearSlot is where w + ε is kept between the two passes of an update.
const nearSlot = "near"

func (Ascent) Name() string                     { return "ascent" }
func (Ascent) Slots() []string                  { return []string{nearSlot} }
func (a Ascent) WithMomentum(float64) Optimizer { return a }

// factor by which the gradients are multiplied whose norm, measured in the ball's units, is this.
func (a Ascent) factor(norm float64) float64 { return a.Radius / (norm + normOffset) }

// scales tells whether the ball is as wide along a parameter as the parameter is large.
func (a Ascent) scales(m Move) bool { return a.Adaptive && m.Multiplies }

// updates are those that a pass makes of the graph's: running statistics move in the first one only, all else in the
// second one.
func (p Pass) updates(all []nn.Update) []nn.Update {
	var own []nn.Update
	for _, u := range all {
		if running := u.Param.Role == nn.Running; p == Whole || running == (p == Ascend) {
			own = append(own, u)
		}
	}
	return own
}

// descend lets the steps read w + ε in place of the weights that they move.
func (l *lowering) descend(t *Training) {
	beside := map[*Value]*Value{}
	for i, m := range l.Moves {
		l.Moves[i].Near = l.NewValue(State, t.slot(nearSlot, m.Param.Name), m.Param.Shape)
		beside[m.Param] = l.Moves[i].Near
	}
	for _, s := range l.Steps {
		for i, v := range s.In {
			if other := beside[v]; other != nil {
				s.In[i] = other
			}
		}
	}
}

// Apply puts the weights w plus the step g into the slot.
func (Ascent) Apply(w, g op.Buffer, slots []op.Buffer, _ At) {
	copyBuffer(slots[0], w)
	add(slots[0].F32, g.F32)
	add(slots[0].F64, g.F64)
}

// ascend turns the gradients into the steps by which w + ε is reached.
func (u Update) ascend(a Ascent, grads []op.Buffer) {
	sum := 0.0
	for i, m := range u.Moves {
		if w := u.Buffer(m.Param); a.scales(m) {
			stretch(grads[i].F32, w.F32)
			stretch(grads[i].F64, w.F64)
		}
		sum += squares(grads[i].F32) + squares(grads[i].F64)
	}
	for i, m := range u.Moves {
		if w := u.Buffer(m.Param); a.scales(m) {
			stretch(grads[i].F32, w.F32)
			stretch(grads[i].F64, w.F64)
		}
		scale(grads[i], a.factor(math.Sqrt(sum)))
	}
}

// stretch multiplies g by |w| + η.
func stretch[T op.Real](g, w []T) {
	for i := range g {
		g[i] *= max(w[i], -w[i]) + AdaptiveOffset
	}
}
