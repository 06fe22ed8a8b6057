package strategy

import (
	"fmt"
	"slices"

	"workbench/nn/optim"
	"workbench/nn/option"
)

// Ways of fine-tuning that follow a pretraining, beside finetune and lp_ft. What is not the same as in their sources is
// said here and in the options.
const (
	gradual  = "gradual" // ULMFiT's gradual unfreezing
	fastai   = "fastai"  // fastai's fine_tune, in two phases
	freeze   = "freeze"
	unfreeze = "unfreeze"
	bit      = "bit" // BiT-HyperRule
)

// statisticsOption is of strategies that fine-tune.
var statisticsOption = option.Option{Name: "frozen_statistics", Default: false, Later: true,
	Doc: "batch norms keep the statistics of the pretraining and normalise with them while the network is fine-tuned (torchvision's " +
		"FrozenBatchNorm2d; Kornblith et al. 2019, arXiv 1805.08974); their scales and shifts move"}

// fastaiOptimizer is that of fastai's Learner: Adam with decay apart, whose momentum the cycle moves. Each of the two
// phases begins it anew, where fastai keeps the state of what has moved.
func fastaiOptimizer(rate float64, own map[string]any) map[string]any {
	all := map[string]any{"optim.name": "adamw", "optim.lr": rate, "optim.momentum": 0.95, "optim.beta2": 0.99, "optim.epsilon": 1e-5,
		"optim.weight_decay": 0.01, "schedule.name": "one_cycle", "schedule.base_momentum": 0.85, "schedule.fastai": true,
		"schedule.warmup_epochs": 0.0}
	for path, value := range own {
		all[path] = value
	}
	return all
}

func init() {
	settingsAfter[freeze] = fastaiOptimizer(2e-3, map[string]any{"epochs": 1, "schedule.pct_start": 0.99,
		"schedule.div_factor": 25.0, "schedule.final_div_factor": 1e5 / 25})
	settingsAfter[unfreeze] = fastaiOptimizer(1e-3, map[string]any{"epochs": 10, "schedule.pct_start": 0.3,
		"schedule.div_factor": 5.0, "schedule.final_div_factor": 1e5 / 5, "optim.layer_spread": 100.0})
	// Slanted triangular rates from lr/32 to lr in a tenth of the phase and back, and 1/2.6 of the rate for each block
	// before another (Howard and Ruder 2018, sections 3.2 and 3.3).
	settingsAfter[gradual] = map[string]any{"epochs": 10, "optim.name": "sgd", "optim.lr": 0.01, "optim.momentum": 0.9,
		"optim.weight_decay": 1e-4, "optim.unfreeze_every": 1, "optim.layer_decay": 1 / 2.6, "schedule.name": "one_cycle",
		"schedule.pct_start": 0.1, "schedule.div_factor": 32.0, "schedule.final_div_factor": 1.0, "schedule.linear": true,
		"schedule.warmup_epochs": 0.0}
	settingsAfter[bit] = map[string]any{"optim.name": "sgd", "optim.lr": 0.003, "optim.momentum": 0.9, "optim.weight_decay": 0.0,
		"schedule.name": "bit", "schedule.warmup_epochs": 0.0}
}

// tuned completes a phase that moves the whole network.
func (p *Phase) tuned(s option.Settings, about About) {
	p.FixedStatistics = s.Bool(statisticsOption.Name)
	switch p.Name {
	case freeze: // fastai's freeze leaves normalisations trained, at the rate of all groups but the last
		p.Trainable, p.Norms = []string{freeze + ".**"}, 0.1
	case bit:
		p.byHyperRule(about)
	}
}

// byHyperRule gives a phase what BiT's rule says for so many images (Kolesnikov et al. 2020, section 3.3). The rule
// also wants images of 128 pixels, or 480 of large ones; here they have the size that the data set gives them.
func (p *Phase) byHyperRule(about About) {
	images := about.Count["train"]
	p.Streams[0].Mixed = true
	p.Rule = map[string]any{"length": fmt.Sprintf("%d %s", optim.BiTSteps(images), UnitSteps), "batch": max(1, min(512, images))}
	if images >= 20_000 {
		p.Rule["augment.mixup"] = 0.1
	}
}

// follows says what is wrong with the settings of what follows a pretraining.
func follows(s option.Settings) error {
	tunes := slices.ContainsFunc(following[s.String("then")], func(phase string) bool { return phase != probing })
	if s.Bool(statisticsOption.Name) && !tunes {
		return fmt.Errorf("strategy.%s: with strategy.then=%s nothing is fine-tuned", statisticsOption.Name, s.String("then"))
	}
	return caches(s)
}
