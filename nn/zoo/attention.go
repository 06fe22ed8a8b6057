package zoo

import (
	"fmt"
	"math"
	"strconv"

	"workbench/nn"
	"workbench/nn/definition"
)

const huSENet = "Hu, Shen, Albanie, Sun, Wu. Squeeze-and-Excitation Networks (CVPR 2018 / TPAMI 2019, arXiv 1709.01507)"

// These are the names of the attentions, and of their positions in a residual block (figure 5 of the SE paper).
const (
	noAttention   = "none"
	squeezeExcite = "se"

	seStandard = "standard" // on the branch, before the addition
	sePre      = "pre"      // on the branch, before its first layer
	sePost     = "post"     // after the addition
	seIdentity = "identity" // on the shortcut

	squeezeMean = "avg"
	squeezeMax  = "max"
)

// attention weighs the channels by what the whole image shows (Hu et al. 2017).
type attention struct {
	kind      string
	reduction int    // quotient of the channels weighed and the hidden channels
	stage     string // the number of the only stage with attention, or "all"
	position  string
	squeeze   string // what stands for a channel's pixels: squeezeMean or squeezeMax
	excite    string // the activation that gives the weights
	family    *gated // nil means as in the paper
}

// gated is how a family's attention differs from the paper's: its hidden channels and their activation.
type gated struct {
	hidden func(channels, reduction int) int
	inner  string
}

// attentionOptions are the switches of a network in which so many stages can have attention.
func attentionOptions(kind string, stages int) []Option {
	choices := []string{"all"}
	for i := range stages {
		choices = append(choices, strconv.Itoa(i+1))
	}
	return []Option{
		{Name: "attention", Default: kind, Choices: []string{noAttention, squeezeExcite},
			Doc: "se: squeeze and excitation, a weight for each channel"},
		{Name: "se_reduction", Default: 16, Min: 1, Max: 4096, Doc: "r of the SE paper: channels weighed to one hidden channel"},
		{Name: "se_stage", Default: "all", Choices: choices, Doc: "which stage has the attention"},
	}
}

var sePositionOption = Option{Name: "se_position", Default: seStandard, Choices: []string{seStandard, sePre, sePost, seIdentity},
	Doc: "place of the SE in a unit: standard: on the branch's end, or where it was published; pre: on its start; " +
		"post: after the addition; identity: on the shortcut (SE paper, figure 5)"}

var squeezeOption = Option{Name: "se_squeeze", Default: squeezeMean, Choices: []string{squeezeMean, squeezeMax}, Later: true,
	Doc: "what of a channel's pixels the SE sees: avg: their mean; max: the largest (SE paper, table 11)"}

const (
	excitationName = "se_excitation"
	sigmoid        = "sigmoid"
	hardSigmoid    = "hard_sigmoid"
)

// gateOptions are the switches of the two operators of the attention, which some families gate by another function.
func gateOptions(gate string) []Option {
	return []Option{squeezeOption, {Name: excitationName, Default: gate, Choices: []string{sigmoid, "tanh", "relu", hardSigmoid}, Later: true,
		Doc: "what makes an SE's weights of its second layer's values (SE paper, table 12)"}}
}

// newAttention reads the switches of the attention.
func newAttention(s Settings) attention {
	return attention{kind: s.String("attention"), reduction: s.Int("se_reduction"), stage: s.String("se_stage"),
		position: s.String("se_position"), squeeze: s.String(squeezeOption.Name), excite: s.String(excitationName)}
}

// in tells whether a stage, counted from 0, has attention.
func (a attention) in(stage int) bool {
	return a.kind != noAttention && (a.stage == "all" || a.stage == strconv.Itoa(stage+1))
}

// attendAt weighs the channels of x [n, c, h, w] with layers "se" if the network's attention has this position and the
// stage has attention. Otherwise it returns x.
func (m modules) attendAt(position string, b *nn.Builder, x nn.Tensor, stage int) nn.Tensor {
	if m.attention.position != position || !m.attention.in(stage) {
		return x
	}
	return m.attention.weigh(b.In("se"), x)
}

// weigh weighs the channels of x [n, c, h, w] with layers below b.
func (a attention) weigh(b *nn.Builder, x nn.Tensor) nn.Tensor {
	if b.Err() != nil {
		return x
	}
	channels := x.Shape()[1]
	g := definition.Gate{Largest: a.squeeze == squeezeMax, Hidden: channels / a.reduction, Inner: "relu", Outer: a.excite}
	if a.family != nil {
		g.Hidden, g.Inner = a.family.hidden(channels, a.reduction), a.family.inner
	}
	if g.Hidden < 1 {
		return b.Fail(fmt.Errorf("se_reduction=%d leaves no hidden channel of %d; want at most %d", a.reduction, channels, channels))
	}
	return g.Apply(b, x)
}

// divisible rounds channels to a multiple of the divisor, at least the divisor itself. It rounds up where rounding down
// would lose more than a share of keep (0.1 in MobileNetV2's reference code; with 0 no loss is too large).
func divisible(channels float64, divisor int, keep float64) int {
	n := max(divisor, int(channels+float64(divisor)/2)/divisor*divisor)
	if keep > 0 && float64(n) < (1-keep)*channels {
		n += divisor
	}
	return n
}

// rounded is Python's int(round(x)) for widths.
func rounded(x float64) int { return int(math.RoundToEven(x)) }
