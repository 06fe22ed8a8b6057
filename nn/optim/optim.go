// Package optim holds the optimizers (how a parameter moves by its gradient) and the learning-rate schedules. Each is
// one file that registers itself and declares its options; nothing else lists it. An optimizer's Apply is its
// definition. Backends run the same arithmetic with kernels of their own, over all parameters at once. A backend that
// has no kernel for an optimizer calls its Apply.
package optim

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"workbench/nn/nearest"
	"workbench/nn/op"
	"workbench/nn/option"
	"workbench/nn/plan"
)

// Optimizer is an entry of the registry.
type Optimizer struct {
	Name    string
	Doc     string          // one line: what it does
	Source  string          // the paper, and where the arithmetic is taken from
	Options []option.Option // its own, beside Common

	// Check returns what is wrong with the settings together. It is nil if the optimizer has nothing to check.
	Check func(option.Settings) []option.Conflict
	New   func(option.Settings) plan.Optimizer
}

var optimizers = map[string]Optimizer{}

// register adds an optimizer. Registering a name twice is a programmer's error, for which the program panics at start.
func register(o Optimizer) {
	if _, twice := optimizers[o.Name]; twice || o.Name == "" || o.New == nil {
		panic(fmt.Sprintf("optim: register(%q): registered twice or incomplete", o.Name))
	}
	optimizers[o.Name] = o
}

// Names of all optimizers, sorted.
func Names() []string { return slices.Sorted(maps.Keys(optimizers)) }

// Lookup finds an optimizer by name. The error for an unknown name suggests the nearest ones.
func Lookup(name string) (Optimizer, error) {
	o, ok := optimizers[name]
	if !ok {
		return o, fmt.Errorf("unknown optimizer %q%s", name, nearest.Hint(name, Names()))
	}
	return o, nil
}

// All returns the options that every optimizer has, and then the optimizer's own.
func (o Optimizer) All() []option.Option { return append(slices.Clone(Common), o.Options...) }

// Resolve gives every option a value: the one in given, or its default. Options of other optimizers are left out.
func (o Optimizer) Resolve(given map[string]any) option.Settings {
	return option.Complete(o.All(), given)
}

// Momentum is the momentum in resolved settings; has is false for an optimizer without one.
func Momentum(s option.Settings) (momentum float64, has bool) {
	momentum, has = s["momentum"].(float64)
	return momentum, has
}

// Conflicts returns what is wrong with resolved settings together.
func (o Optimizer) Conflicts(s option.Settings) []option.Conflict {
	found := commonConflicts(s)
	if o.Check != nil {
		found = append(found, o.Check(s)...)
	}
	return found
}

// momentum is the option of optimizers that keep a velocity, or a mean of gradients. A schedule can cycle it.
var momentum = option.Option{Name: "momentum", Default: 0.9, Max: 1, Below: true,
	Doc: "share of the velocity that is kept; β₁ of adam, adamw and lamb"}

// beta2 is the option of optimizers that keep a mean of squared gradients.
func beta2(own float64) option.Option {
	return option.Option{Name: "beta2", Default: own, Max: 1, Below: true, ZeroIsDefault: true,
		Doc: "decay of the mean squared gradient: β₂ of Adam and LAMB, α of RMSProp"}
}

// epsilon is the option of optimizers that divide by such a mean.
func epsilon(own float64) option.Option {
	return option.Option{Name: "epsilon", Default: own, ZeroIsDefault: true, Doc: "keeps the denominator from zero"}
}

// correction returns 1 − βᵗ for the t-th update. Adam's means start at zero and so are too small at first; dividing by
// the correction undoes that.
func correction(beta float64, step int) float64 { return 1 - math.Pow(beta, float64(step+1)) }

// norm returns the Euclidean norm, summed in float64.
func norm[T op.Real](x []T) float64 {
	sum := 0.0
	for _, v := range x {
		sum += float64(v) * float64(v)
	}
	return math.Sqrt(sum)
}

// Adapts tells whether LARS and LAMB scale the step of a parameter by its norm. They do not for biases and for the
// scales and shifts of norms, which have one axis. The authors of both papers left these out as well.
func Adapts(s op.Shape) bool { return len(s) > 1 }
