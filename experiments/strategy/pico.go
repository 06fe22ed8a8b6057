package strategy

import (
	"math"

	"workbench/nn"
	"workbench/nn/option"
)

func init() {
	Register(Strategy{
		Name: "pico",
		Doc: "partial labels: of each image some classes of which one is right; features of a class are drawn together, and the nearest " +
			"prototype of a class tells the candidates apart bit by bit",
		Loss: "cross_entropy with a target that moves towards the candidate of the nearest prototype, + contrast_weight · contrast: of " +
			"finding features of the same answer among all others, each a mean over images; confidence is the largest share of a target",
		Example: Example{Beside: "proden", Base: []string{"augment: {resized_crop: true, resized_crop_scale: [0.2, 1], flip: true}"},
			Own: []string{"strategy.candidate_rate: 0.5", "strategy.queue: 1024 # fewer than there are images",
				"strategy.tau: 0.99 # as there are fewer steps than in the paper"},
			Others: []string{"strategy.candidate_rate: 0.5"}},
		Paper: "Wang et al. 2022, PiCO: Contrastive Label Disambiguation for Partial Label Learning (arXiv 2201.08984)",
		Options: []option.Option{candidateRate,
			{Name: "hidden", Default: 512, Min: 1, Max: 65536, Doc: "width of the projector's hidden layer"},
			{Name: "projection", Default: 128, Min: 1, Max: 65536, Doc: "width of what is compared"},
			{Name: "temperature", Default: 0.07, Above: true, Doc: "by which similarities are divided"},
			{Name: "queue", Default: 8192, Min: 1, Max: 1 << 24, Doc: "keys of earlier steps, with their answers; at least a batch"},
			{Name: "tau", Default: 0.999, Max: 1, Doc: "share that the key encoder keeps of itself at a step"},
			{Name: "contrast_weight", Default: 0.5, Doc: "weight of the contrast"},
			{Name: "prototype_momentum", Default: 0.99, Above: true, Max: 1, Below: true,
				Doc: "share that a class's prototype keeps of itself for each image that is taken to be of the class (gamma)"},
			{Name: "prototype_start", Default: 1, Max: 10000,
				Doc: "epochs before prototypes move the targets; until then the contrast is MoCo's, without classes"},
			{Name: "phi", Default: 0.95, Max: 1, Doc: "share that a target keeps of itself each time, at first"},
			{Name: "phi_end", Default: 0.8, Max: 1, Doc: "the same at the end; it changes evenly, epoch by epoch"},
			{Name: "strong", Default: 3, Max: 14,
				Doc: "changes of the key's view by RandAugment at half its strength, beside the study's augmentations; 0: none"},
		},
		Phases: pico,
	})
}

// pico follows hbzju/PiCO (model.py, utils/utils_loss.py, train.py): the target is moved before the loss reads it, by
// prototypes that the step's images have not moved yet, and phi of an epoch is what its course says of the one before.
// The key encoder follows after the step, which is the same but for the very first time (see moco); there is one
// machine, so that keys are not shuffled; and the authors' 1e-12 within the logarithm of the contrast is left out.
func pico(s option.Settings, about About) ([]Phase, error) {
	if err := queueHolds(s, about); err != nil {
		return nil, err
	}
	key := View{}
	if n := s.Int("strong"); n > 0 {
		key.Add = map[string]any{"randaugment": n, "randaugment_magnitude": 15}
	}
	refines := func(at At) float64 { return after(at.Epoch, float64(s.Int("prototype_start"))) }
	return []Phase{{
		Streams: []Stream{partial(s, View{}, key)},
		Scalars: map[string]func(At) float64{
			"tau":     func(At) float64 { return s.Float("tau") },
			"refines": refines,
			"keeps": func(at At) float64 {
				before := max(math.Floor(at.Epoch)-1, 0)
				phi := s.Float("phi") + (s.Float("phi_end")-s.Float("phi"))*before/max(at.Epochs, 1)
				return 1 - refines(at)*(1-phi)
			},
		},
		Coupled:   true, // images are compared with one another, and the queue moves once a step
		Objective: func(g *Graph) Objective { return g.pico(s) },
		Answers: func(g *Graph, x nn.Tensor) Answers {
			features := g.Backbone(g.Builder, x)
			return Answers{Logits: g.Head("fc").Linear(features, g.Classes()), Features: features}
		},
	}}, nil
}

func (g *Graph) pico(s option.Settings) Objective {
	project := func(b *nn.Builder, features nn.Tensor) nn.Tensor {
		return g.L2Normalize(g.MLP(b.Head("projector"), features, false, s.Int("hidden"), s.Int("projection")))
	}
	features := g.Backbone(g.Builder, g.View("", 0))
	logits, candidates := g.Head("fc").Linear(features, g.Classes()), g.Candidates("")
	query := project(g.Builder, features)
	teacher := g.Follow("teacher", nn.Follow{Decay: g.Scalar("tau")})
	key := g.StopGradient(project(teacher, g.Backbone(teacher, g.View("", 1))))
	answers := g.OneHotMax(g.among(logits, candidates))

	nearest := g.OneHotMax(g.among(g.similarities(query, g.classPrototypes(query, answers, s.Float("prototype_momentum"))), candidates))
	targets, keeps := g.targetTable(), g.Reshape(g.Scalar("keeps"), 1, 1)
	before := g.rowsOr(targets, g.Div(candidates, g.RowSums(candidates)))
	target := g.Add(g.Mul(before, keeps), g.Mul(nearest, g.without(keeps)))
	g.SetRows(targets, g.Rows(""), target)

	entropy := g.SoftClassifierLoss(logits, target)
	contrast := g.contrastOfAnswers(query, key, answers, s.Int("queue"), s.Float("temperature"))
	return Objective{
		Loss:   g.WeightedSum([]float64{1, s.Float("contrast_weight")}, entropy, contrast),
		Logits: logits, Record: map[string]nn.Tensor{"cross_entropy": entropy, "contrast": contrast, "confidence": g.Mean(g.RowMax(target))},
	}
}

// classPrototypes has a vector of length one for each class [classes, d]; zeros until an image is taken to be of the
// class. Each embedding x [n, d] moves that of its answer [n, classes], one after the other, and then all are brought
// to length one; what is returned is before that. Of k images that move a prototype p, the result is
// m^k·p + (1 − m)·Σ m^(how many come after it)·x.
func (g *Graph) classPrototypes(x, answers nn.Tensor, m float64) nn.Tensor {
	if g.Err() != nil {
		return nn.Tensor{}
	}
	n, d := x.Shape()[0], x.Shape()[1]
	prototypes := g.Head("memory").State("prototypes", nn.Init{}, g.Classes(), d)
	later := make([]float32, n*n)
	for i := range n {
		for j := i + 1; j < n; j++ {
			later[i*n+j] = 1
		}
	}
	powers := func(count nn.Tensor) nn.Tensor { return g.Exp(g.Scale(count, math.Log(m))) } // of m
	after := g.RowSums(g.Mul(answers, g.MatMul(g.Constant("later images", later, n, n), answers)))
	moved := g.columnProducts(answers, g.Mul(g.StopGradient(x), g.Scale(powers(after), 1-m)))
	counts := g.Reshape(g.ColumnSums(answers), g.Classes(), 1)
	g.Set(prototypes, g.L2Normalize(g.Add(g.Mul(prototypes, powers(counts)), moved)))
	return prototypes
}

// contrastOfAnswers is, once targets move, minus the mean log-likelihood of finding for a query [n, d] the other
// queries, the keys [n, d] and those of the queue that had the same answer [n, classes] among all of them; before that
// it is MoCo's InfoNCE. The queue then takes the keys in, with the answers to their queries.
func (g *Graph) contrastOfAnswers(query, key, answers nn.Tensor, length int, temperature float64) nn.Tensor {
	if g.Err() != nil {
		return nn.Tensor{}
	}
	n := query.Shape()[0]
	queue, of := g.queue(key, length), g.Head("queue").State("answers", nn.Init{}, length, g.Classes())
	g.SetRows(of, g.Ring(n, length), answers)
	alike := func(x, y nn.Tensor) nn.Tensor { return g.Scale(g.similarities(x, y), 1/temperature) }
	toQueue := alike(query, queue)

	positive := g.Scale(g.RowProducts(query, key), 1/temperature)
	alone := g.RowSoftCrossEntropy(g.ConcatColumns(positive, toQueue), g.first(n, length+1))

	self := g.OneHot(g.everyRow(n), n)
	own := g.similarities(answers, answers)
	same := g.ConcatColumns(g.Sub(own, self), own, g.similarities(answers, of))
	others := g.Add(alike(query, query), g.Scale(self, -itself))
	likely := g.LogSoftmax(g.ConcatColumns(others, alike(query, key), toQueue))
	grouped := g.Scale(g.Div(g.RowSums(g.Mul(same, likely)), g.RowSums(same)), -1)

	refines := g.Reshape(g.Scalar("refines"), 1, 1)
	return g.Mean(g.Add(g.Mul(grouped, refines), g.Mul(alone, g.without(refines))))
}
