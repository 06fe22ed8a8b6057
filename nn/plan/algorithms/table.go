// Package algorithms says which algorithm computes a convolution. The choice follows a table by shape and processor
// that `workbench bench --tune` measures. It never depends on a clock inside a run, so one table gives the same bits
// run after run. The direct sum defines the result, and it computes every layer that no rule covers. Other algorithms
// go by the names that their backend gives them.
package algorithms

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"

	"workbench/nn/nearest"
)

// Direct is the direct sum, which every backend has for every convolution.
const Direct = "direct"

// Direction is a pass of a convolution: the forward pass or one of the two gradients.
type Direction string

const (
	Forward         Direction = "forward"
	BackwardData    Direction = "backward_data"
	BackwardWeights Direction = "backward_weights"
)

// Directions lists all of them.
func Directions() []Direction { return []Direction{Forward, BackwardData, BackwardWeights} }

// Layer is what rules see of a convolution.
type Layer struct {
	Kernel, Stride, Dilation [2]int
	Groups                   int
	In, Out                  int // channels
	Batch                    int
	Side                     [2]int // height and width of the result
}

// channels is the smaller of the numbers of input and output channels in one group.
func (l Layer) channels() int { return min(l.In, l.Out) / max(l.Groups, 1) }

// pixels of the result, over all images of the batch.
func (l Layer) pixels() int { return l.Batch * l.Side[0] * l.Side[1] }

func (l Layer) String() string {
	text := fmt.Sprintf("%d × %d→%d, %d×%d → %d×%d", l.Batch, l.In, l.Out, l.Kernel[0], l.Kernel[1], l.Side[0], l.Side[1])
	if l.Stride != [2]int{1, 1} {
		text += fmt.Sprintf(", stride %d", l.Stride[0])
	}
	if l.Groups > 1 {
		text += fmt.Sprintf(", %d groups", l.Groups)
	}
	return text
}

// Rule names the algorithm for the layers that it covers. Kernel, stride and dilation count for both axes;
// 0 covers any. A covered layer has at least Channels in a group and at least Pixels, and at most
// MostChannels and MostPixels where these are not 0.
type Rule struct {
	Algorithm string    `yaml:"algorithm" json:"algorithm"`
	Direction Direction `yaml:"direction" json:"direction"`
	Kernel    int       `yaml:"kernel,omitempty" json:"kernel,omitempty"`
	Stride    int       `yaml:"stride,omitempty" json:"stride,omitempty"`
	Dilation  int       `yaml:"dilation,omitempty" json:"dilation,omitempty"`
	// Grouped makes the rule cover only layers with groups; without it, the rule covers only layers without groups.
	Grouped bool `yaml:"grouped,omitempty" json:"grouped,omitempty"`
	// Channels and MostChannels bound min(in, out)/groups from below and above.
	Channels     int `yaml:"channels,omitempty" json:"channels,omitempty"`
	MostChannels int `yaml:"most_channels,omitempty" json:"most_channels,omitempty"`
	// Pixels and MostPixels bound batch · height · width of the result from below and above.
	Pixels     int `yaml:"pixels,omitempty" json:"pixels,omitempty"`
	MostPixels int `yaml:"most_pixels,omitempty" json:"most_pixels,omitempty"`
}

func (r Rule) fits(d Direction, l Layer) bool {
	either := func(want int, got [2]int) bool { return want == 0 || got == [2]int{want, want} }
	within := func(n, least, most int) bool { return n >= least && (most == 0 || n <= most) }
	return r.Direction == d && r.Grouped == (l.Groups > 1) &&
		either(r.Kernel, l.Kernel) && either(r.Stride, l.Stride) && either(r.Dilation, l.Dilation) &&
		within(l.channels(), r.Channels, r.MostChannels) && within(l.pixels(), r.Pixels, r.MostPixels)
}

// Alone is the rule that covers layers like this one and no others.
func (l Layer) Alone(algorithm string, d Direction) Rule {
	both := func(n [2]int) int {
		if n[0] == n[1] {
			return n[0]
		}
		return 0
	}
	return Rule{Algorithm: algorithm, Direction: d, Kernel: both(l.Kernel), Stride: both(l.Stride), Dilation: both(l.Dilation),
		Grouped: l.Groups > 1, Channels: l.channels(), MostChannels: l.channels(), Pixels: l.pixels(), MostPixels: l.pixels()}
}

// Table holds the rules of one class of processors and one major version of a library.
type Table struct {
	Processor string     `yaml:"processor" json:"processor"` // "avx2", "avx512_core": the backend's name of the class
	Library   int        `yaml:"library" json:"library"`     // major version; 0: any
	Rules     []Rule     `yaml:"rules" json:"rules"`
	Measured  []Measured `yaml:"measured,omitempty" json:"-"` // what the rules were made from

	// Origin is where it was read. A checkpoint keeps it, so that a run that continues says of its rules what it said
	// before.
	Origin string `yaml:"-" json:"origin,omitempty"`
}

// Measured is how long a layer took in one direction, in seconds, by each algorithm.
type Measured struct {
	Layer     string             `yaml:"layer"`
	Direction Direction          `yaml:"direction"`
	Micros    map[string]float64 `yaml:"microseconds,flow"` // by algorithm
}

// Algorithm returns the algorithm for the layer: that of the first rule which covers it and whose algorithm is there
// and computes the layer, as `has` says. A nil table has no rules, so all is Direct.
func (t *Table) Algorithm(d Direction, l Layer, has func(algorithm string) bool) string {
	if t == nil {
		return Direct
	}
	for _, r := range t.Rules {
		if r.fits(d, l) && (r.Algorithm == Direct || has(r.Algorithm)) {
			return r.Algorithm
		}
	}
	return Direct
}

// Digest of the rules. Tables with equal digests choose equal algorithms. The measured times are not part of it.
func (t *Table) Digest() string {
	rules := []Rule{} // no rules are the same however they came to be none
	if t != nil {
		rules = append(rules, t.Rules...)
	}
	text, err := json.Marshal(rules)
	if err != nil {
		panic(err) // a Rule holds nothing that JSON cannot say
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:4])
}

// String names the table by its class, its origin and its digest.
func (t *Table) String() string {
	if t == nil {
		return "none, all direct (" + t.Digest() + ")"
	}
	class := t.Processor
	if t.Library > 0 {
		class += fmt.Sprintf(", library %d", t.Library)
	}
	if t.Origin != "" {
		class += ", " + t.Origin
	}
	return fmt.Sprintf("%s (%s)", class, t.Digest())
}

// Check refuses rules that nobody can follow. known are the algorithms that the backend may have.
func (t *Table) Check(known []string) error {
	if t == nil {
		return nil
	}
	for i, r := range t.Rules {
		where := fmt.Sprintf("rules of %s, number %d", t.Processor, i+1)
		if !slices.Contains(known, r.Algorithm) {
			return fmt.Errorf("%s: unknown algorithm %q%s", where, r.Algorithm, nearest.Hint(r.Algorithm, known))
		}
		if !slices.Contains(Directions(), r.Direction) {
			return fmt.Errorf("%s: unknown direction %q: want one of %v", where, r.Direction, Directions())
		}
		for _, n := range []struct {
			key   string
			value int
		}{{"kernel", r.Kernel}, {"stride", r.Stride}, {"dilation", r.Dilation}, {"channels", r.Channels},
			{"most_channels", r.MostChannels}, {"pixels", r.Pixels}, {"most_pixels", r.MostPixels}} {
			if n.value < 0 {
				return fmt.Errorf("%s: %s: want a number of at least 0, got %d", where, n.key, n.value)
			}
		}
	}
	return nil
}
