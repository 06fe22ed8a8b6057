// Package optim holds the optimizers (how a parameter moves by its gradient) and the learning-rate schedules. Each
// optimizer's Apply is its definition; backends run the same arithmetic over all parameters at once. A new optimizer is
// one file that registers itself, and one kernel in each fast backend, which the conformance suite asks for.
package optim

import (
	"fmt"
	"math"
	"slices"
	"sort"

	"workbench/nn/nearest"
	"workbench/nn/op"
	"workbench/nn/plan"
)

// Settings are what optimizers can be told; each says which of them it uses.
type Settings struct {
	Momentum  float64 // all: of the velocity; β₁ of Adam, AdamW and LAMB
	Dampening float64 // share of the gradient that is kept out of the velocity
	Nesterov  bool
	Beta2     float64 // decay of the mean square: β₂, α of RMSProp. 0: the optimizer's own
	Epsilon   float64 // what keeps the denominator from zero. 0: the optimizer's own
	Trust     float64 // η of LARS. 0: the optimizer's own
	Centered  bool    // RMSProp by the variance instead of the mean square
}

// Optimizer is an entry of the registry.
type Optimizer struct {
	Name   string
	Source string   // the paper, and where the arithmetic is taken from
	Uses   []string // settings beside the momentum, by their names in a study: "beta2"
	// Own are its values of what a study leaves at zero.
	Own Settings
	New func(Settings) plan.Optimizer
}

var optimizers = map[string]Optimizer{}

// register adds an optimizer; a name twice is a programmer's error and panics at start.
func register(o Optimizer) {
	if _, twice := optimizers[o.Name]; twice || o.Name == "" || o.New == nil {
		panic(fmt.Sprintf("optim: register(%q): registered twice or incomplete", o.Name))
	}
	optimizers[o.Name] = o
}

// Names of all optimizers, sorted.
func Names() []string {
	names := make([]string, 0, len(optimizers))
	for name := range optimizers {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

// Lookup finds an optimizer by name; the error of an unknown one names the nearest.
func Lookup(name string) (Optimizer, error) {
	o, ok := optimizers[name]
	if !ok {
		return o, fmt.Errorf("unknown optimizer %q%s", name, nearest.Hint(name, Names()))
	}
	return o, nil
}

// Resolve fills in the optimizer's own values and drops what it does not use, so that equal rules have equal settings.
func (o Optimizer) Resolve(s Settings) Settings {
	r := Settings{Momentum: s.Momentum}
	for _, name := range o.Uses {
		switch name {
		case "dampening":
			r.Dampening = s.Dampening
		case "nesterov":
			r.Nesterov = s.Nesterov
		case "centered":
			r.Centered = s.Centered
		case "beta2":
			r.Beta2 = orOwn(s.Beta2, o.Own.Beta2)
		case "epsilon":
			r.Epsilon = orOwn(s.Epsilon, o.Own.Epsilon)
		case "trust":
			r.Trust = orOwn(s.Trust, o.Own.Trust)
		}
	}
	return r
}

func orOwn(given, own float64) float64 {
	if given == 0 {
		return own
	}
	return given
}

// Rule makes the optimizer with the settings.
func (o Optimizer) Rule(s Settings) plan.Optimizer { return o.New(o.Resolve(s)) }

// UsedBy lists the optimizers that use a setting, sorted.
func UsedBy(setting string) []string {
	return slices.DeleteFunc(Names(), func(name string) bool { return !slices.Contains(optimizers[name].Uses, setting) })
}

// correction is 1 − βᵗ of the t-th update, by which Adam undoes that its means start at zero.
func correction(beta float64, step int) float64 { return 1 - math.Pow(beta, float64(step+1)) }

// norm is Euclid's, summed in float64.
func norm[T op.Real](x []T) float64 {
	sum := 0.0
	for _, v := range x {
		sum += float64(v) * float64(v)
	}
	return math.Sqrt(sum)
}

// Adapts tells whether LARS and LAMB scale the step of a parameter by its norm: biases and the scales and shifts of
// norms, which have one axis, are left out, as both papers' authors did.
func Adapts(s op.Shape) bool { return len(s) > 1 }
