package zoo

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"workbench/nn"
)

// drawn returns values for some of the modules that every family has, and for its stem. It leaves out those that
// contradict one another in every family.
func drawn(t *testing.T, v Variant, r *rand.Rand) map[string]any {
	t.Helper()
	for {
		given := map[string]any{"drop_path": 0, "se_reduction": 2}
		for _, o := range v.Options {
			if !slices.Contains(everywhere, o.Name) && o.Name != "stem" || r.IntN(2) == 0 {
				continue
			}
			if values := others(o); o.Name != "se_reduction" {
				given[o.Name] = values[r.IntN(len(values))]
			}
		}
		if v.contradiction(mustResolve(t, v, given)) == nil {
			return given
		}
	}
}

// Modules chosen at random make a network whose parameters are the same for training and inference and all get a
// gradient. Otherwise the error names one of the switches that are set. testdata/combinations.csv holds a digest of the
// operators of each, for the same end as recorded.csv.
func TestModulesCombineOrSayWhyNot(t *testing.T) {
	r, built, drawings := rand.New(rand.NewPCG(1, 4)), 0, 0
	lines := [][]string{{"name", "settings", "operators"}}
	for _, v := range smallest(t) {
		for range 8 {
			given := drawn(t, v, r)
			drawings++
			t.Run(fmt.Sprint(v.Name, given), func(t *testing.T) {
				b, logits := build(t, v, nn.Train, given)
				infer, _ := build(t, v, nn.Infer, given)
				loss := b.ClassifierLoss(logits, b.Labels("label", 2), 0)
				if err := b.Err(); err != nil {
					named := slices.ContainsFunc(slices.Collect(maps.Keys(given)), func(name string) bool { return strings.Contains(err.Error(), name) })
					if !named || infer.Err() == nil {
						t.Errorf("training says %v, inference %v; want an error that names a switch", err, infer.Err())
					}
					lines = append(lines, []string{v.Name, fmt.Sprint(given), "refused"})
					return
				}
				built++
				lines = append(lines, []string{v.Name, fmt.Sprint(given), shortDigest(trace(b))})
				if !slices.Equal(withoutAuxiliaries(b), paths(infer)) {
					t.Error("parameters differ between training and inference")
				}
				checkGradients(t, b, loss)
			})
		}
	}
	if built < drawings*3/4 {
		t.Errorf("%d of %d drawings are networks, want most", built, drawings)
	}
	areRecorded(t, "testdata/combinations.csv", lines)
}
