// Package diagnosis says from what a run recorded what may be wrong with it: rules over its curves, its configuration
// and its portraits of layers. A finding names its evidence and what to try next. It is an opinion with numbers: the
// bounds are those that told spoiled runs of one small family from sound ones (see bounds.go), and every sound run of
// other kinds may lie beyond one of them.
package diagnosis

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"workbench/experiments"
	"workbench/experiments/analysis"
	"workbench/experiments/metric"
	"workbench/experiments/portrait"
)

// Names of findings.
const (
	Divergence    = "divergence"       // the loss becomes no number, or far larger than that of guessing
	UnderFitting  = "under-fitting"    // the training images themselves are not learnt
	OverFitting   = "over-fitting"     // training images are learnt, and others are not
	Plateau       = "plateau"          // the loss stands still where it can be no end
	NoSignal      = "no signal"        // answers to new images are guesses, though steps have a usual size
	Memorised     = "memorised labels" // wrong labels are learnt by heart
	RateTooSmall  = "small steps"      // steps hardly change the weights
	RateTooLarge  = "large steps"      // steps change the weights by a large part of them
	Collapse      = "collapse"         // features or embeddings are the same for all images
	Starvation    = "data starvation"  // training waits for images
	DeadUnits     = "dead units"       // units behind rectifying activations are 0 for all images
	Frozen        = "frozen layers"    // drawn weights that no step moves
	Normalisation = "normalisation"    // pixels are scaled as no network wants them
	Statistics    = "batch statistics" // batch norm's running statistics do not fit what it was trained with
)

// Names are the names of all findings, in the order in which they are told: causes first.
func Names() []string {
	var all []string
	for _, r := range rules {
		all = append(all, r.name)
	}
	return all
}

// Finding is something that may be wrong with a run.
type Finding struct {
	Name     string     `json:"name"`     // one of Names
	Says     string     `json:"says"`     // what was found, a sentence
	Evidence []Evidence `json:"evidence"` // the numbers that say so
	Try      string     `json:"try"`      // what to try next
}

// Evidence is a number that speaks for a finding, with the bound that it is beyond.
type Evidence struct {
	Of    string          `json:"of"` // a metric's name, a configuration's key or a measure of the layers
	Value portrait.Number `json:"value"`
	Bound portrait.Number `json:"bound"` // NaN: there is none
}

// By is the evidence in words: each number with its bound.
func (f Finding) By() string {
	var words []string
	for _, e := range f.Evidence {
		word := fmt.Sprintf("%s %.3g", e.Of, float64(e.Value))
		if e.Bound.Finite() {
			word += fmt.Sprintf(" (bound %.3g)", float64(e.Bound))
		}
		words = append(words, word)
	}
	return strings.Join(words, ", ")
}

// Layers is a portrait of a run's layers with the step at which it was made.
type Layers struct {
	Step int64
	portrait.Layers
}

// Of are the findings about a run, causes before effects, from its series of metrics and the portraits of its layers
// in the order of steps; the more it has of them, the more is found. Only the phase that trained last is looked at.
func Of(run experiments.RunInfo, series []experiments.Series, layers []Layers) []Finding {
	s := signsOf(run, series, layers)
	var all []Finding
	for _, r := range rules {
		if f, is := r.finds(s); is {
			f.Name, f.Try = r.name, r.try
			all = append(all, f)
		}
	}
	return all
}

// Signs are the numbers by which a run is judged. NaN stands for what it has not recorded.
type Signs struct {
	Diverged  bool    // the run ended so
	Epochs    int     // whose training loss is known
	Guessing  float64 // loss of guessing among the classes, nats
	First     float64 // train/loss of the first epoch
	Last      float64 // train/loss of the last epoch
	Highest   float64 // train/loss, of all epochs but the first
	Half      float64 // train/loss in the middle epoch
	TrainTop1 float64 // of the last epoch
	TestTop1  float64 // of the last evaluation, on held-out images where there are some
	BestTop1  float64 // of all evaluations
	TestLoss  float64 // of the last evaluation
	LeastLoss float64 // of all evaluations
	Memorised float64 // train/memorised of the last epoch
	Wait      float64 // train/data_wait, the median of the epochs
	Ratio     float64 // norm of a step's change over that of the weights, the largest of the portraits
	Dead      float64 // largest share of dead units of a layer in the last portrait
	DeadLayer string
	Moving    float64 // share of the network's parameters that training moves
	Drawn     bool    // its weights are drawn, and no phase before has trained them
	Pixels    float64 // what pixels from black to white span after normalisation
	Settled   float64 // share of batch norm's running statistics that is of the training, not of their start

	collapse  analysis.Collapse
	collapsed bool
	noisy     bool // labels are wrong on purpose
	otherLoss bool // train/loss is no cross-entropy of the classes
}

func signsOf(run experiments.RunInfo, series []experiments.Series, layers []Layers) Signs {
	none := math.NaN()
	s := Signs{Diverged: run.Status == experiments.Diverged, Guessing: none, Dead: none, Moving: none, Ratio: none, Pixels: none,
		Settled: none}
	phase := phaseOf(run)
	at := curves(series, phase)
	losses := at(metric.Train, "loss")
	s.Epochs = len(losses)
	s.First, s.Last, s.Half = first(losses), last(losses), none
	if len(losses) > 0 {
		s.Half = losses[(len(losses)-1)/2]
		s.Highest = largest(losses[min(1, len(losses)-1):])
	} else {
		s.Highest = none
	}
	s.TrainTop1, s.Memorised = last(at(metric.Train, "top1")), last(at(metric.Train, metric.Memorised))
	split := metric.Test
	if len(at(metric.Val, "loss")) > 0 {
		split = metric.Val
	}
	top1, loss := at(split, "top1"), at(split, "loss")
	s.TestTop1, s.BestTop1, s.TestLoss, s.LeastLoss = last(top1), largest(top1), last(loss), least(loss)
	s.Wait = median(at(metric.Train, "data_wait"))
	s.ofLayers(run, layers)
	s.ofConfig(run)
	s.Drawn, s.otherLoss = s.Drawn && phase == "", !isEntropy(run.Config, phase)
	s.collapse, s.collapsed = analysis.Collapsed(run)
	return s
}

// phaseOf is the name of the phase that a run came to last.
func phaseOf(run experiments.RunInfo) string {
	if n := len(run.Phases); n > 0 {
		return run.Phases[n-1].Name
	}
	return ""
}

// curves finds the values of a phase's metrics, in the order of steps.
func curves(series []experiments.Series, phase string) func(split, quantity string) []float64 {
	return func(split, quantity string) (values []float64) {
		name := metric.Name{Phase: phase, Split: split, Quantity: quantity}.String()
		for _, s := range series {
			if s.Metric != name {
				continue
			}
			points := slices.Clone(s.Points)
			slices.SortStableFunc(points, func(a, b experiments.Point) int { return cmp.Compare(a.Step, b.Step) })
			for _, p := range points {
				values = append(values, p.Value)
			}
		}
		return values
	}
}

func first(values []float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	return values[0]
}

func last(values []float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	return values[len(values)-1]
}

// largest is NaN if one of the values is, or if there is none.
func largest(values []float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	v := math.Inf(-1)
	for _, x := range values {
		v = math.Max(v, x)
	}
	return v
}

func least(values []float64) float64 {
	v := math.NaN()
	for _, x := range values {
		if math.IsNaN(v) || x < v {
			v = x
		}
	}
	return v
}

func median(values []float64) float64 {
	values = slices.Sorted(slices.Values(values))
	if len(values) == 0 {
		return math.NaN()
	}
	return values[len(values)/2]
}
