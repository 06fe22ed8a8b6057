package plan_test

import (
	"strconv"
	"strings"
	"testing"

	"workbench/nn"
	"workbench/nn/op"
	"workbench/nn/plan"
)

// recomputable networks contain what is repeated in different ways: sums of sums, concatenations
// of concatenations, pooling, dropout, gates.
func recomputable(t *testing.T) map[string]network {
	return map[string]network{
		"residual":             variant(t, "resnet_mini", map[string]any{"depth": 26, "width": 4}),
		"residual, projection": variant(t, "resnet_mini", map[string]any{"depth": 14, "width": 4, "shortcut": "projection"}),
		"plain":                variant(t, "resnet_mini", map[string]any{"depth": 14, "width": 4, "shortcut": "none"}),
		"dense":                variant(t, "densenet_mini", map[string]any{"depth": 22, "growth_rate": 4}),
		"dense, dropout":       variant(t, "densenet_mini", map[string]any{"depth": 22, "growth_rate": 4, "dropout": 0.2}),
		"like VGG":             likeVGG,
	}
}

var recomputations = []plan.Recomputation{plan.RecomputeCheap, plan.RecomputeSegments}

// Weights and results have the same bits as without recomputation, and the backward pass does repeat something.
func TestRecomputeChangesNoResult(t *testing.T) {
	for name, n := range recomputable(t) {
		b, p := training(t, n, plan.Training{}, 3, 3, 12, 12)
		want := trained(t, b, p)
		for _, mode := range recomputations {
			for what, fuse := range map[string]func(*plan.Program){"as it is": func(*plan.Program) {}, "fused": plan.Fuse} {
				t.Run(name+", "+string(mode)+", "+what, func(t *testing.T) {
					b, p := training(t, n, plan.Training{}, 3, 3, 12, 12)
					fuse(p)
					p.Recompute = mode
					recompute(t, p)
					// The large layers of "like VGG" are in its last segment.
					if len(repeats(p)) == 0 && (mode == plan.RecomputeCheap || name != "like VGG") {
						t.Error("nothing is repeated")
					}
					p.Recompute = plan.RecomputeNone // the reference executor shall run it as it is now
					unfuse(p)
					wellFormed(t, p)
					same(t, trained(t, b, p), want)
				})
			}
		}
	}
}

func recompute(t *testing.T, p *plan.Program) {
	t.Helper()
	if err := plan.Recompute(p); err != nil {
		t.Fatal(err)
	}
	wellFormed(t, p)
}

// repeats are the steps that compute a value again.
func repeats(p *plan.Program) []*plan.Step {
	var all []*plan.Step
	for _, s := range p.Steps {
		if s.Again != nil {
			all = append(all, s)
		}
	}
	return all
}

// live is how many elements the fused program has at one time.
func live(t *testing.T, n network, mode plan.Recomputation, image ...int) (elements int, p *plan.Program) {
	t.Helper()
	_, p = training(t, n, plan.Training{}, image...)
	plan.Fuse(p)
	p.Recompute = mode
	recompute(t, p)
	lives, _ := plan.Lifetimes(p, func(v *plan.Value) int { return v.Shape.Size() })
	return plan.LiveAtOnce(lives), p
}

// What recomputation saves, as a share of the memory that is kept without it, with a margin of a few percent. The
// concatenations of DenseNet grow with the square of its depth (Pleiss et al. 2017).
func TestRecomputeSavesMemory(t *testing.T) {
	tests := []struct {
		model           string
		cheap, segments float64
	}{
		{"resnet110_cifar", 0.56, 0.17},
		{"wrn_28_10", 0.6, 0.44},
		{"densenet_bc_100_12_cifar", 0.22, 0.24},
		{"mobilenet_v2", 0.58, 0.44},
	}
	for _, c := range tests {
		n := variant(t, c.model, nil)
		all, _ := live(t, n, plan.RecomputeNone, 64, 3, 32, 32)
		for mode, most := range map[plan.Recomputation]float64{plan.RecomputeCheap: c.cheap, plan.RecomputeSegments: c.segments} {
			some, p := live(t, n, mode, 64, 3, 32, 32)
			if share := float64(some) / float64(all); share > most {
				t.Errorf("%s, %s: %.3f of %d elements, want at most %.3f", c.model, mode, share, all, most)
			} else {
				t.Logf("%s, %s: %.3f of %d elements, %d of %d steps are repeats", c.model, mode, share, all, len(repeats(p)), len(p.Steps))
			}
		}
	}
}

// joinedAnew adds convolutions each of which reads all before it, and joins them anew for each.
func joinedAnew(b *nn.Builder, x nn.Tensor) nn.Tensor {
	var parts []nn.Tensor
	for i := range 12 {
		b, read := b.In("layer"+strconv.Itoa(i)), x
		if i > 1 { // the first two read the images
			read = b.ReLU(b.In("norm").BatchNorm(b.Concat(parts...)))
		}
		parts = append(parts, b.In("conv").Conv(read, 4, 3, 1))
	}
	return b.In("fc").Linear(b.GlobalAvgPool(b.ReLU(b.In("norm").BatchNorm(b.Concat(parts...)))), 10)
}

// Concatenations of growing sets of parts are repeated from the parts, which are kept once: as many elements as the
// largest concatenation has, not as all have together.
func TestRecomputeKeepsThePartsOfConcatenations(t *testing.T) {
	_, p := live(t, joinedAnew, plan.RecomputeCheap, 8, 3, 12, 12)
	joins := 0
	for _, s := range p.Steps {
		if _, ok := s.Spec.(op.Concat); ok && s.Again == nil {
			joins++
		}
	}
	again := 0
	for _, s := range repeats(p) {
		if _, ok := s.Spec.(op.Concat); ok {
			again++
		}
	}
	if joins != 11 || again != joins {
		t.Errorf("%d of %d concatenations are repeated, want all of 11", again, joins)
	}
}

// Cheap recomputation repeats no convolution; segments repeat no statistics.
func TestRecomputeRepeatsWhatItMay(t *testing.T) {
	for name, n := range recomputable(t) {
		for _, mode := range recomputations {
			_, p := live(t, n, mode, 3, 3, 12, 12)
			for _, s := range repeats(p) {
				switch s.Spec.(type) {
				case op.Conv, plan.Conv, op.Linear, plan.Linear:
					if mode == plan.RecomputeCheap {
						t.Errorf("%s: %s is repeated", name, s.Name())
					}
				case op.BNStats, plan.BatchNorm, op.BNRunning, plan.MaxPool:
					t.Errorf("%s, %s: %s is repeated with its statistics or workspace", name, mode, s.Name())
				}
			}
		}
	}
}

func TestRecomputeLeavesInferenceAlone(t *testing.T) {
	p := inference(t, variant(t, "resnet_mini", nil), 2, 3, 12, 12)
	before := len(p.Steps)
	p.Recompute = plan.RecomputeSegments
	if recompute(t, p); len(p.Steps) != before {
		t.Errorf("got %d steps, want %d", len(p.Steps), before)
	}
}

func TestUnknownRecomputation(t *testing.T) {
	p := inference(t, func(b *nn.Builder, x nn.Tensor) nn.Tensor { return b.In("fc").Linear(b.Flatten(x), 2) }, 2, 3, 4, 4)
	p.Recompute = "segment"
	if err := plan.Recompute(p); err == nil || !strings.Contains(err.Error(), `unknown recomputation "segment": did you mean segments?`) {
		t.Errorf("got error %v", err)
	}
}
