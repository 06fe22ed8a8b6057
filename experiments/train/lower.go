package train

import (
	"slices"

	"workbench/experiments/evaluate"
	"workbench/experiments/strategy"
	"workbench/nn"
	"workbench/nn/glob"
	"workbench/nn/plan"
)

// graph starts a graph of the stage.
func (s *stage) graph(mode nn.Mode, shape strategy.Shape) (*strategy.Graph, error) {
	variant, settings, err := s.config.Variant()
	if err != nil {
		return nil, err
	}
	b := nn.NewBuilder(mode, false)
	b.Freeze(s.stays())
	if s.FixedStatistics {
		b.FixStatistics()
	}
	if len(s.Still) > 0 {
		b.Still(func(path string) bool { return matches(s.Still, path) })
	}
	return strategy.NewGraph(b, &s.Phase, shape, func(b *nn.Builder, x nn.Tensor, classes int) nn.Tensor {
		return variant.Build(b, x, classes, settings)
	}), nil
}

// stays reports whether the parameter at a path is left as it is.
func (s *stage) stays() func(path string) bool {
	frozen, _ := s.config.Frozen()
	return func(path string) bool {
		return frozen(path) || s.waits(path) || matches(s.Fixed, path) ||
			len(s.Trainable) > 0 && !matches(s.Trainable, path) && !s.norms[path]
	}
}

func matches(patterns []string, path string) bool {
	for _, p := range patterns {
		if glob.Match(p, path) {
			return true
		}
	}
	return false
}

// trained is a program that trains, with the graph and the objective that it was made from.
type trained struct {
	*plan.Program
	graph     *strategy.Graph
	objective strategy.Objective
	pass      plan.Pass
}

// built are the graphs of the phase's programs in the order of their turns, and how their parameters move.
func (s *stage) built(shape strategy.Shape) ([]trained, plan.Training, error) {
	turns, params, err := s.graphs(shape)
	if err != nil {
		return nil, plan.Training{}, err
	}
	how, err := s.moves(append(slices.Clone(s.frozen), params...)) // a study's groups may be of what stays, too
	return turns, how, err
}

// graphs are those of the phase's programs in the order of their turns, with all their parameters, each once.
func (s *stage) graphs(shape strategy.Shape) ([]trained, []*nn.Param, error) {
	objectives := append([]func(*strategy.Graph) strategy.Objective{s.Objective}, s.Turns...)
	sharp := s.ascent().Radius > 0
	if sharp {
		objectives = append(objectives, s.Objective) // which is refused beside Turns
	}
	turns := make([]trained, len(objectives))
	var params []*nn.Param
	known := map[string]bool{}
	for i, objective := range objectives {
		g, err := s.graph(nn.Train, shape)
		if err != nil {
			return nil, nil, err
		}
		turns[i] = trained{graph: g, objective: objective(g)}
		if err := g.Err(); err != nil {
			return nil, nil, err
		}
		for _, p := range g.Params() {
			if !known[p.Path] {
				known[p.Path], params = true, append(params, p)
			}
		}
	}
	if sharp {
		if err := s.sharpen(turns); err != nil {
			return nil, nil, err
		}
	}
	return turns, params, nil
}

// training returns the programs that train on a micro-batch of the shape, in the order of their turns.
func (s *stage) training(shape strategy.Shape, cycles bool) ([]trained, error) {
	turns, how, err := s.built(shape)
	if err != nil {
		return nil, err
	}
	how.CycleMomentum = cycles
	for i := range turns {
		if err := turns[i].lower(s.passing(how, turns[i].pass)); err != nil {
			return nil, err
		}
	}
	return turns, nil
}

// moves are the paths of the parameters that the program moves.
func (t *trained) moves() (paths []string) {
	for _, m := range t.Moves {
		paths = append(paths, m.Param.Name)
	}
	return paths
}

func (t *trained) lower(how plan.Training) (err error) {
	outputs := map[string]nn.Tensor{}
	if t.objective.Logits.Node() != nil {
		outputs["logits"] = t.objective.Logits
	}
	for name, scalar := range t.objective.Record {
		outputs[recorded(name)] = scalar
	}
	for name, ratio := range t.objective.Ratios {
		outputs[recorded(name)], outputs[divisor(name)] = ratio.Part, ratio.Of
	}
	for i, features := range t.graph.Heard() {
		if t.pass == plan.Descend {
			break // the first pass of the update was heard
		}
		outputs[strategy.HeardName(i)] = features
	}
	how.Loss = t.objective.Loss
	t.Program, err = plan.LowerTraining(t.graph.Builder, outputs, how)
	return err
}

// multiplyAdds of a step: of all turns, on all parts of the batch.
func (s *stage) multiplyAdds(turns []trained) float64 {
	return s.sum(turns, func(t trained) float64 { return t.MultiplyAdds() })
}

// passes of images in a step; see strategy.Graph.Passes.
func (s *stage) passes(turns []trained) float64 {
	return s.sum(turns, func(t trained) float64 { return t.graph.Passes() })
}

func (s *stage) sum(turns []trained, of func(trained) float64) float64 {
	sum := 0.0
	for _, t := range turns {
		sum += of(t)
	}
	return sum * float64(s.config.MicroBatches())
}

// recorded is the output that holds a scalar which the objective records.
func recorded(name string) string { return "record/" + name }

// divisor is the output that holds what a recorded scalar is divided by.
func divisor(name string) string { return recorded(name) + "/of" }

// answering is a program that evaluates, with the graph that it was made from, and the cost of the network, to which
// nothing belongs that is only measured.
type answering struct {
	*plan.Program
	graph *strategy.Graph
	cost  nn.Cost
}

// inference returns the program that evaluates a batch of the shape.
func (s *stage) inference(shape strategy.Shape) (answering, error) {
	return s.answers(shape, func(evaluate.Input) bool { return false })
}

// evaluation is inference with what the evaluators of the phase read beside it.
func (s *stage) evaluation(shape strategy.Shape) (answering, error) {
	if s.Cached != nil {
		return s.ofFeatures(shape)
	}
	return s.answers(shape, func(in evaluate.Input) bool {
		return in == evaluate.Embeddings && s.Between != nil || slices.ContainsFunc(s.Measure, func(u evaluate.Use) bool {
			e, err := evaluate.Lookup(u.Name) // strategy.Fits has checked it
			return err == nil && e.Reads == in
		})
	})
}

// answers are what the phase evaluates, with what only evaluators read as reads tells.
func (s *stage) answers(shape strategy.Shape, reads func(evaluate.Input) bool) (answering, error) {
	g, err := s.graph(nn.Infer, shape)
	if err != nil {
		return answering{}, err
	}
	x := g.Input("image", shape.Batch, shape.Channels, shape.Height, shape.Width)
	var answers strategy.Answers
	if s.Answers == nil {
		answers.Logits = g.Network(g.Builder, x)
	} else {
		answers = s.Answers(g, x)
	}
	if err := g.Err(); err != nil {
		return answering{}, err
	}
	cost := g.Cost()
	outputs := map[string]nn.Tensor{}
	if answers.Logits.Node() != nil {
		outputs["logits"] = answers.Logits
	}
	if answers.Features.Node() != nil {
		outputs["features"] = answers.Features
	}
	if reads(evaluate.Embeddings) && answers.Embeddings != nil {
		outputs["embeddings"] = answers.Embeddings()
	}
	if reads(evaluate.Online) {
		outputs["online"] = g.OnlineLogits(answers.Features)
	}
	if err := g.Err(); err != nil {
		return answering{}, err
	}
	p, err := plan.Lower(g.Builder, outputs)
	return answering{p, g, cost}, err
}

// ofFeatures is evaluation in a phase that keeps features: the program reads these in place of images.
func (s *stage) ofFeatures(shape strategy.Shape) (answering, error) {
	g, err := s.graph(nn.Infer, shape)
	if err != nil {
		return answering{}, err
	}
	answers := s.Cached.Answers(g, g.Input("features", shape.Batch, shape.Features))
	if err := g.Err(); err != nil {
		return answering{}, err
	}
	p, err := plan.Lower(g.Builder, map[string]nn.Tensor{"logits": answers.Logits})
	return answering{p, g, g.Cost()}, err
}
