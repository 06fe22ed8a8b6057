package strategytest

import (
	"slices"
	"strings"
	"testing"

	"workbench/experiments/strategy"
	"workbench/nn/plan"
)

// method is how a recording is repeated: the strategy's options, which stored pictures its views are, which labels.
type method struct {
	settings map[string]any
	scalars  map[string][]float64 // by step, in place of the strategy's own
	views    map[[2]any]string    // stream and view: name of the pictures
	batch    string               // the pictures whose number is the batch of ratio 1
	renamed  map[string]string    // names of states in the recording that are not the strategy's
	images   int                  // that the main stream has
	phase    string               // "": the first
	bare     bool                 // heads have no prefix, as those of a run of one phase
}

var methods = map[string]func(p peer) method{
	"byol": func(p peer) method {
		m := pair(map[string]any{})
		m.scalars = map[string][]float64{"tau": p.facts.Tau}
		return m
	},
	"simsiam": func(p peer) method {
		return pair(map[string]any{"bottleneck": 16, "stop_gradient": p.facts.Stops})
	},
	"moco_v2": func(p peer) method {
		return method{settings: map[string]any{"hidden": 16, "projection": 8, "temperature": p.facts.Temperature, "queue": 32,
			"tau": p.facts.Decay, "norm_groups": p.facts.Groups}, renamed: map[string]string{"queue": "pretrain.queue.keys"},
			views: map[[2]any]string{{"", 0}: "query", {"", 1}: "key"}, batch: "query"}
	},
	"fixmatch": func(p peer) method {
		return method{settings: map[string]any{"labels": 4, "mu": 7, "threshold": p.facts.Threshold, "lambda_u": p.facts.Weight},
			views: map[[2]any]string{{"labelled", 0}: "labelled", {"unlabelled", 0}: "weak", {"unlabelled", 1}: "strong"}, batch: "labelled"}
	},
	"flexmatch": func(p peer) method {
		m := matching(p, map[string]any{"threshold": p.facts.Threshold, "threshold_warm_up": p.facts.Rises})
		m.images, m.renamed = 84, map[string]string{"table": "memory.labels", "counts": "memory.counts"}
		return m
	},
	"freematch": func(p peer) method {
		m := matching(p, map[string]any{"momentum": p.facts.Momentum, "fairness_weight": p.facts.Fairness})
		m.renamed = map[string]string{"sureness": "memory.sureness", "probabilities": "memory.probabilities", "answers": "memory.answers"}
		return m
	},
	"pseudo_label": func(p peer) method {
		return few(p, map[string]any{"threshold": p.facts.Threshold}, "weak")
	},
	"pi_model": func(p peer) method { return few(p, map[string]any{}, "first", "second") },
	"mixmatch": func(p peer) method {
		return few(p, map[string]any{"temperature": p.facts.Temperature}, "first", "second")
	},
	"mean_teacher": func(p peer) method {
		return method{settings: map[string]any{"labels": 8, "mu": 2, "lambda_u": p.facts.Weight, "warm_up": p.facts.WarmUp,
			"decay": p.facts.Decay}, batch: "labelled",
			views: map[[2]any]string{{"labelled", 0}: "labelled", {"unlabelled", 0}: "first", {"unlabelled", 1}: "second"}}
	},
	"supervised": func(p peer) method {
		return method{settings: map[string]any{"loss": p.facts.Loss, "label_smoothing": p.facts.Smoothing},
			views: map[[2]any]string{{"", 0}: "image"}, batch: "image"}
	},
	"distillation": func(p peer) method {
		return method{settings: map[string]any{"teacher": "none", "temperature": p.facts.Temperature, "alpha": p.facts.Share,
			"hard": p.facts.Hard},
			views: map[[2]any]string{{"", 0}: "image"}, batch: "image"}
	},
	"elr": func(p peer) method {
		return method{settings: map[string]any{"beta": p.facts.Beta, "lambda": p.facts.Lambda}, images: 24, batch: "image",
			views: map[[2]any]string{{"", 0}: "image"}, renamed: map[string]string{"table": "memory.targets"}}
	},
	"co_teaching": func(p peer) method { return forgetful(p, nil) },
	"jocor":       func(p peer) method { return forgetful(p, map[string]any{"lambda": p.facts.Lambda}) },
	"proden": func(p peer) method {
		return method{settings: map[string]any{"update": p.facts.Update}, images: 24, batch: "image",
			views: map[[2]any]string{{"", 0}: "image"}, renamed: map[string]string{"table": "memory.targets"}}
	},
	"pico": func(p peer) method {
		m := method{images: 24, batch: "query", bare: true, views: map[[2]any]string{{"", 0}: "query", {"", 1}: "key"},
			settings: map[string]any{"hidden": 16, "projection": 8, "queue": 32, "temperature": p.facts.Temperature, "tau": p.facts.Decay,
				"contrast_weight": p.facts.Contrast, "prototype_momentum": p.facts.Momentum},
			renamed: map[string]string{"table": "memory.targets", "prototypes": "memory.prototypes", "queue": "queue.keys",
				"answers": "queue.answers"},
			scalars: map[string][]float64{"refines": p.facts.Refines, "keeps": slices.Clone(p.facts.Phi)}}
		for i, refines := range p.facts.Refines {
			m.scalars["keeps"][i] = 1 - refines*(1-p.facts.Phi[i])
		}
		return m
	},
	"coarse_labels": func(p peer) method {
		return method{settings: map[string]any{"groups": "one = 0, 3; other = 1-2"}, views: map[[2]any]string{{"", 0}: "image"}, batch: "image"}
	},
	"dividemix": func(p peer) method {
		m := method{phase: p.facts.Phase, images: 48, batch: "first", settings: map[string]any{"confidence_penalty": p.facts.Penalised},
			views: map[[2]any]string{{"", 0}: "first", {"", 1}: "second"},
			renamed: map[string]string{"first": "memory.right_by_first", "second": "memory.right_by_second",
				"precision": "memory.precision", "recall": "memory.recall"}}
		if p.facts.Phase != "divide" {
			m.batch, m.views = "image", map[[2]any]string{{"", 0}: "image"}
			return m
		}
		m.settings["temperature"], m.settings["p_threshold"] = p.facts.Temperature, p.facts.Threshold
		m.scalars = map[string][]float64{"weight": p.facts.Weights}
		return m
	},
	"confident_learning": func(p peer) method {
		return method{settings: map[string]any{"folds": p.facts.Folds}, images: 24, batch: "image",
			views: map[[2]any]string{{"", 0}: "image"}, renamed: map[string]string{"kept": "memory.kept"}}
	},
	"complementary": func(p peer) method {
		return method{settings: map[string]any{"complementary_loss": p.facts.Loss}, views: map[[2]any]string{{"", 0}: "image"}, batch: "image"}
	},
	"rotation": func(p peer) method {
		return method{settings: map[string]any{"every_angle": p.facts.EveryAngle}, views: map[[2]any]string{{"", 0}: "image"}, batch: "image"}
	},
	"simclr": func(p peer) method {
		m := pair(map[string]any{"temperature": p.facts.Temperature, "one_pass": p.facts.OnePass, "head_norm": p.facts.HeadNorm})
		if head := p.facts.Head; head != "" {
			m.settings["head"] = head
			delete(m.settings, "hidden")
			if head == "none" {
				delete(m.settings, "projection")
			}
		}
		return m
	},
	"barlow_twins": func(p peer) method {
		return pair(map[string]any{"lambda": p.facts.Lambda, "scale": p.facts.Scale, "one_pass": p.facts.OnePass})
	},
	"vicreg": func(p peer) method {
		return pair(map[string]any{"sim": p.facts.Invariance, "std": p.facts.Variance, "cov": p.facts.Covariance})
	},
	"supcon": func(p peer) method {
		return pair(map[string]any{"temperature": p.facts.Temperature, "base_temperature": p.facts.Base})
	},
	"dino": func(p peer) method {
		m := pair(map[string]any{"bottleneck": 8, "prototypes": 12, "temperature": p.facts.Temperature, "centre": p.facts.Keeps,
			"head_norm": p.facts.HeadNorm})
		m.scalars = map[string][]float64{"tau": p.facts.Tau, "teacher_temperature": p.facts.Sharp, "moves": p.facts.Moves}
		m.renamed = map[string]string{"centre": "pretrain.centre.mean"}
		return m
	},
	"swav": func(p peer) method {
		m := pair(map[string]any{"prototypes": 12, "temperature": p.facts.Temperature, "epsilon": p.facts.Epsilon,
			"iterations": p.facts.Iterations})
		m.scalars = map[string][]float64{"moves": p.facts.Moves}
		return m
	},
	"jigsaw": func(p peer) method {
		return method{settings: map[string]any{"hidden": 16, "tile_by_tile": p.facts.Apart}, views: map[[2]any]string{{"", 0}: "image"},
			batch: "image"}
	},
	"inpainting": func(p peer) method {
		return method{settings: map[string]any{"hidden": 16, "resolution": 2}, views: map[[2]any]string{{"", 0}: "image"}, batch: "image"}
	},
	"nnclr": func(p peer) method {
		m := pair(map[string]any{"temperature": p.facts.Temperature, "queue": 80, "predictor": 16})
		m.renamed = map[string]string{"queue": "pretrain.queue.keys"}
		return m
	},
}

// matching is a recording of FixMatch's kind.
func matching(p peer, settings map[string]any) method {
	settings["labels"], settings["mu"], settings["lambda_u"] = 4, 7, p.facts.Weight
	return method{settings: settings, batch: "labelled",
		views: map[[2]any]string{{"labelled", 0}: "labelled", {"unlabelled", 0}: "weak", {"unlabelled", 1}: "strong"}}
}

// few is a recording of labelled pictures, and of unlabelled ones in some views, whose loss gains weight.
func few(p peer, settings map[string]any, views ...string) method {
	n := len(p.facts.Label[0])
	settings["labels"], settings["mu"] = n, len(p.facts.Truth[0])/n
	settings["lambda_u"], settings["warm_up"] = p.facts.Weight, p.facts.WarmUp
	m := method{settings: settings, views: map[[2]any]string{{"labelled", 0}: "labelled"}, batch: "labelled"}
	for k, name := range views {
		m.views[[2]any{"unlabelled", k}] = name
	}
	return m
}

// pair is a recording of two views, whose widths are these.
func pair(settings map[string]any) method {
	settings["hidden"], settings["projection"] = 16, 8
	return method{settings: settings, views: map[[2]any]string{{"", 0}: "a", {"", 1}: "b"}, batch: "a"}
}

// forgetful is a recording of two networks that leave a part of each batch out.
func forgetful(p peer, settings map[string]any) method {
	kept := slices.Clone(p.facts.Forget)
	for i := range kept {
		kept[i] = 1 - kept[i]
	}
	return method{settings: settings, scalars: map[string][]float64{"kept": kept}, views: map[[2]any]string{{"", 0}: "image"}, batch: "image"}
}

// heads of networks, which have the phase's prefix where it has a name.
var heads = []string{"projector.", "predictor.", "prototypes.", "rotation.", "jigsaw.", "decoder.", "groups."}

// state is what the strategy calls a state of the recording: heads have the phase's prefix.
func (m method) state(name string) string {
	for _, head := range heads {
		if i := strings.Index(name, head); i >= 0 && !m.bare {
			return name[:i] + "pretrain." + name[i:]
		}
	}
	if other, renamed := m.renamed[name]; renamed {
		return other
	}
	return name
}

// inputs writes what a step reads.
func (m method) inputs(t *testing.T, p peer, inputs []strategy.Input, exe plan.Executable, step int) {
	t.Helper()
	floats, ints := exe.Floats, exe.Ints
	at := strategy.At{Step: step, Steps: len(p.facts.Losses)}
	stored := func(all [][]int32) []int32 { return all[step%len(all)] }
	random := func(string) uint64 { t.Fatal("an input is drawn at random"); return 0 }
	for _, in := range inputs {
		switch {
		case floats(in.Name) == nil && ints(in.Name) == nil: // of scalars that are told, and not recorded
		case in.What == strategy.Images:
			copy(floats(in.Name), p.batch(t, m.views[[2]any{in.Stream, in.View}], step))
		case in.What == strategy.TruthOf:
			copy(ints(in.Name), stored(p.facts.Truth))
		case in.What == strategy.ClassOf:
			copy(ints(in.Name), stored(p.facts.Label))
		case in.What == strategy.RowOf:
			copy(ints(in.Name), stored(p.facts.Index))
		case in.What == strategy.SoftOf:
			copy(floats(in.Name), slices.Concat(p.facts.Candidates[step%len(p.facts.Candidates)]...))
		case in.What == strategy.TargetOf:
			copy(ints(in.Name), stored(p.facts.Target))
		case strings.HasPrefix(in.Name, "order/"):
			copy(ints(in.Name), stored(p.facts.Permutation))
		case strings.HasPrefix(in.Name, "order back/"):
			for i, row := range stored(p.facts.Permutation) {
				ints(in.Name)[row] = int32(i)
			}
		case in.Name == "random/share":
			floats(in.Name)[0] = float32(p.facts.Mixed[step%len(p.facts.Mixed)])
		case in.Ints != nil:
			in.Ints(at, random, ints(in.Name))
		case in.Floats != nil:
			in.Floats(at, random, floats(in.Name))
		default:
			t.Fatalf("nothing is recorded for the input %s", in.Name)
		}
	}
}
