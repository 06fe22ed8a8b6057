package optim_test

import (
	"slices"
	"testing"

	"workbench/nn/optim"
	"workbench/nn/option"
)

// defaults are what each optimizer and each schedule does if a study says nothing, with the source of the number.
// PyTorch's are those of the signatures of version 1.13. Where the project's default is another, the line says so.
var defaults = map[string]map[string]any{
	"sgd":        {"momentum": 0.9 /* torch.optim.SGD: 0 */, "dampening": 0.0, "nesterov": false},
	"adam":       {"momentum": 0.9, "beta2": 0.999, "epsilon": 1e-8}, // torch.optim.Adam; Kingma and Ba 2015, algorithm 1
	"adamw":      {"momentum": 0.9, "beta2": 0.999, "epsilon": 1e-8}, // torch.optim.AdamW
	"rmsprop":    {"momentum": 0.9 /* torch.optim.RMSprop: 0 */, "beta2": 0.99, "epsilon": 1e-8, "centered": false},
	"rmsprop_tf": {"momentum": 0.9 /* tf.compat.v1.train.RMSPropOptimizer: 0 */, "beta2": 0.9, "epsilon": 1e-10, "centered": false},
	"lars":       {"momentum": 0.9, "trust": 0.001},                  // You, Gitman and Ginsburg 2017, section 5
	"lamb":       {"momentum": 0.9, "beta2": 0.999, "epsilon": 1e-6}, // You et al. 2020, section 4
	"every optimizer": {"lr": 0.0, "weight_decay": 0.0 /* torch.optim.AdamW: 0.01 */, "decay_all": false, "clip_norm": 0.0, "clip_value": 0.0,
		"ema": 0.0, "ema_warmup": false, "layer_decay": 1.0, "layer_spread": 1.0, "unfreeze_every": 0, "sam": 0.0, "sam_adaptive": false,
		"swa": 0.0, "swa_lr": 0.0, "groups": []option.Group(nil)},

	"constant":    {},
	"step":        {"milestones": []float64(nil), "gamma": 0.1},      // MultiStepLR
	"cosine":      {"floor": 0.0},                                    // CosineAnnealingLR's eta_min
	"restarts":    {"period": 0.0, "growth": 1.0, "floor": 0.0},      // CosineAnnealingWarmRestarts' T_0 (none), T_mult and eta_min
	"polynomial":  {"power": 1.0, "floor": 0.0},                      // PolynomialLR
	"exponential": {"gamma": 0.0, "period": 1.0, "staircase": false}, // ExponentialLR's gamma (none), at every epoch
	"one_cycle": {"pct_start": 0.3, "div_factor": 25.0, "final_div_factor": 1e4, "linear": false, "fastai": false, // OneCycleLR
		"base_momentum": 0.0 /* OneCycleLR cycles to 0.85 */},
	"bit":            {},
	"every schedule": {"warmup_epochs": 0.0},
}

func TestDefaultsAreThoseOfTheirSources(t *testing.T) {
	declared := map[string][]option.Option{"every optimizer": optim.Common, "every schedule": optim.CommonSchedule}
	for _, name := range optim.Names() {
		o, err := optim.Lookup(name)
		if err != nil {
			t.Fatal(err)
		}
		declared[name] = o.Options
	}
	for _, name := range optim.ScheduleNames() {
		declared[name] = schedule(t, name).Options
	}
	for name, options := range declared {
		t.Run(name, func(t *testing.T) {
			want, known := defaults[name]
			if !known {
				t.Fatalf("defaults has no row for %s: give its defaults, and from where they are", name)
			}
			sameDefaults(t, options, want)
		})
	}
	for name := range defaults {
		if _, there := declared[name]; !there {
			t.Errorf("defaults has %s, which is not registered", name)
		}
	}
}

func sameDefaults(t *testing.T, options []option.Option, want map[string]any) {
	t.Helper()
	for _, o := range options {
		if source, known := want[o.Name]; !known {
			t.Errorf("%s has the default %v, and no line says from where", o.Name, o.Default)
		} else if !option.Equal(o.Default, source) {
			t.Errorf("%s has the default %v, its source says %v", o.Name, o.Default, source)
		}
	}
	for name := range want {
		if !slices.Contains(option.Names(options), name) {
			t.Errorf("there is no option %s", name)
		}
	}
}
