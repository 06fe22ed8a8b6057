package plan

import (
	"fmt"
	"path"

	G "gorgonia.org/gorgonia"

	"workbench/nn"
	"workbench/nn/op"
)

// Training says what a training program minimises and how its parameters move.
type Training struct {
	Loss      nn.Tensor
	Optimizer Optimizer
	Decay     func(*nn.Param) float64 // weight decay of a parameter; nil: none
	Scale     func(*nn.Param) float64 // of its learning rate; nil: 1
	Rate      func(*nn.Param) string  // input [1] with a learning rate of its own; nil, and "": it has "lr"
	Moves     func(*nn.Param) bool    // whether a parameter is trained; nil: all that can be. Others get no gradient

	Gradients     Gradients
	Averaging     Averaging
	CycleMomentum bool   // the momentum is an input
	Pass          Pass   // of a sharpness-aware update; Ascend has the optimizer Ascent, and neither clips nor averages
	Slots         string // prefix of the optimizer's slots: the phase whose they are; "": none
}

// LowerTraining makes a program that computes the outputs and the loss (output "loss"), updates running statistics,
// moves the parameters that the loss reaches, and then lets copies follow. Its inputs beside those of the graph are the
// learning rate "lr" [1] and the number of updates made before, "step" int32 [1]; and if asked for "momentum" [1],
// "micro_batch" int32 [1], rates of some parameters and the decay of averages.
func LowerTraining(b *nn.Builder, outputs map[string]nn.Tensor, t Training) (*Program, error) {
	all := map[string]nn.Tensor{"loss": t.Loss}
	for name, v := range outputs {
		all[name] = v
	}
	return lower(b, all, &t)
}

func (t *Training) check() error {
	g, a := t.Gradients, t.Averaging
	switch {
	case g.MicroBatches < 0 || !(g.ClipNorm >= 0) || !(g.ClipValue >= 0):
		return fmt.Errorf("gradients: want micro-batches, norm and value of at least 0, got %d, %v and %v", g.MicroBatches,
			g.ClipNorm, g.ClipValue)
	case !(a.Decay >= 0 && a.Decay < 1):
		return fmt.Errorf("averaging: want a decay from 0 to below 1, got %v", a.Decay)
	case a.Input != "" && (a.Decay != 0 || a.Warmup):
		return fmt.Errorf("averaging: want the decay %v or the input %q with it, got both", a.Decay, a.Input)
	}
	return nil
}

// finish adds what happens after the steps.
func (l *lowering) finish(b *nn.Builder, t *Training, moving []*nn.Param, grads []*G.Node) {
	for _, u := range t.Pass.updates(b.Updates()) {
		a := Assign{State: l.state(u.Param), Value: l.of[u.Value]}
		if u.Rows != nil {
			a.Rows = l.of[u.Rows]
		}
		l.Assigns = append(l.Assigns, a)
	}
	l.Optimizer, l.Gradients, l.Averaging = t.Optimizer, t.Gradients, t.Averaging
	l.Rate = l.NewValue(Input, "lr", op.Shape{1})
	l.UpdateCount = l.counter("step")
	if t.CycleMomentum {
		l.Momentum = l.NewValue(Input, "momentum", op.Shape{1})
	}
	if t.Gradients.MicroBatches > 1 {
		l.MicroBatch = l.counter("micro_batch")
	}
	for i, p := range moving {
		l.Moves = append(l.Moves, l.move(t, p, l.of[grads[i]]))
	}
	if t.Pass == Descend {
		l.descend(t)
	}
	if t.Averaging.On() {
		l.average(b, moving)
	}
	if t.Pass != Ascend {
		l.follow(b)
	}
}

// state is the value of a parameter, also of one that no step reads.
func (l *lowering) state(p *nn.Param) *Value {
	if l.of[p.Node] == nil {
		l.of[p.Node] = l.NewValue(State, p.Path, p.Shape)
	}
	return l.of[p.Node]
}

// follow lets copies follow their originals.
func (l *lowering) follow(b *nn.Builder) {
	originals := map[string]*nn.Param{}
	for _, p := range b.Params() {
		originals[p.Path] = p
	}
	for _, p := range b.Params() {
		if p.Follow == nil {
			continue
		}
		decay := p.Follow.Decay.Node()
		if l.of[decay] == nil {
			l.of[decay] = l.leaf(decay, op.Shape{1}, false)
		}
		l.Averages = append(l.Averages, Average{State: l.state(originals[p.Original]), Average: l.state(p), Decay: l.of[decay]})
	}
}

func (l *lowering) counter(name string) *Value {
	v := l.NewValue(Input, name, op.Shape{1})
	v.Ints = true
	return v
}

func (l *lowering) move(t *Training, p *nn.Param, grad *Value) Move {
	m := Move{Param: l.of[p.Node], Grad: grad, Scale: 1, Multiplies: p.Role == nn.Weight || p.Role == nn.Scale}
	for _, slot := range t.Optimizer.Slots() {
		m.Slots = append(m.Slots, l.NewValue(State, t.slot(slot, p.Path), p.Shape))
	}
	if l.MicroBatch != nil {
		m.Sum = l.NewValue(State, t.slot("sum", p.Path), p.Shape)
	}
	if t.Decay != nil {
		m.Decay = t.Decay(p)
	}
	if t.Scale != nil {
		m.Scale = t.Scale(p)
	}
	if t.Rate != nil {
		m.Rate = l.rate(t.Rate(p))
	}
	return m
}

// slot is the name of the state in which the phase's optimizer keeps a slot of a parameter.
func (t *Training) slot(slot, at string) string { return SlotName(path.Join(t.Slots, slot), at) }

// rate is the input of a name, which several parameters may share; nil: that of all.
func (l *lowering) rate(name string) *Value {
	if name == "" {
		return nil
	}
	for _, m := range l.Moves {
		if m.Rate != nil && m.Rate.Name == name {
			return m.Rate
		}
	}
	return l.NewValue(Input, name, op.Shape{1})
}

// average keeps the averages of the states that training changes. A frozen parameter is its own average.
func (l *lowering) average(b *nn.Builder, moving []*nn.Param) {
	changing := append([]*nn.Param(nil), moving...)
	for _, u := range b.Updates() {
		if u.Param.Role == nn.Running && u.Param.Original == "" {
			changing = append(changing, u.Param)
		}
	}
	var decay *Value
	if input := l.Averaging.Input; input != "" {
		decay = l.NewValue(Input, input, op.Shape{1})
	}
	for _, p := range changing {
		l.Averages = append(l.Averages, Average{State: l.state(p), Average: l.NewValue(State, AverageName(p.Path), p.Shape), Decay: decay})
	}
}
