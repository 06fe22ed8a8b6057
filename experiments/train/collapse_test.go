//go:build !race

package train

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// SimSiam without its stop-gradient collapses (Chen and He 2021, section 4.1): the projections, which the loss
// compares, lie in few directions while the features behind them keep theirs. With it they do not.
func TestCollapsedProjectionsAreNamed(t *testing.T) {
	for _, stops := range []bool{true, false} {
		job := strategyJob(t, "simsiam")
		job.Run.Config = job.Run.Config.Clone()
		c := &job.Run.Config
		c.Strategy.Options = map[string]any{"hidden": 64, "projection": 64, "bottleneck": 16, "stop_gradient": stops}
		c.Dataset.Options = map[string]any{"train": 128, "test": 48}
		c.Augment = map[string]any{"pad": 4, "flip": true}
		c.Optim.Options = map[string]any{"lr": 0.2, "momentum": 0.9}
		c.Batch, c.Epochs = 16, 3
		records, err := record(t, job, 0)
		if err != nil {
			t.Fatal(err)
		}
		verdicts := values(records)["pretrain/test/embeddings_collapsed"]
		if features := values(records)["pretrain/test/collapsed"]; len(verdicts) != 3 || features[2] != 0 {
			t.Fatalf("stop_gradient=%v: projections %v, features %v, want three of each, features not collapsed at last", stops, verdicts, features)
		}
		if slices.Contains(verdicts, 1) == stops || !stops && verdicts[2] != 1 {
			t.Errorf("stop_gradient=%v: projections are named collapsed %v", stops, verdicts)
		}
		named := false
		for _, r := range records {
			named = named || strings.Contains(r.Log, "collapsed: the effective rank of embeddings is")
		}
		if named == stops {
			t.Errorf("stop_gradient=%v: the log names it: %v", stops, named)
		}
	}
}

// DINO's teacher says nearly the same of all images at the beginning, and its centre takes some steps to learn that.
// Until then the network learns to say it, too. Without batch norms in the head it says little else from then on, as
// lightly's does; so they are the default.
func TestDINOsAnswersStayApart(t *testing.T) {
	spread := func(more map[string]any) float64 {
		job := strategyJob(t, "dino")
		job.Run.Config = job.Run.Config.Clone()
		c := &job.Run.Config
		c.Strategy.Options = map[string]any{"hidden": 64, "bottleneck": 32, "prototypes": 64, "tau": 0.9}
		maps.Copy(c.Strategy.Options, more)
		c.Dataset.Options = map[string]any{"train": 128, "test": 48}
		c.Optim.Options = map[string]any{"lr": 0.1, "momentum": 0.9}
		c.Batch, c.Epochs = 16, 3
		records, err := record(t, job, 0)
		if err != nil {
			t.Fatal(err)
		}
		spreads := values(records)["pretrain/test/embedding_spread"]
		if len(spreads) != 3 {
			t.Fatalf("spreads of embeddings are %v, want three", spreads)
		}
		return spreads[2]
	}
	if normed, bare := spread(nil), spread(map[string]any{"head_norm": false}); normed < 10*bare {
		t.Errorf("embeddings spread by %v, by %v without batch norms in the head", normed, bare)
	}
}
