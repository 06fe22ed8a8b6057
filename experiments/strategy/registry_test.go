package strategy_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"workbench/experiments/data"
	"workbench/experiments/strategy"
	"workbench/nn/option"
)

// registered is what every strategy declares: its options with default, bounds and choices, its phases, and by what its
// runs are judged.
var registered = map[string]string{
	"byol": `hidden=4096 1..65536, projection=256 1..65536, tau=0.99 0..1, tau_end=1 0..1, ` + selfSupervised,
	"co_teaching": `forget_rate=0.2 0..1 below, ramp=10 1..10000, exponent=1 0..0 above
		main "" then [], evaluates "", measures map[], unlabelled []`,
	"jocor": `lambda=0.9 0..1, forget_rate=0.2 0..1 below, ramp=10 1..10000, exponent=1 0..0 above
		main "" then [], evaluates "", measures map[], unlabelled []`,
	"proden": `candidate_rate=0.1 0..1 below, update=true
		main "" then [], evaluates "", measures map[], unlabelled []`,
	"pico": `candidate_rate=0.1 0..1 below, hidden=512 1..65536, projection=128 1..65536, temperature=0.07 0..0 above,
		queue=8192 1..16777216, tau=0.999 0..1, contrast_weight=0.5 0..0, prototype_momentum=0.99 0..1 above below,
		prototype_start=1 0..10000, phi=0.95 0..1, phi_end=0.8 0..1, strong=3 0..14
		main "" then [], evaluates "", measures map[], unlabelled []`,
	"coarse_labels": `groups=, ` + pretext,
	"dividemix": `confidence_penalty=false, p_threshold=0.5 0..1, lambda_u=25 0..0, ramp_epochs=16 1..10000,
		temperature=0.5 0..1000 above, alpha=4 0..1000 above
		main "warm_up" then [divide], evaluates "", measures map[], unlabelled []`,
	"complementary": `complementary_loss=scl_nl [scl_nl scl_exp forward]
		main "" then [], evaluates "", measures map[], unlabelled []`,
	"confident_learning": `folds=5 2..20, filter=prune_by_noise_rate
		[prune_by_noise_rate prune_by_class both confident_learning predicted_neq_given]
		main "folds" then [retrain], evaluates "", measures map[], unlabelled []`,
	"distillation": `temperature=4 0..1000 above, alpha=0.9 0..1, hard=false, teacher= required, teacher_model=, teacher_options=,
		teacher_digest=, teacher_weights=evaluated [evaluated trained], teacher_part=, teacher_normalisation=
		main "" then [], evaluates "", measures map[], unlabelled []`,
	"rotation": `angles=4 0..0, every_angle=true, ` + pretext,
	"simclr": `head=nonlinear [nonlinear linear none], hidden=2048 1..65536, projection=128 1..65536, temperature=0.1 0..0 above,
		head_norm=false, one_pass=true, ` + selfSupervised,
	"barlow_twins": `hidden=8192 1..65536, projection=8192 1..65536, lambda=0.0051 0..0,
		scale=1 0..0 above, one_pass=false, ` + selfSupervised,
	"vicreg": `hidden=8192 1..65536, projection=8192 1..65536, sim=25 0..0, std=25 0..0, cov=1 0..0, one_pass=false, ` + selfSupervised,
	"supcon": `hidden=2048 1..65536, projection=128 1..65536, temperature=0.1 0..0 above,
		base_temperature=0.07 0..0 above, one_pass=true, ` + selfSupervised,
	"nnclr": `hidden=2048 1..65536, projection=256 1..65536, predictor=4096 1..65536, 
		temperature=0.1 0..0 above, queue=98304 1..16777216, one_pass=false, ` + selfSupervised,
	"jigsaw":     `tiles=2 2..8, permutations=24 2..1000, hidden=4096 1..65536, tile_by_tile=true, ` + pretext,
	"inpainting": `hole=0.5 0.05..0.95, resolution=8 1..256, hidden=2048 1..65536, ` + pretext,
	"dino": `hidden=2048 1..65536, bottleneck=256 1..65536, prototypes=65536 1..16777216, frozen_epochs=1 0..10000,
		temperature=0.1 0..0 above, teacher_temperature=0.04 0..0 above, teacher_temperature_start=0.04 0..0 above,
		teacher_warm_up=0 0..10000, centre=0.9 0..1 below, tau=0.996 0..1, tau_end=1 0..1, head_norm=true, one_pass=true, ` + selfSupervised,
	"swav": `hidden=2048 1..65536, projection=128 1..65536, prototypes=3000 1..16777216, frozen_steps=313 0..16777216,
		temperature=0.1 0..0 above, epsilon=0.05 0.025..100, iterations=3 1..100, one_pass=true, ` + selfSupervised,
	"elr": `beta=0.7 0..1 below, lambda=3 0..0
		main "" then [], evaluates "", measures map[], unlabelled []`,
	"fixmatch": `labels=4000 1..16777216, mu=7 1..64, threshold=0.95 0..1, lambda_u=1 0..0, strong=3 1..14, policy=usb [usb paper]
		main "" then [], evaluates "", measures map[], unlabelled []`,
	"flexmatch": `labels=4000 1..16777216, mu=7 1..64, threshold=0.95 0..1, lambda_u=1 0..0, strong=3 1..14, policy=usb [usb paper],
		threshold_warm_up=true
		main "" then [], evaluates "", measures map[], unlabelled []`,
	"freematch": `labels=4000 1..16777216, mu=7 1..64, lambda_u=1 0..0, strong=3 1..14, policy=usb [usb paper],
		momentum=0.999 0..1 below, fairness_weight=0.001 0..0
		main "" then [], evaluates "", measures map[], unlabelled []`,
	"pseudo_label": `labels=4000 1..16777216, mu=1 1..64, threshold=0.95 0..1, lambda_u=1 0..0, warm_up=0.4 0..1
		main "" then [], evaluates "", measures map[], unlabelled []`,
	"pi_model": `labels=4000 1..16777216, mu=1 1..64, lambda_u=10 0..0, warm_up=0.4 0..1
		main "" then [], evaluates "", measures map[], unlabelled []`,
	"mixmatch": `labels=4000 1..16777216, mu=1 1..64, lambda_u=100 0..0, warm_up=0.4 0..1, views=2 1..8,
		temperature=0.5 0..1000 above, alpha=0.5 0..1000 above
		main "" then [], evaluates "", measures map[], unlabelled []`,
	"mean_teacher": `labels=4000 1..16777216, mu=1 1..64, lambda_u=50 0..0, warm_up=0.4 0..1, decay=0.999 0..1, decay_ramp=true
		main "" then [], evaluates "teacher", measures map[], unlabelled []`,
	"moco_v2": `hidden=2048 1..65536, projection=128 1..65536, temperature=0.2 0..0 above, queue=65536 1..16777216,
		tau=0.999 0..1, norm_groups=8 1..4096, ` + selfSupervised,
	"simsiam": `hidden=2048 1..65536, projection=2048 1..65536, bottleneck=512 1..65536, stop_gradient=true, ` +
		`fix_predictor_lr=false, ` + selfSupervised,
	"random": pretext,
	"supervised": `label_smoothing=0 0..1 below,
		loss=cross_entropy [cross_entropy binary focal gce sce nce_rce bootstrap bootstrap_hard forward], gamma=2 0..100, alpha=0.25 0..1,
		q=0.7 0.01..1, sce_alpha=0.1 0..1000000, sce_beta=1 0..1000000, least_target=0.0001 0..1 above, active=1 0..1000000, passive=1 0..1000000,
		believed=0.95 0..1, believed_hard=0.8 0..1, transition=symmetric [symmetric symmetric_inclusive pairflip asymmetric],
		transition_rate=0.4 0..1, frozen_statistics=false
		main "" then [], evaluates "", measures map[], unlabelled []`,
}

// pretext strategies compare no embeddings.
const pretext = `then=nothing [nothing probe finetune lp_ft gradual fastai bit], features=, label_share=1 0..1 above, online=false, online_lr=0.1 0..0 above,
	cached=false, cached_mib=1024 1..1048576, frozen_statistics=false
	main "pretrain" then [probe finetune gradual freeze unfreeze bit], evaluates "", measures map[pretrain:[knn collapse online]], unlabelled [pretrain]`

const selfSupervised = `then=nothing [nothing probe finetune lp_ft gradual fastai bit], features=, label_share=1 0..1 above, online=false, online_lr=0.1 0..0 above,
	cached=false, cached_mib=1024 1..1048576, frozen_statistics=false
	main "pretrain" then [probe finetune gradual freeze unfreeze bit], evaluates "", measures map[pretrain:[knn collapse collapse_embeddings online]], unlabelled [pretrain]`

func TestEveryStrategyDeclaresWhatItIs(t *testing.T) {
	if got, want := strategy.Names(), slices.Sorted(maps.Keys(registered)); !slices.Equal(got, want) {
		t.Errorf("there are %v, want %v", got, want)
	}
	for name, want := range registered {
		s, err := strategy.Lookup(name)
		if err != nil {
			t.Fatal(err)
		}
		var options []string
		for _, o := range s.Options {
			options = append(options, said(o))
			if o.Doc == "" {
				t.Errorf("nothing explains option %s of %s", o.Name, name)
			}
		}
		got := fmt.Sprintf("%s main %q then %v, evaluates %q, measures %v, unlabelled %v", strings.Join(options, ", "), s.Main, s.Later,
			s.Evaluates, s.Measures, s.Unlabelled)
		if want := strings.Join(strings.Fields(want), " "); got != want {
			t.Errorf("%s declares\n%s, want\n%s", name, got, want)
		}
		if s.Name != name || s.Doc == "" || s.Paper == "" && name != "supervised" {
			t.Errorf("%s is described as %q by %q (%q)", name, s.Name, s.Doc, s.Paper)
		}
	}
}

func said(o option.Option) string {
	text := fmt.Sprintf("%s=%v", o.Name, o.Default)
	switch o.Default.(type) {
	case int, float64:
		text += fmt.Sprintf(" %.9g..%.9g", o.Min, o.Max)
	}
	if o.Choices != nil {
		text += fmt.Sprintf(" %v", o.Choices)
	}
	for mark, set := range map[string]bool{" above": o.Above, " below": o.Below, " required": o.Required} {
		if set {
			text += mark
		}
	}
	return text
}

// stretches are the phases of a strategy with settings, one a line; a network that the study has cut 640 images for.
func stretches(t *testing.T, name string, given map[string]any) (string, error) {
	t.Helper()
	s, err := strategy.Lookup(name)
	if err != nil {
		t.Fatal(err)
	}
	about := strategy.About{Info: data.Info{Name: "four", Channels: 3, Height: 8, Width: 8, Classes: make([]string, 4)},
		Batch: 64, Epochs: 40, Count: map[string]int{"train": 640, "test": 50}}
	phases, err := s.Phases(s.Resolve(given), about)
	if err != nil {
		return "", err
	}
	if err := strategy.Check(phases); err != nil {
		t.Errorf("%s: %v", name, err)
	}
	if err := s.Fits(phases, s.Resolve(given)); err != nil {
		t.Errorf("%s: %v", name, err)
	}
	var all []string
	for _, p := range phases {
		text := fmt.Sprintf("%q", p.Name)
		for _, stream := range p.Streams {
			text += fmt.Sprintf(" [%q %s ratio %d %+v", stream.Name, stream.Split, stream.Ratio, stream.Subset)
			for _, v := range stream.Views {
				text += fmt.Sprintf(" %+v", v)
			}
			if text += "]"; stream.Candidates != nil || stream.Labels != nil {
				text += " labels of its own"
			}
		}
		all = append(all, text+fmt.Sprintf(" scalars %v trains %v still %v set %v coupled %v turns %d measures %v answers %v between %v",
			slices.Sorted(maps.Keys(p.Scalars)), p.Trainable, p.Still, s.Set[p.Name], p.Coupled, len(p.Turns), p.Measure, p.Answers != nil,
			p.Between != nil))
	}
	return strings.Join(all, "\n"), nil
}

const (
	whole = `train ratio 0 {Classes:[] PerClass:0 Share:0 Seed:0}`
	view  = `{View:{Augment:map[] Emit: Options:map[]} Plain:false Add:map[]}`
	plain = ` trains [] still [] set map[] coupled false turns 0 measures [] answers false between false`
	joint = ` trains [] still [] set map[] coupled true turns 0 measures [] answers false between false`
	two   = `"pretrain" ["" ` + whole + ` ` + view + ` ` + view + `]`
	self  = ` trains [] still [] set map[] coupled true turns 0 measures [{knn map[k:200]} {collapse map[]} {collapse_embeddings map[]}] answers true between false`
	asked = ` trains [] still [] set map[] coupled false turns 0 measures [{knn map[k:200]} {collapse map[]}] answers true between false`
	later = `
"probe" ["" ` + whole + `] scalars [] trains [probe.**] still [**] set map[epochs:10 optim.lr:0.1 optim.momentum:0.9 optim.name:sgd ` +
		`optim.weight_decay:0 schedule.name:cosine schedule.warmup_epochs:0] coupled false turns 0 measures [] answers true between false`
)

// fewStreams are those of labelled and unlabelled images.
func fewStreams(perClass, mu int, views ...string) string {
	return fmt.Sprintf(`"" ["unlabelled" %s %s] ["labelled" %s]`,
		strings.Replace(whole, "0", fmt.Sprint(mu), 1), strings.Join(views, " "),
		strings.Replace(whole, "PerClass:0", fmt.Sprintf("PerClass:%d", perClass), 1))
}

func strongView(adds string) string {
	return strings.Replace(view, "Add:map[]", "Add:map["+adds+"]", 1)
}

// What each strategy reads, in which phases, what moves and what is measured.
func TestPhasesOfEveryStrategy(t *testing.T) {
	then := map[string]any{"then": "probe"}
	tried := map[string]bool{}
	for _, c := range []struct {
		strategy string
		given    map[string]any
		want     string
	}{
		{"supervised", nil, `"" ["" ` + whole + `] scalars []` + plain},
		{"distillation", nil, `"" ["" ` + whole + `] scalars []` + plain},
		{"elr", nil, `"" ["" ` + whole + `] scalars []` + plain},
		{"co_teaching", nil, `"" ["" ` + whole + `] scalars [kept]` + joint},
		{"jocor", nil, `"" ["" ` + whole + `] scalars [kept]` + joint},
		{"proden", nil, `"" ["" ` + whole + `] labels of its own scalars []` + plain},
		{"pico", nil, `"" ["" ` + whole + ` ` + view + ` ` + strongView("randaugment:3 randaugment_magnitude:15") +
			`] labels of its own scalars [keeps refines tau]` + strings.Replace(joint, "answers false", "answers true", 1)},
		{"pico", map[string]any{"strong": 0}, `"" ["" ` + whole + ` ` + view + ` ` + view + `] labels of its own scalars [keeps refines tau]` +
			strings.Replace(joint, "answers false", "answers true", 1)},
		{"coarse_labels", map[string]any{"groups": "one = 0-2; other = 3", "then": "probe"}, `"pretrain" ["" ` + whole + `] scalars []` + asked +
			later},
		{"dividemix", nil, `"warm_up" ["" ` + whole + `] scalars []` + strings.Replace(plain, "answers false", "answers true", 1) +
			"\n" + `"divide" ["" ` + whole + ` ` + view + ` ` + view + `] scalars [weight]` + strings.NewReplacer("answers false", "answers true",
			"between false", "between true", "set map[]", "set map[epochs:20]").Replace(joint)},
		{"confident_learning", nil, `"folds" ["" ` + whole + `] scalars []` + strings.NewReplacer("answers false", "answers true",
			"between false", "between true").Replace(joint) + "\n" + `"retrain" ["" ` + whole + `] scalars []` +
			strings.Replace(joint, "between false", "between true", 1)},
		{"complementary", nil, `"" ["" ` + whole + `] labels of its own scalars []` + plain},
		{"byol", nil, two + ` scalars [tau]` + self},
		{"byol", then, two + ` scalars [tau]` + self + later},
		{"simsiam", nil, two + ` scalars []` + self},
		{"simsiam", then, two + ` scalars []` + self + later},
		{"moco_v2", nil, two + ` scalars [tau]` + self},
		{"moco_v2", then, two + ` scalars [tau]` + self + later},
		{"rotation", nil, `"pretrain" ["" ` + whole + ` ` + view + `] scalars []` + asked},
		{"rotation", map[string]any{"every_angle": false, "angles": 2, "then": "probe"}, `"pretrain" ["" ` + whole +
			` {View:{Augment:map[] Emit:rotation Options:map[turns:2]} Plain:false Add:map[]}] scalars []` + asked + later},
		{"random", then, `"pretrain" ["" ` + whole + `] scalars []` + asked + later},
		{"simclr", nil, two + ` scalars []` + self},
		{"simclr", then, two + ` scalars []` + self + later},
		{"barlow_twins", nil, two + ` scalars []` + self},
		{"barlow_twins", then, two + ` scalars []` + self + later},
		{"vicreg", nil, two + ` scalars []` + self},
		{"vicreg", then, two + ` scalars []` + self + later},
		{"supcon", nil, two + ` scalars []` + self},
		{"supcon", then, two + ` scalars []` + self + later},
		{"nnclr", nil, two + ` scalars []` + self},
		{"nnclr", then, two + ` scalars []` + self + later},
		{"jigsaw", map[string]any{"tiles": 4, "permutations": 9, "then": "probe"}, `"pretrain" ["" ` + whole +
			` {View:{Augment:map[] Emit:jigsaw Options:map[permutations:9 tiles:4]} Plain:false Add:map[]}] scalars []` + asked + later},
		{"inpainting", then, `"pretrain" ["" ` + whole + ` ` + view + `] scalars []` + asked + later},
		{"dino", nil, two + ` scalars [moves tau teacher_temperature]` + self},
		{"dino", then, two + ` scalars [moves tau teacher_temperature]` + self + later},
		{"swav", nil, two + ` scalars [moves]` + self},
		{"swav", then, two + ` scalars [moves]` + self + later},
		{"fixmatch", map[string]any{"labels": 12, "mu": 3, "strong": 5},
			fewStreams(3, 3, view, strongView("fixmatch_strong:5")) + ` scalars []` + joint},
		{"fixmatch", map[string]any{"labels": 4, "policy": "paper"},
			fewStreams(1, 7, view, strongView("fixmatch_paper:true")) + ` scalars []` + joint},
		{"flexmatch", map[string]any{"labels": 8}, fewStreams(2, 7, view, strongView("fixmatch_strong:3")) + ` scalars []` + joint},
		{"freematch", map[string]any{"labels": 8}, fewStreams(2, 7, view, strongView("fixmatch_strong:3")) + ` scalars []` + joint},
		{"pseudo_label", map[string]any{"labels": 8, "mu": 2}, fewStreams(2, 2, view) + ` scalars [weight]` + plain},
		{"pi_model", map[string]any{"labels": 8}, fewStreams(2, 1, view, view) + ` scalars [weight]` + plain},
		{"mixmatch", map[string]any{"labels": 8, "views": 3}, fewStreams(2, 1, view, view, view) + ` scalars [weight]` + joint},
		{"mean_teacher", map[string]any{"labels": 8, "mu": 2}, fewStreams(2, 2, view, view) + ` scalars [decay weight]` +
			strings.Replace(plain, "answers false", "answers true", 1)},
	} {
		tried[c.strategy] = true
		if got, err := stretches(t, c.strategy, c.given); err != nil || got != c.want {
			t.Errorf("%s with %v (%v):\n%s, want\n%s", c.strategy, c.given, err, got, c.want)
		}
	}
	for _, name := range strategy.Names() {
		if !tried[name] {
			t.Errorf("nothing says here what phases %s has", name)
		}
	}
}

// Settings that do not fit the data or the batch are refused at their edges, and what just fits is taken.
func TestSettingsThatDoNotFit(t *testing.T) {
	for _, c := range []struct {
		strategy string
		given    map[string]any
		want     string // "": they fit
	}{
		{"fixmatch", map[string]any{"labels": 4}, ""},
		{"fixmatch", map[string]any{"labels": 6}, "strategy.labels: 6 labels cannot be as many of each of 4 classes; want a multiple"},
		{"mixmatch", map[string]any{"labels": 6}, "strategy.labels: 6 labels cannot be as many of each of 4 classes; want a multiple"},
		{"flexmatch", map[string]any{"labels": 4, "policy": "paper"}, ""},
		{"flexmatch", map[string]any{"labels": 4, "policy": "paper", "strong": 2},
			"strategy.strong: the paper's policy makes two changes, so that 2 has no effect; want 3"},
		{"mean_teacher", map[string]any{"labels": 5}, "strategy.labels: 5 labels cannot be as many of each of 4 classes; want a multiple"},
		{"rotation", map[string]any{"angles": 2}, ""},
		{"rotation", map[string]any{"angles": 8}, "strategy.angles: rotation: turns 8, want 2 or 4"},
		{"moco_v2", map[string]any{"queue": 64, "norm_groups": 64}, ""},
		{"moco_v2", map[string]any{"queue": 63}, "strategy.queue: 63 keys, want at least those of a batch, 64"},
		{"nnclr", map[string]any{"queue": 63}, "strategy.queue: 63 keys, want at least those of a batch, 64"},
		{"nnclr", map[string]any{"queue": 64}, ""},
		{"coarse_labels", nil, "strategy.groups: four has no groups of its own; want " + data.WantedGroups},
		{"coarse_labels", map[string]any{"groups": "classes"}, ""},
		{"pico", map[string]any{"queue": 63}, "strategy.queue: 63 keys, want at least those of a batch, 64"},
		{"pico", map[string]any{"queue": 64}, ""},
		{"jigsaw", map[string]any{"tiles": 3}, "strategy.tiles: jigsaw: tiles 3 a side do not divide images of 8×8"},
		{"jigsaw", map[string]any{"permutations": 25},
			"strategy.tiles: jigsaw: permutations 25, want at most 24, which is all that 2×2 tiles have"},
		{"simclr", map[string]any{"head": "linear", "projection": 64, "head_norm": true}, ""},
		{"simclr", map[string]any{"head": "linear", "hidden": 64},
			"strategy.hidden: the width of a hidden layer, which strategy.head=linear has not"},
		{"simclr", map[string]any{"head": "none", "projection": 64},
			"strategy.projection: the width of a projector, and strategy.head=none has none: the features are compared"},
		{"simclr", map[string]any{"head": "none", "head_norm": true},
			"strategy.head_norm: strategy.head=none has no layers to normalise"},
		{"moco_v2", map[string]any{"norm_groups": 7}, "strategy.norm_groups: a batch of 64 images cannot be divided into 7 groups"},
		{"co_teaching", map[string]any{"forget_rate": 63.0 / 64}, ""},
		{"distillation", map[string]any{"hard": true}, ""},
		{"distillation", map[string]any{"hard": true, "temperature": 2.0},
			"strategy.temperature: hard distillation has none, so that 2 has no effect; want 4"},
		{"distillation", map[string]any{"teacher_options": "depth=20"},
			"strategy.teacher_options: has no effect without strategy.teacher_model: the teacher is a network like the student"},
		{"distillation", map[string]any{"teacher_model": "resnet19"}, `strategy.teacher_model: unknown architecture "resnet19"` +
			": did you mean resnet18 or resnet101 or resnet152?"},
		{"distillation", map[string]any{"teacher_normalisation": "0.5 0.5"}, `strategy.teacher_normalisation: want one of cifar10, ` +
			`half, imagenet, none, or as many means as deviations, such as "0.5 0.5 0.5 / 0.2 0.2 0.2", got "0.5 0.5"`},
		{"co_teaching", map[string]any{"forget_rate": 0.985},
			"strategy.forget_rate: of a batch of 64 images none is left to learn from at 0.985"},
		{"jocor", map[string]any{"forget_rate": 63.0 / 64}, ""},
		{"jocor", map[string]any{"forget_rate": 0.985}, "strategy.forget_rate: of a batch of 64 images none is left to learn from at 0.985"},
		// The share in between is taken to a power, and may be the larger one.
		{"co_teaching", map[string]any{"forget_rate": 0.5, "exponent": 0.01, "ramp": 2},
			"strategy.forget_rate: of a batch of 64 images none is left to learn from at 0.5"},
		{"co_teaching", map[string]any{"forget_rate": 0.5, "exponent": 0.01, "ramp": 1}, ""},
	} {
		got := ""
		if _, err := stretches(t, c.strategy, c.given); err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%s with %v: %q, want %q", c.strategy, c.given, got, c.want)
		}
	}
}

// A set of fewer images than the usual number of neighbours is asked for as many as it has.
func TestNeighboursAreNoMoreThanImages(t *testing.T) {
	s, err := strategy.Lookup("byol")
	if err != nil {
		t.Fatal(err)
	}
	for train, want := range map[int]int{0: 1, 1: 1, 199: 199, 200: 200, 201: 200} {
		phases, err := s.Phases(s.Resolve(nil), strategy.About{Batch: 8, Count: map[string]int{"train": train, "test": 7}})
		if err != nil || phases[0].Measure[0].Options["k"] != want {
			t.Errorf("of %d images %v are neighbours (%v), want %d", train, phases[0].Measure[0].Options["k"], err, want)
		}
	}
}

func TestRegisterRefusesWhatIsIncomplete(t *testing.T) {
	phases := func(option.Settings, strategy.About) ([]strategy.Phase, error) { return nil, nil }
	for name, s := range map[string]strategy.Strategy{
		"twice": {Name: "elr", Phases: phases}, "no name": {Phases: phases}, "no phases": {Name: "another"},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s was registered", name)
				}
			}()
			strategy.Register(s)
		}()
	}
	if _, err := strategy.Lookup("simsim"); err == nil || !strings.Contains(err.Error(), `unknown strategy "simsim": did you mean simsiam`) {
		t.Errorf("an unknown name: %v", err)
	}
}
