package bench

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"workbench/nn"
	"workbench/nn/op"
	"workbench/nn/optim"
	"workbench/nn/plan"
	"workbench/nn/plan/algorithms"
	"workbench/nn/zoo"
)

// Tuner times algorithms of convolutions. A trial is a training step of the layer between batch norms
// with ReLU and pointwise convolutions to few channels, so that the time includes what the algorithm's
// layouts cost beside those of other layers.
type Tuner struct {
	Backend plan.Backend
	Choices plan.Chooser // of the same backend
	Turn    time.Duration
	Turns   int // of every algorithm, in turn; the fastest step of all counts
}

// tuned is a convolution that is timed.
type tuned struct {
	spec op.Conv
	x, w op.Shape
}

func (v tuned) layer(y op.Shape) algorithms.Layer {
	return algorithms.Layer{Kernel: [2]int{v.w[2], v.w[3]}, Stride: v.spec.Stride, Dilation: v.spec.Dilation, Groups: v.spec.Groups,
		In: v.x[1], Out: y[1], Batch: y[0], Side: [2]int{y[2], y[3]}}
}

// Tune times every algorithm for every convolution of the cases' networks that it can compute, and makes a table of
// rules from the times. It calls tell before each convolution.
func (t Tuner) Tune(ctx context.Context, cases []Case, tell func(done, all int, layer algorithms.Layer)) (*algorithms.Table,
	[]algorithms.Trial, error) {
	table, err := t.Choices.Table()
	if err != nil {
		return nil, nil, err
	}
	others := slices.DeleteFunc(t.Choices.Algorithms(), func(name string) bool { return name == algorithms.Direct })
	if len(others) == 0 {
		return table, nil, nil
	}
	convs, err := convolutions(cases)
	if err != nil {
		return nil, nil, err
	}
	var trials []algorithms.Trial
	for i, v := range convs {
		y, err := v.spec.Infer([]op.Shape{v.x, v.w})
		if err != nil {
			return nil, nil, err
		}
		tell(i, len(convs), v.layer(y))
		some, err := t.try(ctx, v, v.layer(y), others)
		if err != nil {
			return nil, nil, fmt.Errorf("%v: %w", v.layer(y), err)
		}
		trials = append(trials, some...)
	}
	table.Rules = algorithms.Fit(trials, others)
	for _, trial := range trials {
		m := algorithms.Measured{Layer: trial.Layer.String(), Direction: trial.Direction, Micros: map[string]float64{}}
		for name, s := range trial.Seconds {
			m.Micros[name] = math.Round(1e6 * s)
		}
		table.Measured = append(table.Measured, m)
	}
	return table, trials, nil
}

// convolutions lists the networks' convolutions in their order, each once, without the first layers.
func convolutions(cases []Case) ([]tuned, error) {
	var all []tuned
	seen := map[string]bool{}
	for _, c := range cases {
		v, err := zoo.Lookup(c.Model)
		if err != nil {
			return nil, err
		}
		settings, err := v.Resolve(c.Options)
		if err != nil {
			return nil, err
		}
		n := &network{c: c, backend: plan.Reference{}, variant: v, settings: settings}
		_, program, err := n.lower(settings)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", c.Name, err)
		}
		for _, s := range program.Steps {
			spec, ok := s.Spec.(op.Conv)
			if !ok || s.In[0].Kind == plan.Input {
				continue
			}
			spec.Bias = false
			t := tuned{spec, s.In[0].Shape, s.In[1].Shape}
			if key := fmt.Sprint(t); !seen[key] {
				seen[key] = true
				all = append(all, t)
			}
		}
	}
	return all, nil
}

// try times the layer in every direction, directly and by every algorithm that the backend has for it.
func (t Tuner) try(ctx context.Context, v tuned, layer algorithms.Layer, others []string) ([]algorithms.Trial, error) {
	plain, err := t.compile(v, layer, algorithms.Direct, nil)
	if err != nil {
		return nil, err
	}
	defer plain.close()
	var trials []algorithms.Trial
	for _, directions := range v.trials() {
		steps := map[string]*trialStep{algorithms.Direct: plain}
		names := []string{algorithms.Direct}
		for _, name := range others {
			s, err := t.compile(v, layer, name, directions)
			if err != nil {
				return nil, err
			}
			defer s.close()
			if !slices.Equal(s.made, plain.made) { // else the library has it not for this layer
				steps[name], names = s, append(names, name)
			}
		}
		if len(names) == 1 {
			continue
		}
		seconds, err := t.race(ctx, steps, names)
		if err != nil {
			return nil, err
		}
		for _, d := range directions {
			trials = append(trials, algorithms.Trial{Layer: layer, Direction: d, Seconds: seconds})
		}
	}
	return trials, nil
}

// race gives the steps turns and returns the seconds of the fastest run of each.
func (t Tuner) race(ctx context.Context, steps map[string]*trialStep, names []string) (map[string]float64, error) {
	seconds := map[string]float64{}
	for range t.Turns {
		for _, name := range names {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			for began := time.Now(); ; {
				run := time.Now()
				if err := steps[name].exe.RunAll(); err != nil {
					return nil, err
				}
				if took := time.Since(run).Seconds(); seconds[name] == 0 || took < seconds[name] {
					seconds[name] = took
				}
				if time.Since(began) >= t.Turn {
					break
				}
			}
		}
	}
	return seconds, nil
}

// trialStep is a compiled training step around one convolution.
type trialStep struct {
	exe    plan.Executable
	memory plan.Memory
	made   []string // implementations of its instructions
}

func (s *trialStep) close() {
	_ = s.exe.Close() // both free memory, which cannot fail
	_ = s.memory.Close()
}

// trials are the directions that are tried together. Each direction is tried alone, except for a grouped layer: its
// algorithms differ in the layouts that all directions share, so all directions are tried together.
func (v tuned) trials() [][]algorithms.Direction {
	all := algorithms.Directions()
	if v.spec.Groups > 1 {
		return [][]algorithms.Direction{all}
	}
	return [][]algorithms.Direction{all[:1], all[1:2], all[2:]}
}

// compile makes the step. The algorithm computes the layer in the given directions;
// everything else is computed directly.
func (t Tuner) compile(v tuned, layer algorithms.Layer, algorithm string, directions []algorithms.Direction) (*trialStep, error) {
	b := nn.NewBuilder(nn.Train, false)
	const few = 16
	before, after := b.In("before"), b.In("after")
	x := before.In("pointwise").Conv(b.Input("image", v.x[0], few, v.x[2], v.x[3]), v.x[1], 1, 1)
	x = b.ReLU(before.BatchNorm(x))
	x = b.Apply(v.spec, x, b.Param("weight", v.w, nn.Weight, nn.HeFanOut(v.w)))
	x = after.In("pointwise").Conv(b.ReLU(after.BatchNorm(x)), few, 1, 1)
	x = b.Flatten(b.GlobalAvgPool(x))
	program, err := plan.LowerTraining(b, nil, plan.Training{Loss: b.ClassifierLoss(x, b.Labels("label", v.x[0]), 0), Optimizer: optim.SGD{}})
	if err != nil {
		return nil, err
	}
	program.Rules = &algorithms.Table{}
	for _, d := range directions {
		program.Rules.Rules = append(program.Rules.Rules, layer.Alone(algorithm, d))
	}
	s := &trialStep{memory: t.Backend.NewMemory()}
	if s.exe, err = t.Backend.Compile(program, s.memory); err != nil {
		_ = s.memory.Close()
		return nil, err
	}
	images := s.exe.Floats("image")
	for i := range images {
		images[i] = float32(i%13) - 6
	}
	for _, p := range b.Params() {
		start := make([]float32, p.Shape.Size())
		p.Fill(start, seed)
		if err := s.memory.Write(p.Path, start); err != nil {
			s.close()
			return nil, err
		}
	}
	profiler, ok := s.exe.(plan.Profiler)
	if !ok {
		s.close()
		return nil, fmt.Errorf("the backend %s cannot tell its implementations", t.Backend.Name())
	}
	timings, err := profiler.Profile(0)
	if err != nil {
		s.close()
		return nil, err
	}
	for _, timing := range timings {
		s.made = append(s.made, timing.Name+" "+timing.Implementation)
	}
	return s, nil
}
