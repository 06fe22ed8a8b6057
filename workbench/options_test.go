package main

import (
	"bytes"
	"strings"
	"testing"

	"workbench/experiments"
	"workbench/experiments/strategy"
)

// optionsOf is what the command options answers.
func optionsOf(t *testing.T, args ...string) string {
	t.Helper()
	var out bytes.Buffer
	a := newApp()
	cmd := a.optionsCommand()
	cmd.SetArgs(append(args, "--format", "table"))
	a.out = &out
	if err := cmd.ExecuteContext(t.Context()); err != nil {
		t.Fatal(err)
	}
	return strings.Join(strings.Fields(out.String()), " ")
}

// What belongs to no section is explained too: phases with what strategies set of them, until with the phases, any key
// by itself. A key that several strategies declare has what each says.
func TestWhatIsNoSectionIsExplained(t *testing.T) {
	for name, want := range map[string][]string{
		"phases": {"Phase probe of barlow_twins, byol, ", "phases.probe.epochs 10", "phases.probe.optim.lr 0.1",
			"phases.probe.optim.KEY the study's", "phases.probe.batch the study's"},
		"until": {"until", "the last phase that is done", "may end with pretrain or probe or finetune or gradual",
			"without what follows of probe, finetune, gradual, freeze, unfreeze, bit"},
		"batch": {"batch 64", "images a step"},
		"strategy": {"; byol: width of the hidden layer of projector and predictor; ",
			"; moco_v2, pico, simclr, supcon, swav: width of the projector's hidden layer"},
	} {
		got := optionsOf(t, name)
		for _, part := range want {
			if !strings.Contains(got, part) {
				t.Errorf("options %s lacks %q:\n%s", name, part, got)
			}
		}
	}
}

// Every key that a strategy sets of a phase is one that a study can set, with a value that is allowed.
func TestStrategiesSetKeysOfPhases(t *testing.T) {
	for _, s := range strategies() {
		for _, phase := range s.Later {
			listed := map[string]bool{}
			for _, k := range experiments.PhaseKeys(s, phase) {
				if listed[k.Path] {
					t.Errorf("%s: %s is listed twice", s.Name, k.Path)
				}
				listed[k.Path] = true
				if strings.HasSuffix(k.Path, ".KEY") {
					continue
				}
				if err := experiments.Check(k.Path); err != nil {
					t.Errorf("%s: %s: %v", s.Name, k.Path, err)
				}
			}
			for path, value := range s.Set[phase] {
				c := experiments.Defaults()
				c.Strategy = experiments.Choice{Name: s.Name}
				own, err := c.In(phase, map[string]any{path: value})
				if got, _ := own.Get(path); err != nil || got != value {
					t.Errorf("%s: %s.%s: %v (%v), want %v", s.Name, phase, path, got, err, value)
				}
			}
		}
	}
	if len(strategy.Names()) == 0 {
		t.Fatal("no strategy")
	}
}
