// Package bench measures what networks cost on this machine: the time of a step, its share of the machine's peak, the peak
// of memory and the time of every operator. Each network is measured in a process of its own, so that none inherits
// another's memory, and beside the same network in PyTorch if that is there: the processes stay alive and take turns, so
// that all are warm, never two work at once, and what disturbs the machine disturbs all of them. Before the first turn it
// is proved that the networks are the same: equal numbers of parameters, and with equal weights equal results, in training over several steps.
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

	Algorithms string  `json:"algorithms"`          // Direct or Auto; "": Direct
	Recompute  string  `json:"recompute,omitempty"` // which activations the backward pass computes again, see plan.Recomputation; "": none
	Threads    int     `json:"threads"`
	Target     float64 `json:"target,omitempty"` // how many times as fast as PyTorch it is meant to be; 0: nothing is demanded of it alone
}

// Precisions. In BFloat16 the images between layers and the convolutions' weights are bfloat16 while computing, and the
// masters of the weights float32; in PyTorch that is its autocast.
const (
	Float32  = "float32"
	BFloat16 = "bf16"
)

// Precisions that can be measured.
func Precisions() []string { return []string{Float32, BFloat16} }

// Algorithms of convolutions: the direct sum, or what the backend's rules choose.
const (
	Direct = "direct"
	Auto   = "auto"
)

// Algorithms that can be asked for.
func Algorithms() []string { return []string{Direct, Auto} }

// CheckAlgorithms refuses what cannot be asked for.
func CheckAlgorithms(a string) error {
	if !slices.Contains(Algorithms(), a) {
		return fmt.Errorf("unknown algorithms %q%s", a, nearest.Hint(a, Algorithms()))
	}
	return nil
}

// CheckPrecision refuses what cannot be measured.
func CheckPrecision(p string) error {
	if !slices.Contains(Precisions(), p) {
		return fmt.Errorf("unknown precision %q%s", p, nearest.Hint(p, Precisions()))
	}
	return nil
}

// NewCase completes a case for a variant: its own input and classes where they are zero, and no options but those that
// differ from its own.
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
		c.Name = strings.Join(append([]string{c.Model}, c.options()...), " ")
	}
	return c, c.check()
}

// options as OPTION=VALUE, sorted.
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
	for _, n := range []struct {
		what  string
		value int
	}{{"batch", c.Batch}, {"channels", c.Input[0]}, {"height", c.Input[1]}, {"width", c.Input[2]}, {"classes", c.Classes}, {"threads", c.Threads}} {
		if n.value < 1 {
			return fmt.Errorf("%s: %s: want a number of at least 1, got %d", c.Name, n.what, n.value)
		}
	}
	return nil
}

// FLOPs of one step on a batch, two a multiply-add, for a network of so many multiply-adds an image: forward alone, or three
// times as many in training, where the gradients of inputs and of weights cost as much as the forward pass each. The
// gradient of the images, which nothing needs, is counted too, as is usual.
func (c Case) FLOPs(macs int64) float64 {
	passes := 3.0
	if c.Inference {
		passes = 1
	}
	return 2 * passes * float64(macs) * float64(c.Batch)
}
