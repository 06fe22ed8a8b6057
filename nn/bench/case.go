// Package bench measures what networks cost on this machine: the time of a step, its share of the machine's peak, the
// peak of memory and the time of every operator. It measures each network in a process of its own, so that none
// inherits another's memory. Beside it, it measures the same network in PyTorch, if PyTorch is there. The processes
// stay alive and take turns: all are warm, never do two work at once, and what disturbs the machine disturbs all of
// them alike. Before the first turn, the package proves that the networks are the same: they have equal numbers of
// parameters, and with equal weights they give equal results, in training over several steps.
package bench

import (
	"fmt"
	"slices"
	"strings"

	"workbench/nn/nearest"
	"workbench/nn/plan"
	"workbench/nn/zoo"
)

// Case is one thing to measure: steps of a network on batches of one size.
type Case struct {
	Name      string         `json:"name"` // as people call it; "": Model with its options
	Model     string         `json:"model"`
	Options   map[string]any `json:"options,omitempty"` // those that differ from the model's own
	Batch     int            `json:"batch"`
	Input     [3]int         `json:"input"` // channels, height, width
	Classes   int            `json:"classes"`
	Inference bool           `json:"inference"` // forward only, running statistics; else forward, loss, backward, SGD
	Precision string         `json:"precision"`

	// Strategy is how the network is trained, on views that are there before the step; "": by the cross-entropy of its
	// classes.
	Strategy        string         `json:"strategy,omitempty"`
	StrategyOptions map[string]any `json:"strategy_options,omitempty"` // those that differ from the strategy's own

	Algorithms string `json:"algorithms"` // Direct or Auto; "": Direct
	// Recompute says which activations the backward pass computes again; see plan.Recomputation. "": none.
	Recompute string `json:"recompute,omitempty"`
	Threads   int    `json:"threads"`
	// Target is how many times as fast as PyTorch the case shall be. 0: nothing is demanded of this case alone.
	Target float64 `json:"target,omitempty"`
}

// Precisions. In BFloat16 the images between layers and the convolutions' weights are bfloat16 while computing, and the
// weights that the optimizer moves stay float32. In PyTorch that is its autocast.
const (
	Float32  = "float32"
	BFloat16 = "bf16"
)

// Precisions that can be measured.
func Precisions() []string { return []string{Float32, BFloat16} }

// Algorithms of convolutions: the direct sum, or whatever the backend's rules choose.
const (
	Direct = "direct"
	Auto   = "auto"
)

// Algorithms that can be asked for.
func Algorithms() []string { return []string{Direct, Auto} }

// CheckAlgorithms is an error for algorithms that cannot be asked for.
func CheckAlgorithms(a string) error {
	if !slices.Contains(Algorithms(), a) {
		return fmt.Errorf("unknown algorithms %q%s", a, nearest.Hint(a, Algorithms()))
	}
	return nil
}

// CheckPrecision is an error for a precision that cannot be measured.
func CheckPrecision(p string) error {
	if !slices.Contains(Precisions(), p) {
		return fmt.Errorf("unknown precision %q%s", p, nearest.Hint(p, Precisions()))
	}
	return nil
}

// NewCase completes a case for a variant. Where input and classes are zero, it takes the variant's own.
// Options that equal the variant's own are dropped.
func NewCase(c Case) (Case, error) {
	v, err := zoo.Lookup(c.Model)
	if err != nil {
		return c, err
	}
	settings, err := v.Resolve(c.Options)
	if err != nil {
		return c, err
	}
	c.Options = nil
	for _, o := range v.Options {
		if settings[o.Name] != o.Default {
			if c.Options == nil {
				c.Options = map[string]any{}
			}
			c.Options[o.Name] = settings[o.Name]
		}
	}
	for i, n := range v.Input {
		if c.Input[i] == 0 {
			c.Input[i] = n
		}
	}
	if c.Classes == 0 {
		c.Classes = v.Classes
	}
	if c.Algorithms == "" {
		c.Algorithms = Direct
	}
	if c.Name == "" {
		c.Name = strings.Join(append([]string{zoo.Short(c.Model)}, c.options()...), " ")
	}
	return c, c.check()
}

// options returns the options as OPTION=VALUE, sorted.
func (c Case) options() []string {
	var all []string
	for name, value := range c.Options {
		all = append(all, fmt.Sprintf("%s=%v", name, value))
	}
	slices.Sort(all)
	return all
}

func (c Case) check() error {
	if err := CheckPrecision(c.Precision); err != nil {
		return fmt.Errorf("%s: %w", c.Name, err)
	}
	if err := plan.Recomputation(c.Recompute).Check(); err != nil {
		return fmt.Errorf("%s: %w", c.Name, err)
	}
	if err := CheckAlgorithms(c.Algorithms); err != nil {
		return fmt.Errorf("%s: %w", c.Name, err)
	}
	if c.Inference && c.Strategy != "" {
		return fmt.Errorf("%s: inference has no strategy, got %q", c.Name, c.Strategy)
	}
	for _, n := range []struct {
		what  string
		value int
	}{{"batch", c.Batch}, {"channels", c.Input[0]}, {"height", c.Input[1]}, {"width", c.Input[2]}, {"classes", c.Classes},
		{"threads", c.Threads}} {
		if n.value < 1 {
			return fmt.Errorf("%s: %s: want a number of at least 1, got %d", c.Name, n.what, n.value)
		}
	}
	return nil
}

// FLOPs of one step on a batch, for a network with so many multiply-adds an image. A multiply-add is two
// operations. Inference is the forward pass alone. Training is three times as much, because the gradients
// of inputs and of weights cost as much as the forward pass each. The gradient of the images is counted
// too, as is usual, although nothing needs it.
func (c Case) FLOPs(macs int64) float64 {
	passes := 3.0
	if c.Inference {
		passes = 1
	}
	return 2 * passes * float64(macs) * float64(c.Batch)
}
