//go:build !race

package train

import (
	"testing"

	"workbench/experiments"
)

// A phase needs its parameters, each once, and a gradient of each that moves: to the byte, with heads, copies and
// frozen groups.
func TestNeededMemoryIsOfWhatMoves(t *testing.T) {
	freeze := func(pattern string) []any { return []any{map[string]any{"match": pattern, "frozen": true}} }
	for name, job := range map[string]experiments.Job{
		"all move": smallJob(), "a part is frozen": smallJob(), "a copy": strategyJob(t, "byol"), "two networks": strategyJob(t, "co_teaching"),
	} {
		if name == "a part is frozen" {
			job.Run.Config.Optim.Options["groups"] = freeze("layer1.**")
		}
		all := stagesOf(t, job)
		turns, how, err := all[0].built(all[0].shape())
		if err != nil {
			t.Fatal(err)
		}
		programs, err := all[0].training(all[0].shape(), false)
		if err != nil || len(programs) != 1 {
			t.Fatal(len(programs), err)
		}
		need := int64(0)
		for _, p := range programs[0].graph.Params() {
			need += 4 * int64(p.Shape.Size())
		}
		for _, m := range programs[0].Moves {
			need += 4 * int64(m.Grad.Shape.Size())
		}
		if err := holds(turns, how, need); err != nil {
			t.Errorf("%s: %v with %d bytes", name, err, need)
		}
		if holds(turns, how, need-1) == nil {
			t.Errorf("%s: a byte less than %d is taken for enough", name, need)
		}
	}
}

// A run states the cost of its first phase's network, in whichever phase an attempt begins.
func TestEveryPhaseStatesTheCostOfTheFirst(t *testing.T) {
	job := strategyJob(t, "byol")
	job.Run.Config.Strategy.Options = map[string]any{"hidden": 6, "projection": 4, "then": "probe"}
	x := begunTrainer(t, job)
	first := x.cost
	if err := x.follow(1); err != nil {
		t.Fatal(err)
	}
	own, err := x.stage.inference(x.stage.shape())
	if err != nil || own.cost == first {
		t.Fatalf("the probe costs %+v (%v), want other than the pretraining, %+v", own.cost, err, first)
	}
	if x.cost != first || first.Params == 0 {
		t.Errorf("the probe states %+v, want %+v", x.cost, first)
	}
}
