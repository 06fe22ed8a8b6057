package optim

import (
	"workbench/nn/option"
)

// Common are the options of every optimizer.
var Common = []option.Option{
	{Name: "lr", Default: 0.0, Above: true, Required: true, Doc: "peak learning rate; the schedule scales it"},
	{Name: "weight_decay", Default: 0.0,
		Doc: "L2 added to the gradient of weights; with adamw and lamb apart from the gradient"},
	{Name: "decay_all", Default: false, Doc: "decay biases and the parameters of norms too"},
	{Name: "clip_norm", Default: 0.0, Doc: "largest Euclidean norm of all gradients together; 0: any"},
	{Name: "clip_value", Default: 0.0, Doc: "largest element of a gradient; 0: any"},
	{Name: "ema", Default: 0.0, Max: 1, Below: true,
		Doc: "decay of a moving average of weights and running statistics, by which the network is evaluated; 0: none"},
	{Name: "ema_warmup", Default: false, Doc: "bound that decay by (1+n)/(10+n) after n steps"},
	{Name: "layer_decay", Default: 1.0, Max: 1, Above: true, Later: true,
		Doc: "factor of the learning rate from each block of the network to the one before it, so that layers near the image " +
			"move least; 1: all alike"},
	{Name: "layer_spread", Default: 1.0, Min: 1, Later: true,
		Doc: "learning rate of the last block over that of the first; those between rise by equal factors (fastai's slice(lr/100, lr) is 100)"},
	{Name: "unfreeze_every", Default: 0, Max: 10000, Later: true,
		Doc: "gradual unfreezing (Howard and Ruder 2018, arXiv 1801.06146, section 3.3): so many epochs the last block moves alone, " +
			"then with one more block after each as many; what waits is as frozen: true. 0: all move from the beginning"},
	{Name: "sam", Default: 0.0, Max: 1000, Later: true,
		Doc: "radius ρ of sharpness-aware minimisation (Foret et al. 2021, arXiv 2010.01412, who take 0.05): weights move by the gradient at " +
			"w + ρ·g/‖g‖, so that a step costs twice as much; batch norms see its first pass; 0: none"},
	{Name: "sam_adaptive", Default: false, Later: true,
		Doc: "measure that radius in units of the weights (Kwon et al. 2021, ASAM, arXiv 2102.11600, who take sam: 0.5)"},
	{Name: "swa", Default: 0.0, Max: 1, Below: true, Later: true,
		Doc: "share of a phase's epochs after which stochastic weight averaging begins (Izmailov et al. 2018, arXiv 1803.05407, who take " +
			"0.75): the network is evaluated by the equal average of the weights there and at the end of each later epoch, with statistics " +
			"of batch norms that are computed anew over the training images; 0: none"},
	{Name: "swa_lr", Default: 0.0, Later: true,
		Doc: "constant learning rate while those are averaged; 0: the schedule goes on"},
	{Name: "groups", Default: []option.Group(nil), Fields: groupFields,
		Want: "a list of groups such as [{match: layer1.**, lr_scale: 0.1}]",
		Doc: "parameters that are treated in another way, by lr_scale, weight_decay or frozen: true; a parameter belongs to the first " +
			"group that matches its path; a batch norm whose weight and bias are frozen keeps its statistics, too"},
}

// groupFields are what a parameter group says.
var groupFields = []option.Option{
	{Name: "match", Default: "", Required: true, Want: "a pattern of paths such as layer1.**", Doc: "paths of the parameters"},
	{Name: "lr_scale", Default: 1.0, Above: true, Want: "a number > 0 (frozen: true keeps parameters as they are)",
		Doc: "factor of the learning rate"},
	{Name: "weight_decay", Default: 0.0, Doc: "their weight decay, whatever their role; absent: as without the group"},
	{Name: "frozen", Default: false, Doc: "no gradient is computed, nothing moves; a batch norm whose weight and bias are both frozen " +
		"keeps its running statistics and normalises with them, as PyTorch's does in eval mode. Dropout goes on"},
}

// commonConflicts is what the settings of Common have against each other.
func commonConflicts(s option.Settings) []option.Conflict {
	var found []option.Conflict
	if s.Float("clip_norm") > 0 && s.Float("clip_value") > 0 {
		found = append(found, option.Conflict{Option: "clip_value", Message: "want one of optim.clip_norm and optim.clip_value, got both"})
	}
	if s.Float("layer_decay") != 1 && s.Float("layer_spread") != 1 {
		found = append(found, option.Conflict{Option: "layer_spread", Message: "want one of optim.layer_decay and optim.layer_spread, got both"})
	}
	if _, corrects := s["beta2"]; corrects && s.Int("unfreeze_every") > 0 && s["centered"] == nil {
		found = append(found, option.Conflict{Option: "unfreeze_every",
			Message: "the optimizer corrects its means by the updates of the whole phase, of which what is unfrozen later has had none; want sgd, " +
				"rmsprop or lars"})
	}
	if s.Bool("ema_warmup") && s.Float("ema") == 0 {
		found = append(found, option.Conflict{Option: "ema_warmup", Message: "needs optim.ema > 0, got 0"})
	}
	if s.Float("swa") > 0 && s.Float("ema") > 0 {
		found = append(found, option.Conflict{Option: "swa", Message: "want one of optim.swa and optim.ema, got both"})
	}
	if s.Float("swa_lr") > 0 && s.Float("swa") == 0 {
		found = append(found, option.Conflict{Option: "swa_lr", Message: "needs optim.swa > 0, got 0"})
	}
	if s.Bool("sam_adaptive") && s.Float("sam") == 0 {
		found = append(found, option.Conflict{Option: "sam_adaptive", Message: "needs optim.sam > 0, got 0"})
	}
	for i, g := range s.Groups("groups") {
		if problem := groupConflict(g); problem != "" {
			found = append(found, option.Conflict{Option: "groups", Message: groupName(i) + ": " + problem})
		}
	}
	return found
}
