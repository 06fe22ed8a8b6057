package strategytest

import (
	"math"
	"slices"
	"strings"
	"testing"

	"workbench/experiments/data"
	"workbench/experiments/strategy"
	"workbench/nn"
	"workbench/nn/op"
	"workbench/nn/optim"
	"workbench/nn/plan"
	"workbench/nn/zoo"
)

// tolerance of every figure: of losses relative to the loss, of tensors relative to the tensor's largest number. A
// float32 computation in another order differs by half of it; see "disturbed" in testdata/peers.py.
const tolerance = 1e-5

// drift is how many times as far float32 may be off behind the first step: what kernels of other processors round
// otherwise adds up over ten. With oneDNN's for AVX2 and for SSE 4.1, states were off by up to 1.4e-5. In float64
// nothing is allowed for it.
const drift = 3

// vanishing bounds gradients that are zero but for rounding.
const vanishing = 1e-6

// Run trains every recorded method on a backend and compares the losses of ten steps, the gradients of the first and
// the state after the last with PyTorch's. double compares with what PyTorch computed in float64.
func Run(t *testing.T, backend plan.Backend, double bool) {
	for _, name := range Names() {
		t.Run(name, func(t *testing.T) {
			p := open(t, name)
			how, known := methods[p.facts.Method]
			if !known {
				t.Fatalf("nobody says how %s is repeated", p)
			}
			compare(t, backend, p, how(p), double)
		})
	}
}

func compare(t *testing.T, backend plan.Backend, p peer, m method, double bool) {
	memory := backend.NewMemory()
	defer memory.Close()
	passes := []plan.Pass{plan.Whole}
	if p.facts.Sharpness > 0 {
		passes = []plan.Pass{plan.Ascend, plan.Descend}
	}
	var g *strategy.Graph
	var turns []plan.Executable
	for _, pass := range passes {
		var program *plan.Program
		g, program = m.build(t, p, double, pass)
		exe, err := backend.Compile(program, memory)
		if err != nil {
			t.Fatal(err)
		}
		defer exe.Close()
		turns = append(turns, exe)
	}
	m.start(t, p, g, memory)
	losses, single, later := p.facts.Losses, "", drift*tolerance
	if double {
		losses, single, later = p.facts.Losses64, "64", tolerance
	}
	for step, want := range losses {
		within := []float64{tolerance, later}[min(step, 1)]
		for _, exe := range turns {
			m.inputs(t, p, g.Inputs(), exe, step)
			exe.Floats("lr")[0] = float32(p.facts.Optimizer.Rate)
			exe.Ints("step")[0] = int32(step)
			if err := exe.RunAll(); err != nil {
				t.Fatal(err)
			}
		}
		if got := float64(turns[0].Output("loss")[0]); math.Abs(got/want-1) > within {
			t.Errorf("the loss of step %d is %v, PyTorch's %v: off by %.1e of it", step+1, got, want, math.Abs(got/want-1))
		}
		for name, want := range p.facts.Recorded {
			if got := float64(turns[0].Output(name)[0]); math.Abs(got-want[step]) > within*max(1, math.Abs(want[step])) {
				t.Errorf("%s of step %d is %v, PyTorch's %v", name, step+1, got, want[step])
			}
		}
		if step == 0 {
			m.gradients(t, p, g, memory, "grads"+single)
		}
	}
	for _, name := range p.names("final" + single + "/") {
		want, _ := p.tensor(t, "final"+single+"/"+name)
		state := m.state(name)
		if other, average := strings.CutPrefix(name, "ema."); average {
			if strings.Contains(name, "running_") {
				continue // which USB copies from the network, and optim.ema averages as TensorFlow does
			}
			state = plan.AverageName(other)
		}
		near(t, "the final "+name, read(t, memory, state), want, later)
	}
}

// build makes the program of a pass of one of the strategy's phases.
func (m method) build(t *testing.T, p peer, double bool, pass plan.Pass) (*strategy.Graph, *plan.Program) {
	t.Helper()
	s, err := strategy.Lookup(p.facts.Method)
	if err != nil {
		t.Fatal(err)
	}
	batch := p.images(t, m.batch)
	phases, err := s.Phases(s.Resolve(m.settings), strategy.About{Info: data.Info{Classes: make([]string, 4)}, Batch: batch, Epochs: 1})
	if err == nil {
		err = strategy.Check(phases)
	}
	if err != nil {
		t.Fatal(err)
	}
	phase := &phases[max(0, slices.IndexFunc(phases, func(one strategy.Phase) bool { return one.Name == m.phase }))]
	for name, values := range m.scalars {
		if phase.Scalars[name] == nil {
			t.Fatalf("the strategy has no scalar %s", name)
		}
		phase.Scalars[name] = func(at strategy.At) float64 { return values[at.Step] }
	}
	v, err := zoo.Lookup(p.facts.Model.Name)
	if err != nil {
		t.Fatal(err)
	}
	options, err := v.Resolve(map[string]any{"depth": p.facts.Model.Depth, "width": p.facts.Model.Width})
	if err != nil {
		t.Fatal(err)
	}
	b := nn.NewBuilder(nn.Train, double)
	shape := strategy.Shape{Batch: batch, Channels: 3, Height: 8, Width: 8, Classes: 4,
		Images: map[string]int{"": m.images, "unlabelled": m.images}}
	g := strategy.NewGraph(b, phase, shape, func(b *nn.Builder, x nn.Tensor, classes int) nn.Tensor { return v.Build(b, x, classes, options) })
	objective := phase.Objective(g)
	how := plan.Training{Loss: objective.Loss, Optimizer: optim.SGD{Momentum: p.facts.Optimizer.Momentum}, Pass: pass,
		Decay: func(*nn.Param) float64 { return p.facts.Optimizer.Decay }, Averaging: plan.Averaging{Decay: p.facts.Average}}
	if pass == plan.Ascend {
		how.Optimizer = plan.Ascent{Radius: p.facts.Sharpness, Adaptive: p.facts.Adaptive}
	}
	program, err := plan.LowerTraining(b, told(objective, p.facts.Recorded), how)
	if err != nil {
		t.Fatal(err)
	}
	return g, program
}

// told are the scalars that an objective tells beside its loss, as far as they are recorded.
func told(o strategy.Objective, recorded map[string][]float64) map[string]nn.Tensor {
	all := map[string]nn.Tensor{}
	for name := range recorded {
		quotient, divisor := strings.CutSuffix(name, "/of")
		if one, plain := o.Record[name]; plain {
			all[name] = one
		} else if all[name] = o.Ratios[quotient].Part; divisor {
			all[name] = o.Ratios[quotient].Of
		}
	}
	return all
}

// start writes the recorded state. What is recorded must be all that the graph has.
func (m method) start(t *testing.T, p peer, g *strategy.Graph, memory plan.Memory) {
	t.Helper()
	var recorded []string
	for _, name := range p.names("start/") {
		values, _ := p.tensor(t, "start/"+name)
		state := m.state(name)
		if other, average := strings.CutPrefix(name, "ema."); average {
			state = plan.AverageName(other)
		}
		if err := memory.Write(state, values); err != nil {
			t.Fatal(err)
		}
		recorded = append(recorded, state)
	}
	for _, param := range g.Params() {
		if !slices.Contains(recorded, param.Path) {
			t.Errorf("PyTorch has no %s", param.Path)
		}
	}
}

// gradients compares what the momentum holds after the first step: the gradient and the weight decay.
func (m method) gradients(t *testing.T, p peer, g *strategy.Graph, memory plan.Memory, part string) {
	t.Helper()
	names := p.names(part + "/")
	for _, name := range names {
		want, _ := p.tensor(t, part+"/"+name)
		before, _ := p.tensor(t, "start/"+name)
		got := read(t, memory, plan.SlotName("momentum", m.state(name)))
		for i := range got {
			got[i] -= float32(p.facts.Optimizer.Decay * float64(before[i]))
		}
		if slices.Contains(p.facts.Vanishing, name) {
			if most := largest(got); most > vanishing {
				t.Errorf("the gradient of %s is %v, want none but for rounding", name, most)
			}
			continue
		}
		near(t, "the gradient of "+name, got, want, tolerance)
	}
	moving := 0
	for _, param := range g.Params() {
		if _, moves := memory.Shape(plan.SlotName("momentum", param.Path)); moves {
			moving++
		}
	}
	if moving != len(names) {
		t.Errorf("%d parameters move, PyTorch's %d", moving, len(names))
	}
}

func read(t *testing.T, memory plan.Memory, name string) []float32 {
	t.Helper()
	shape, there := memory.Shape(name)
	if !there {
		t.Fatalf("there is no state %s", name)
	}
	values := make([]float32, op.Shape(shape).Size())
	if err := memory.Read(name, values); err != nil {
		t.Fatal(err)
	}
	return values
}

func near(t *testing.T, what string, got, want []float32, within float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s has %d numbers, PyTorch's %d", what, len(got), len(want))
		return
	}
	worst := 0.0
	for i := range got {
		worst = max(worst, math.Abs(float64(got[i])-float64(want[i])))
	}
	if most := largest(want); !(worst <= within*most) {
		t.Errorf("%s is off by %.1e of its largest number, %v", what, worst/most, most)
	}
}

func largest(x []float32) float64 {
	most := 0.0
	for _, v := range x {
		most = max(most, math.Abs(float64(v)))
	}
	return most
}
