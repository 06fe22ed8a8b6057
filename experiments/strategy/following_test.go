package strategy_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"workbench/experiments/evaluate"
	"workbench/experiments/strategy"
	"workbench/nn"
	"workbench/nn/option"
)

// What follows a pretraining, by the option then, whatever the strategy: its phases, with whose classifier, which of
// their parameters move, and by what runs are compared.
func TestWhatFollowsAPretraining(t *testing.T) {
	const tuned = ` trains [] still [] set map[epochs:10 optim.lr:0.01 optim.momentum:0.9 optim.name:sgd optim.weight_decay:0.0001 ` +
		`schedule.name:cosine schedule.warmup_epochs:0] coupled false turns 0 measures [] answers true between false`
	after := func(name, moves, set string) string {
		return "\n" + `"` + name + `" ["" ` + whole + `] scalars [] trains [` + moves + `] still [] set map[` + set +
			`] coupled false turns 0 measures [] answers true between false`
	}
	const sgd = `optim.momentum:0.9 optim.name:sgd optim.weight_decay:`
	const adam = `optim.momentum:0.95 optim.name:adamw optim.weight_decay:0.01 ` +
		`schedule.base_momentum:0.85 `
	unfrozen := after("gradual", "", `epochs:10 optim.layer_decay:0.38461538461538464 optim.lr:0.01 optim.momentum:0.9 optim.name:sgd `+
		`optim.unfreeze_every:1 optim.weight_decay:0.0001 schedule.div_factor:32 schedule.final_div_factor:1 schedule.linear:true `+
		`schedule.name:one_cycle schedule.pct_start:0.1 schedule.warmup_epochs:0`)
	const cycle = ` schedule.name:one_cycle schedule.pct_start:`
	fastai := after("freeze", "freeze.**", `epochs:1 optim.beta2:0.99 optim.epsilon:1e-05 optim.lr:0.002 `+adam+
		`schedule.div_factor:25 schedule.fastai:true schedule.final_div_factor:4000`+cycle+`0.99 schedule.warmup_epochs:0`) +
		after("unfreeze", "", `epochs:10 optim.beta2:0.99 optim.epsilon:1e-05 optim.layer_spread:100 optim.lr:0.001 `+adam+
			`schedule.div_factor:5 schedule.fastai:true schedule.final_div_factor:20000`+cycle+`0.3 schedule.warmup_epochs:0`)
	bit := after("bit", "", `optim.lr:0.003 `+sgd+`0 schedule.name:bit schedule.warmup_epochs:0`)
	const finetune = "\n" + `"finetune" ["" ` + whole + `] scalars []` + tuned
	share := func(text string) string { return strings.ReplaceAll(text, "Share:0", "Share:0.25") }
	for _, name := range strategy.Names() {
		s := found(t, name)
		if s.Main == "" {
			if s.Has != nil || s.Begin != nil || s.Set != nil || len(s.Ends()) != 0 {
				t.Errorf("%s has one phase and others", name)
			}
			continue
		}
		if _, follows := option.Find(s.Options, "then"); !follows {
			if s.Has != nil || s.Begin != nil {
				t.Errorf("%s has nothing that may follow, and shares a beginning", name)
			}
			continue
		}
		for then, c := range map[string]struct {
			follow, classifier string
			phases             string
			usual              string
		}{
			"nothing":  {"", "", "pretrain", "pretrain/test/knn_top1"},
			"probe":    {later, "probe", "pretrain probe", "probe/test/top1"},
			"finetune": {finetune, "finetune", "pretrain finetune", "finetune/test/top1"},
			"lp_ft":    {later + finetune, "probe", "pretrain probe finetune", "finetune/test/top1"},
			"gradual":  {unfrozen, "gradual", "pretrain gradual", "gradual/test/top1"},
			"fastai":   {fastai, "freeze", "pretrain freeze unfreeze", "unfreeze/test/top1"},
			"bit":      {bit, "bit", "pretrain bit", "bit/test/top1"},
		} {
			for _, shared := range []float64{1, 0.25} {
				given := map[string]any{"then": then, "label_share": shared, "groups": "classes"}
				got, err := stretches(t, name, given)
				first, _, _ := strings.Cut(got, "\n")
				want := c.follow
				if shared < 1 {
					want = share(want)
				}
				if err != nil || got[len(first):] != want || strings.Contains(first, "Share:0.25") {
					t.Errorf("%s, then %s with a share of %v (%v):\n%s, want\n%s", name, then, shared, err, got[len(first):], want)
				}
				settings := s.Resolve(given)
				if phases := strings.Join(s.PhaseNames(settings, ""), " "); phases != c.phases || s.Usual(settings) != c.usual {
					t.Errorf("%s, then %s: the phases %s are compared by %s, want %s and %s", name, then, phases, s.Usual(settings), c.phases, c.usual)
				}
			}
			for _, phase := range strings.Fields(c.phases)[1:] {
				classifies(t, name, phase, map[string]any{"then": then}, c.classifier)
			}
		}
		if got := s.Ends(); !slices.Equal(got, []string{"pretrain", "probe", "finetune", "gradual", "freeze", "unfreeze"}) {
			t.Errorf("%s may end after %v", name, got)
		}
	}
}

// classifies looks at the parameters of a phase that follows: the network's, and a classifier under a phase's name.
func classifies(t *testing.T, name, phase string, given map[string]any, classifier string) {
	t.Helper()
	p := phaseOf(t, name, phase, given)
	g := four(nn.Train, p)
	o := p.Objective(g)
	var paths []string
	for _, param := range g.Params() {
		paths = append(paths, param.Path)
	}
	head := []string{classifier + ".fc.weight", classifier + ".fc.bias"}
	want := append([]string{"layer1.weight", "layer2.weight"}, head...)
	if g.Err() != nil || !slices.Equal(paths, want) || told(o.Logits) != "2, 4" {
		t.Errorf("%s %s with %v: the parameters %v (%v), want %v", name, phase, given, paths, g.Err(), want)
	}
	h := four(nn.Infer, p)
	a := p.Answers(h, h.Input("image", 2, 3, 4, 6))
	if told(a.Logits) != "2, 4" || a.Features.Node() != nil || a.Read == nil || told(a.Read()) != "2, 8" || a.Embeddings != nil {
		t.Errorf("%s %s with %v: answers are %q and what they read", name, phase, given, told(a.Logits))
	}
}

// Runs that differ in what follows alone begin with one pretraining; those that have nothing to follow are no others'
// beginning under another name.
func TestWhatRunsBeginWith(t *testing.T) {
	for _, name := range strategy.Names() {
		s := found(t, name)
		if s.Main == "" || s.Begin == nil {
			continue
		}
		for _, c := range []struct{ given, want map[string]any }{
			{map[string]any{"then": "lp_ft", "label_share": 0.1, "hidden": 9}, map[string]any{"then": "probe", "hidden": 9}},
			{map[string]any{"then": "finetune"}, map[string]any{"then": "probe"}},
			{map[string]any{"then": "probe"}, map[string]any{"then": "probe"}},
			{map[string]any{"then": "bit", "cached": true, "cached_mib": 7, "frozen_statistics": true}, map[string]any{"then": "probe"}},
			{map[string]any{"then": "nothing", "label_share": 0.5}, map[string]any{"then": "nothing"}},
			{map[string]any{"hidden": 3}, map[string]any{"hidden": 3}},
		} {
			got := maps.Clone(c.given)
			if s.Begin(got); fmt.Sprint(got) != fmt.Sprint(c.want) {
				t.Errorf("%s with %v begins as %v, want %v", name, c.given, got, c.want)
			}
		}
	}
}

// What the loss of a pretraining compares is given where it is measured, as wide as the settings say; pretext tasks
// compare nothing.
func TestWhatPretrainingsCompare(t *testing.T) {
	widths := map[string]string{"dino": "2, 3", "rotation": "", "jigsaw": "", "inpainting": "", "random": "", "coarse_labels": ""}
	for _, name := range strategy.Names() {
		if found(t, name).Main != "pretrain" {
			continue
		}
		p := phaseOf(t, name, "pretrain", map[string]any{"prototypes": 7, "resolution": 1})
		g := four(nn.Infer, p)
		a := p.Answers(g, g.Input("image", 2, 3, 4, 6))
		before := len(g.Params())
		want, special := widths[name]
		if !special {
			want = "2, 5"
		}
		got := ""
		if a.Embeddings != nil {
			got = told(a.Embeddings())
		}
		if got != want || (len(g.Params()) > before) != (want != "") || g.Err() != nil {
			t.Errorf("%s compares %q (%v), want %q; %d parameters, %d without", name, got, g.Err(), want, len(g.Params()), before)
		}
	}
}

// Mixing is declared by phase, and the strategies that take mixed images are known.
func TestWhoTakesMixedImages(t *testing.T) {
	if got := strategy.Mixing(); !slices.Equal(got, []string{"distillation", "supervised"}) {
		t.Errorf("mixed images are taken by %v", got)
	}
	phases := func(mixed bool) []strategy.Phase {
		return []strategy.Phase{{Streams: []strategy.Stream{{Name: "x"}, {Mixed: mixed}}}}
	}
	for _, c := range []struct {
		declared []string
		mixed    bool
		want     string
	}{
		{nil, false, ""}, {[]string{""}, true, ""}, {[]string{"a", ""}, true, ""},
		{nil, true, `phase "" mixes images: true, declared are []`}, {[]string{""}, false, `phase "" mixes images: false, declared are [""]`},
		{[]string{"a"}, true, `phase "" mixes images: true, declared are ["a"]`},
	} {
		s := strategy.Strategy{Mixes: c.declared}
		if got := message(s.Fits(phases(c.mixed), nil)); got != c.want {
			t.Errorf("%+v: %q, want %q", c, got, c.want)
		}
	}
	unknown := strategy.Strategy{Measures: map[string][]string{"": {"knm"}}}
	using := []strategy.Phase{{Measure: []evaluate.Use{{Name: "knm"}}}}
	if got := message(unknown.Fits(using, nil)); got != `unknown evaluator "knm": did you mean knn?` {
		t.Errorf("an evaluator that is not there: %s", got)
	}
}

// A strategy whose phases clash with names of metrics, or that has settings for phases that are not there, is no entry.
func TestRegisterRefusesPhasesThatClash(t *testing.T) {
	phases := func(option.Settings, strategy.About) ([]strategy.Phase, error) { return nil, nil }
	set := map[string]map[string]any{"other": {"epochs": 1}}
	b := []string{"b"}
	for want, s := range map[string]strategy.Strategy{
		`strategy: Register("x"): a phase is called "final", which names of metrics use`:  {Name: "x", Phases: phases, Main: "final"},
		`strategy: Register("y"): a phase is called "final", which names of metrics use`:  {Name: "y", Phases: phases, Later: []string{"final"}},
		`strategy: Register("z"): phase "other" has settings of its own, want one of [b]`: {Name: "z", Phases: phases, Later: b, Set: set},
		`strategy: Register("w"): phase "other" has settings of its own, want one of []`:  {Name: "w", Phases: phases, Main: "other", Set: set},
		`strategy: Register("supervised"): registered twice or incomplete`:                {Name: "supervised", Phases: phases},
		`strategy: Register(""): registered twice or incomplete`:                          {Phases: phases},
		`strategy: Register("without phases"): registered twice or incomplete`:            {Name: "without phases"},
	} {
		func() {
			defer func() {
				if got := fmt.Sprint(recover()); got != want {
					t.Errorf("%s: %s, want %s", s.Name, got, want)
				}
			}()
			strategy.Register(s)
		}()
		if _, err := strategy.Lookup(s.Name); s.Name != "supervised" && err == nil {
			t.Errorf("%s is an entry", s.Name)
		}
	}
}
