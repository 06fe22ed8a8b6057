package train

import (
	"fmt"
	"slices"
	"strings"

	"workbench/experiments"
	"workbench/experiments/strategy"
	"workbench/nn"
	"workbench/nn/plan"
)

// Weights are what a state of a run says of parameters, by path: with evaluated the moving average of those that have
// one; averaged tells whether some have.
func Weights(c experiments.Checkpoint, evaluated bool) (tensors []experiments.Tensor, averaged bool) {
	averages := map[string][]float32{}
	for _, t := range c.Tensors {
		if path, is := strings.CutPrefix(t.Name, plan.AverageName("")); is && evaluated {
			averages[path] = t.Data
		}
	}
	for _, t := range c.Tensors {
		path, is := strings.CutPrefix(t.Name, checkpointName(""))
		if !is {
			continue
		}
		t.Name = path
		if average, kept := averages[path]; kept {
			t.Data, averaged = average, true
		}
		tensors = append(tensors, t)
	}
	return tensors, averaged
}

// Moved puts what the optimizer moved in the place of the copy by which the strategy evaluates, if it has one.
func Moved(c experiments.Config, tensors []experiments.Tensor) []experiments.Tensor {
	method, err := strategy.Lookup(c.Strategy.Name)
	if err != nil || method.Evaluates == "" {
		return tensors
	}
	held := map[string][]float32{}
	for _, t := range tensors {
		held[t.Name] = t.Data
	}
	moved := slices.Clone(tensors)
	for i, t := range moved {
		original, copied := strings.CutPrefix(t.Name, method.Evaluates+".")
		if data, there := held[original]; copied && there {
			moved[i].Data = data
		}
	}
	return moved
}

// OfNetwork keeps the tensors of a run that are its network's, under the network's names: not those of teachers, heads
// of pretraining, queues and tables. The head of the last phase is the network's, and with evaluated the copy by which
// the strategy evaluates. A supervised run has nothing else. Without a head, remark says so.
func OfNetwork(c experiments.Config, tensors []experiments.Tensor, evaluated bool) (own []experiments.Tensor, remark string) {
	method, err := strategy.Lookup(c.Strategy.Name)
	paths, built := networkPaths(c)
	if err != nil || !built || c.Strategy.Name == "supervised" {
		return tensors, ""
	}
	held := map[string]experiments.Tensor{}
	for _, t := range tensors {
		held[t.Name] = t
	}
	var roots []string
	if evaluated && method.Evaluates != "" {
		roots = append(roots, method.Evaluates+".")
	}
	for _, phase := range slices.Backward(method.Later) {
		roots = append(roots, phase+".")
	}
	roots = append(roots, "")
	missing := 0
	for _, path := range paths {
		i := slices.IndexFunc(roots, func(root string) bool { _, is := held[root+path]; return is })
		if i < 0 {
			missing++
			continue
		}
		t := held[roots[i]+path]
		t.Name = path
		own = append(own, t)
	}
	if missing > 0 {
		remark = fmt.Sprintf("%d of the network's %d tensors are not there: the run has trained no classifier", missing, len(paths))
	}
	return own, remark
}

// networkPaths are the paths of a network's parameters; built is false if it cannot be built for images of its own
// size.
func networkPaths(c experiments.Config) (paths []string, built bool) {
	v, settings, err := c.Variant()
	if err != nil {
		return nil, false
	}
	b := nn.NewBuilder(nn.Infer, false)
	v.Build(b, b.Input("image", 1, v.Input[0], v.Input[1], v.Input[2]), v.Classes, settings)
	for _, p := range b.Params() {
		paths = append(paths, p.Path)
	}
	return paths, b.Err() == nil
}
