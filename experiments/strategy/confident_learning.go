package strategy

import (
	"context"
	"fmt"
	"math"
	"slices"

	"workbench/experiments/confident"
	"workbench/experiments/data"
	"workbench/experiments/metric"
	"workbench/experiments/portrait"
	"workbench/nn"
	"workbench/nn/option"
	"workbench/nn/rng"
)

// Phases of confident learning: networks that each leave a fold of the images out, and one without what they find.
const (
	foldsPhase   = "folds"
	retrainPhase = "retrain"
)

func init() {
	Register(Strategy{
		Name: "confident_learning",
		Doc: "networks that each leave a fold of the images out say which labels are wrong; then a network learns from the others " +
			"(cleanlab's find_label_issues)",
		Loss: "cross-entropy of the images that a network may learn from, mean over these: at first the sum over the networks of all " +
			"folds, then of one; kept is the share of labels that are taken to be right, found_precision and found_recall say how that agrees " +
			"with the set's own labels",
		Example: Example{Beside: noisyExample.Beside, Data: noisyExample.Data, Base: noisyExample.Base},
		Paper:   "Northcutt et al. 2021, Confident Learning (arXiv 1911.00068)",
		Options: []option.Option{
			{Name: "folds", Default: 5, Min: 2, Max: 20,
				Doc: "parts of the images, each of which one network never learns from; so many networks are trained"},
			{Name: "filter", Default: confident.ByNoiseRate, Choices: confident.Filters,
				Doc: "which labels are taken to be wrong: as many of each pair of classes as the confident joint says, by margin " +
					"(prune_by_noise_rate), of each class, by self-confidence (prune_by_class), or what both find; all that the joint " +
					"counts off its diagonal (confident_learning); or all that are not the likeliest class (predicted_neq_given)"},
		},
		Main: foldsPhase, Later: []string{retrainPhase},
		Metric: func(option.Settings) string { return metric.Final + "/" + metric.TestTop1 },
		Phases: func(s option.Settings, _ About) ([]Phase, error) {
			n := s.Int("folds")
			return []Phase{
				{Name: foldsPhase, Streams: []Stream{{Split: data.Train}}, Coupled: true, // a mean over chosen images
					Whole:     true, // before its last epoch wrong labels are looked for
					Objective: func(g *Graph) Objective { return g.leavingFoldsOut(n) },
					Answers:   func(g *Graph, x nn.Tensor) Answers { return g.ofFolds(x, n) },
					Between:   func(ctx context.Context, b Between) error { return findIssues(ctx, b, n, s.String("filter")) }},
				{Name: retrainPhase, Streams: []Stream{{Split: data.Train}}, Coupled: true,
					Objective: (*Graph).withoutIssues, Between: judgeIssues},
			}, nil
		},
	})
}

// Paths of states.
const (
	keptPath      = "memory.kept"
	precisionPath = "memory.precision"
	recallPath    = "memory.recall"
)

// kept is 1 for each image of the main stream whose label is taken to be right, else 0 [images, 1].
func (g *Graph) kept() nn.Tensor {
	return g.In("memory").State("kept", nn.Init{Constant: 1}, g.Images(""), 1)
}

// foldOf gives each image one of n folds of equal size. It is drawn, because sets may be in an order, but not by the
// run's seed: runs differ in other things.
func foldOf(images, n int) []int {
	order, folds := make([]int32, images), make([]int, images)
	for i := range order {
		order[i] = int32(i)
	}
	rng.Shuffle(rng.Key(0, "folds"), order)
	for i, row := range order {
		folds[row] = i % n
	}
	return folds
}

// foldNetworks are the logits [n, classes] of the networks, each of which never learns from one fold.
func (g *Graph) foldNetworks(x nn.Tensor, n int) []nn.Tensor {
	all := make([]nn.Tensor, n)
	for fold := range all {
		all[fold] = g.Network(g.Twin(fmt.Sprintf("fold%d", fold+1)), x)
	}
	return all
}

// leavingFoldsOut trains the networks beside one another. The statistics of batch norms are of all images of a batch,
// which says nothing of labels.
func (g *Graph) leavingFoldsOut(n int) Objective {
	var losses []nn.Tensor
	for _, logits := range g.foldNetworks(g.View("", 0), n) {
		losses = append(losses, g.RowCrossEntropy(logits, g.Labels("")))
	}
	folds := foldOf(g.Images(""), n)
	learns := make([]float32, len(folds)*n)
	for row, own := range folds {
		for fold := range n {
			if fold != own {
				learns[row*n+fold] = 1
			}
		}
	}
	chosen := g.GatherRows(g.Constant("learns", learns, len(folds), n), g.Rows(""))
	means := g.Div(g.ColumnSums(g.Mul(g.ConcatColumns(losses...), chosen)), g.Clamp(g.ColumnSums(chosen), 1, math.MaxFloat32))
	kept := g.kept()
	g.Set(kept, g.Now(kept)) // no step changes it, but it is there to be written between them
	return Objective{Loss: g.Scale(g.Mean(means), float64(n)), Record: map[string]nn.Tensor{"kept": g.Mean(kept)}}
}

// ofFolds are the answers of all networks in the mean, and side by side.
func (g *Graph) ofFolds(x nn.Tensor, n int) Answers {
	all := g.foldNetworks(x, n)
	return Answers{Logits: g.Scale(g.Add(all...), 1/float64(n)), Embeddings: func() nn.Tensor {
		said := make([]nn.Tensor, n)
		for i, logits := range all {
			said[i] = g.Softmax(logits)
		}
		return g.ConcatColumns(said...)
	}}
}

// findIssues looks, before the last epoch, at what the network that never learnt from an image says of it.
func findIssues(ctx context.Context, b Between, n int, filter string) error {
	last := math.Ceil(b.At.Epochs) - 1
	if last < 1 {
		return fmt.Errorf("wrong labels are looked for before the last epoch, and there are %v epochs; want more than 1", b.At.Epochs)
	}
	if b.At.Epoch != last {
		return nil
	}
	kept, err := b.Read(keptPath)
	if err != nil {
		return err
	}
	all := outOfFold{labels: make([]int32, len(kept)), own: make([]int32, len(kept)), images: make([]int32, len(kept))}
	if err := all.look(ctx, b, n); err != nil {
		return err
	}
	found, err := confident.Find(all.probabilities, all.labels, all.classes, filter)
	if err != nil {
		return err
	}
	for row, wrong := range found {
		if kept[row] = 1; wrong {
			kept[row] = 0
		}
	}
	if err := b.Write(keptPath, kept); err != nil {
		return err
	}
	return b.Show(portrait.LabelIssuesName, all.issues(found, filter))
}

// outOfFold is what the networks say of the images that they never learnt from, by row of the stream.
type outOfFold struct {
	classes       int
	probabilities []float32 // [images, classes]
	labels        []int32   // as they are given
	own           []int32   // as the set has them
	images        []int32   // numbers in the split
}

// look asks, of each image, the one of n networks that never learnt from it.
func (o *outOfFold) look(ctx context.Context, b Between, n int) error {
	folds := foldOf(len(o.labels), n)
	return b.Look(ctx, "", func(seen Seen) error {
		width := len(seen.Embeddings) / len(seen.Rows)
		if o.classes = width / n; o.probabilities == nil {
			o.probabilities = make([]float32, len(o.labels)*o.classes)
		}
		for i, row := range seen.Rows {
			o.labels[row], o.own[row], o.images[row] = seen.Labels[i], seen.True[i], seen.Images[i]
			copy(o.probabilities[int(row)*o.classes:], seen.Embeddings[i*width+folds[row]*o.classes:][:o.classes])
		}
		return nil
	})
}

// issues are the labels that were found, the least believed first.
func (o *outOfFold) issues(found []bool, filter string) portrait.LabelIssues {
	table := portrait.LabelIssues{Filter: filter, Images: len(found), Shown: []portrait.LabelIssue{}}
	for _, row := range confident.Ranked(o.probabilities, o.labels, o.classes, found) {
		if table.Found++; table.Found > portrait.MostIssues {
			continue
		}
		p := o.probabilities[row*o.classes : (row+1)*o.classes]
		table.Shown = append(table.Shown, portrait.LabelIssue{Image: int(o.images[row]), Label: int(o.labels[row]),
			Suggested: slices.Index(p, slices.Max(p)), True: int(o.own[row]), Quality: float64(p[o.labels[row]])})
	}
	return table
}

// withoutIssues trains the network with the labels that are taken to be right.
func (g *Graph) withoutIssues() Objective {
	logits := g.Network(g.Builder, g.View("", 0))
	kept, memory := g.kept(), g.In("memory")
	chosen := g.GatherRows(kept, g.Rows(""))
	losses := g.Mul(g.RowCrossEntropy(logits, g.Labels("")), chosen)
	return Objective{
		Loss:   g.Mean(g.Div(g.Total(losses), g.Clamp(g.Total(chosen), 1, math.MaxFloat32))),
		Logits: logits,
		Record: map[string]nn.Tensor{"kept": g.Mean(kept), "found_precision": g.Mean(memory.State("precision", nn.Init{}, 1)),
			"found_recall": g.Mean(memory.State("recall", nn.Init{}, 1))},
	}
}

// judgeIssues counts once how many of the labels that were found are not the set's, and how many of these were found.
func judgeIssues(ctx context.Context, b Between) error {
	if b.At.Step > 0 {
		return nil
	}
	kept, err := b.Read(keptPath)
	if err != nil {
		return err
	}
	var found, wrong, both float32
	err = b.Look(ctx, "", func(seen Seen) error {
		for i, row := range seen.Rows {
			isFound, isWrong := 1-kept[row], float32(0)
			if seen.Labels[i] != seen.True[i] {
				isWrong = 1
			}
			found, wrong, both = found+isFound, wrong+isWrong, both+isFound*isWrong
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := b.Write(precisionPath, []float32{both / max(found, 1)}); err != nil {
		return err
	}
	return b.Write(recallPath, []float32{both / max(wrong, 1)})
}
