package strategy

import (
	"context"
	"fmt"
	"slices"

	"workbench/experiments/data"
	"workbench/experiments/data/pretext"
	"workbench/experiments/evaluate"
	"workbench/nn"
	"workbench/nn/option"
)

// Phase is a stretch of a run that trains by one objective. It is data but for its functions.
type Phase struct {
	Name string // prefix of its metrics, heads and optimizer slots; "" in a run of one phase

	// Streams are what a step reads. The first sets the pace: an epoch is one pass over its images. The others go round
	// as often as is needed.
	Streams []Stream

	// Objective adds the loss of a step to a graph for training.
	Objective func(*Graph) Objective

	// Turns are more objectives. In each step the programs of all take turns, on the same batches: first that of
	// Objective, then these. Each moves what its own loss reaches, and reads what those before it have moved.
	Turns []func(*Graph) Objective

	// Answers adds what is evaluated to a graph for inference, from images x [n, c, h, w]. nil: the network's logits.
	Answers func(g *Graph, x nn.Tensor) Answers

	// Scalars are inputs of the loss that change over the phase; see Graph.Scalar.
	Scalars map[string]func(At) float64

	// Rates are learning rates that follow a course of their own, as factors on the peak in place of the schedule's.
	Rates []Rate

	Fixed     []string // patterns of the paths that never move, such as those of a teacher
	Trainable []string // patterns of the paths that move; nil: all that the loss reaches
	Still     []string // patterns of the builders' paths whose layers work as in inference; see nn.Builder.Still

	// Norms is the factor of the learning rate of scales and shifts of normalisations, which move although Trainable
	// leaves them out; 0: they stay.
	Norms float64
	// FixedStatistics says that batch norms normalise with their running statistics and leave them as they are.
	FixedStatistics bool
	// Rule is what the phase has other than the study, as Strategy.Set, where that follows from the data.
	Rule map[string]any

	// Keep says that the optimizer of the phase before goes on, with its state and its count of updates. The state of
	// what moves for the first time is zero.
	Keep bool

	// Coupled says that the loss relates the images of a batch, so that it is not the mean of the losses of parts.
	Coupled bool

	// Cached are features that the phase learns from; nil: it reads images.
	Cached *Cached

	// Online is a classifier that is trained beside the phase; nil: none.
	Online *Online

	// Whole tells that later phases need what the last epoch does, so that patience never ends the phase before it.
	Whole bool

	// Between is called before each epoch, such as to label images anew; nil: nothing happens there.
	Between func(context.Context, Between) error

	// Measure are the evaluators that are used beside classification, which is where there are logits.
	Measure []evaluate.Use
}

// Rate is the course of the learning rate of parameters.
type Rate struct {
	Match  string // pattern of their paths; of several that match, the first counts
	Factor func(At) float64
}

// At is how far a phase is.
type At struct {
	Step, Steps   int     // updates made in the phase, and all that it has
	Epoch, Epochs float64 // passes over its first stream, with the running one's part
}

// Done is the share of the steps that are done, from 0 to below 1.
func (a At) Done() float64 { return float64(a.Step) / float64(max(a.Steps, 1)) }

// Stream is a sequence of batches.
type Stream struct {
	Name   string     // "" for the only or main one; its random numbers are of this name
	Split  data.Split // of the study's set
	Subset data.Subset
	Ratio  int // its images in a step, in units of the study's batch; 0: 1
	// Views of each image. A view without augmentation of its own has the study's.
	Views []View
	// Candidates are partial labels: each image has the right class and some wrong ones; nil: none.
	Candidates *data.Candidates
	// Mixed says that its images are mixed with one another where the study asks for it. The loss then reads Graph.Shares.
	Mixed bool
	// Labels changes what the part's labels are, such as by noise; nil: nothing.
	Labels func(p data.Part, seed uint64) (data.Part, error)
}

// View is one picture of every image.
type View struct {
	data.View
	Plain bool           // the image as it is, without any augmentation
	Add   map[string]any // augmentations beside those of the study
}

// emitsPicture tells whether the view emits a picture, and not a class.
func (v View) emitsPicture() bool {
	task, err := pretext.Lookup(v.Emit)
	return err == nil && task.Original()
}

// Objective is what a step minimises and tells.
type Objective struct {
	Loss   nn.Tensor            // a scalar
	Logits nn.Tensor            // [n, classes] of the labelled images of Of, whose hits are counted as train/top1; zero: none
	Of     string               // the stream of these images
	Record map[string]nn.Tensor // more scalars, recorded by name as means over the epoch
	Ratios map[string]Ratio     // more, recorded by name as quotients of means over the epoch
}

// Ratio is a quotient of two scalars. It is taken of an epoch's sums, since the divisor may be 0 in a step; in an epoch
// in which it is 0 altogether, nothing is recorded.
type Ratio struct{ Part, Of nn.Tensor }

// Answers is what a network says about images.
type Answers struct {
	Logits   nn.Tensor // [n, classes]; zero: none
	Features nn.Tensor // [n, f]; zero: none

	// Read adds what the logits are made of, [n, f], where Features has none; it is added only where it is measured.
	Read func() nn.Tensor

	// Embeddings adds what the loss compares, [n, d]; nil: nothing. It is no part of the network, so it is added only
	// where it is measured.
	Embeddings func() nn.Tensor
}

// Check says what is wrong with the phases of a strategy, before anything is built.
func Check(phases []Phase) error {
	if len(phases) == 0 {
		return fmt.Errorf("no phases, want at least one")
	}
	var names []string
	for _, p := range phases {
		switch {
		case p.Objective == nil:
			return fmt.Errorf("phase %q has no objective", p.Name)
		case len(p.Streams) == 0:
			return fmt.Errorf("phase %q reads no stream", p.Name)
		case slices.Contains(names, p.Name):
			return fmt.Errorf("two phases are called %q", p.Name)
		case p.Keep && len(names) == 0:
			return fmt.Errorf("phase %q keeps the state of an optimizer, and there is no phase before it", p.Name)
		case p.Name == "" && len(phases) > 1:
			return fmt.Errorf("a phase has no name, want one where there are several")
		}
		names = append(names, p.Name)
		var streams []string
		for _, s := range p.Streams {
			if slices.Contains(streams, s.Name) {
				return fmt.Errorf("phase %q: two streams are called %q", p.Name, s.Name)
			}
			streams = append(streams, s.Name)
			for k, v := range s.Views {
				if said := v.Augment != nil; v.Plain && (said || v.Add != nil) || said && v.Add != nil {
					return fmt.Errorf("phase %q, stream %q: view %d is augmented in several ways, want one", p.Name, s.Name, k)
				}
			}
		}
	}
	return nil
}

// Fits says whether phases are called, and measure, as the strategy declares, with its settings.
func (s Strategy) Fits(phases []Phase, settings option.Settings) error {
	declared := s.PhaseNames(settings, "")
	if len(phases) != len(declared) {
		return fmt.Errorf("%d phases, declared are %d: %q", len(phases), len(declared), declared)
	}
	for i, p := range phases {
		if p.Name != declared[i] {
			return fmt.Errorf("phase %d is called %q, declared is %q", i, p.Name, declared[i])
		}
		mixed := slices.ContainsFunc(p.Streams, func(s Stream) bool { return s.Mixed })
		if mixed != slices.Contains(s.Mixes, p.Name) {
			return fmt.Errorf("phase %q mixes images: %v, declared are %q", p.Name, mixed, s.Mixes)
		}
		for _, use := range p.Measure {
			if _, _, err := use.Resolve(); err != nil {
				return err
			}
			if asked := s.asked(p.Name, settings); !slices.Contains(asked, use.Name) {
				return fmt.Errorf("phase %q measures by %s, declared are %v", p.Name, use.Name, asked)
			}
		}
	}
	return nil
}
