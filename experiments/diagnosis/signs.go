package diagnosis

import (
	"math"
	"strconv"

	"workbench/experiments"
	"workbench/experiments/data"
	"workbench/experiments/start"
	"workbench/nn/option"
)

// ofLayers takes from portraits of layers how large steps are, what they move, and which units are dead.
func (s *Signs) ofLayers(run experiments.RunInfo, layers []Layers) {
	for _, l := range layers {
		weights, updates, elements := 0.0, 0.0, 0
		for _, p := range l.Params {
			weights, updates = weights+square(float64(p.Weight)), updates+square(float64(p.Update))
			elements += p.Elements
		}
		if len(l.Params) == 0 || weights == 0 {
			continue
		}
		if ratio := math.Sqrt(updates / weights); !(ratio <= s.Ratio) { // the largest; NaN is larger than all
			s.Ratio = ratio
		}
		if all, err := strconv.ParseFloat(run.Environment["parameters"], 64); err == nil && all > 0 {
			s.Moving = float64(elements) / all
		}
		s.Dead, s.DeadLayer = 0, ""
		for _, u := range l.Units {
			if share := float64(u.Dead) / float64(max(u.Units, 1)); share > s.Dead {
				s.Dead, s.DeadLayer = share, u.Path
			}
		}
	}
}

func square(x float64) float64 { return x * x }

// ofConfig takes from the configuration what can be known without a step.
func (s *Signs) ofConfig(run experiments.RunInfo) {
	c := run.Config
	s.Drawn = !start.Of(c.Start).Said()
	source, err := data.Lookup(c.Dataset.Name)
	if err != nil {
		return
	}
	given := option.Complete(source.All(), c.Dataset.Options)
	if kind := given.String("label_noise"); kind != "none" && given.Float("label_noise_rate") > 0 {
		s.noisy = true
	}
	if std := given.Floats("std"); len(std) > 0 {
		s.Pixels = 1 / least(std)
	}
	if classes := source.Holds.Classes; classes > 1 && given.String("classes") == "" {
		s.Guessing = math.Log(float64(classes))
	}
	if run.Whole == nil {
		return
	}
	if _, settings, err := c.Variant(); err == nil {
		if momentum, has := settings["bn_momentum"].(float64); has && settings["norm"] == "batch" {
			s.Settled = 1 - math.Pow(1-momentum, float64(run.Whole.Steps))
		}
	}
}

// guess is the share of answers that guessing gets right.
func (s Signs) guess() float64 { return math.Exp(-s.Guessing) }

// part is a training loss in units of that of guessing, NaN where it is no cross-entropy of the classes.
func (s Signs) part(loss float64) float64 {
	if s.otherLoss {
		return math.NaN()
	}
	return loss / s.Guessing
}

// isEntropy tells whether a phase's train/loss is one network's cross-entropy of the classes, so that guessing has ln
// of their number. A sum over two networks, a contrast beside it or views of an image have other scales, and no bound
// here.
func isEntropy(c experiments.Config, phase string) bool {
	switch phase {
	case "probe", "finetune", "gradual", "freeze", "unfreeze", "bit", "retrain":
		return true
	case "":
		said, named := c.Strategy.Options["loss"].(string)
		return c.Strategy.Name == "" || c.Strategy.Name == "proden" ||
			c.Strategy.Name == "supervised" && (!named || said == "cross_entropy")
	}
	return false
}
