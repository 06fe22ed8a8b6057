package diagnosis

import (
	"fmt"
	"math"

	"workbench/experiments/portrait"
)

// rule finds one thing. Comparisons with a number that is not known are false, so a rule without its numbers is silent.
type rule struct {
	name  string
	try   string
	finds func(s Signs) (Finding, bool)
}

var rules = []rule{
	{Divergence, "a learning rate a tenth as large, a warm-up (schedule.warmup_epochs) or bounded gradients (optim.clip_norm: 1)", diverges},
	{Normalisation, "dataset.normalisation: own; dataset.mean and dataset.std are of pixels from 0 to 1, not of 0 to 255", scaled},
	{Statistics, "a larger model.bn_momentum or a longer training, so that running statistics settle", unsettled},
	{Frozen, "move these layers (optim.groups), or begin with weights that were trained (start.from)", stays},
	{RateTooLarge, "a learning rate a tenth as large; lr-find draws the loss over rates", strides},
	{RateTooSmall, "a learning rate ten times as large; lr-find draws the loss over rates", creeps},
	{DeadUnits, "a smaller learning rate, a norm (model.norm) or model.activation: leaky_relu; look at the biases", dies},
	{Collapse, "another strength of augmentation, a larger batch, or another temperature", collapses},
	{NoSignal, "look at images and labels together (data show): labels of other images, or of no use", meaningless},
	{Memorised, "stop early (patience), or a loss that bears wrong labels (strategy.loss: gce; strategy.name: elr)", memorised},
	{OverFitting, "more images, augmentation, weight decay or a smaller network; stop early (patience)", overfits},
	{UnderFitting, "a longer training, a larger network, less weight decay or augmentation", underfits},
	{Plateau, "another learning rate or schedule; see whether gradients reach the first layers (layers)", stands},
	{Starvation, "lighter augmentation, smaller pictures on disk, or more threads for loading", starves},
}

func number(of string, value, bound float64) Evidence {
	return Evidence{of, portrait.Number(value), portrait.Number(bound)}
}

func found(says string, evidence ...Evidence) (Finding, bool) {
	return Finding{Says: says, Evidence: evidence}, true
}

func diverges(s Signs) (Finding, bool) {
	switch {
	case s.Diverged || s.Epochs > 0 && (math.IsNaN(s.Last) || math.IsInf(s.Last, 0)):
		return found("the loss became no number", number("train/loss", s.Last, math.NaN()))
	case s.part(math.Max(s.First, s.Highest)) > highLoss:
		return found("the mean loss of an epoch is far above that of guessing",
			number("train/loss", math.Max(s.First, s.Highest), highLoss*s.Guessing))
	}
	return Finding{}, false
}

func scaled(s Signs) (Finding, bool) {
	if s.Pixels > widestPixels {
		return found("pixels span far more than a network's images do", number("1/dataset.std", s.Pixels, widestPixels))
	}
	if s.Pixels < flatPixels {
		return found("pixels span nearly nothing", number("1/dataset.std", s.Pixels, flatPixels))
	}
	return Finding{}, false
}

func unsettled(s Signs) (Finding, bool) {
	if s.Settled < settledShare {
		return found("running statistics are still those of their start", number("model.bn_momentum over the steps", s.Settled, settledShare))
	}
	return Finding{}, false
}

func stays(s Signs) (Finding, bool) {
	if s.Drawn && s.Moving < mostMoves {
		return found("most parameters stay as they were drawn", number("share of parameters that move", s.Moving, mostMoves))
	}
	return Finding{}, false
}

func strides(s Signs) (Finding, bool) {
	if s.Ratio > largeStep {
		return found("a step changes the weights by a large part of them", number("update/weight", s.Ratio, largeStep))
	}
	return Finding{}, false
}

func creeps(s Signs) (Finding, bool) {
	if s.Ratio < smallStep && s.part(s.Last) > fitted {
		return found("steps hardly change the weights, and the loss is still large", number("update/weight", s.Ratio, smallStep),
			number("train/loss", s.Last, fitted*s.Guessing))
	}
	return Finding{}, false
}

func dies(s Signs) (Finding, bool) {
	if s.Dead >= mostlyDead {
		return found(fmt.Sprintf("units of %s are 0 for all images of a batch", s.DeadLayer), number("share of dead units", s.Dead, mostlyDead))
	}
	return Finding{}, false
}

func collapses(s Signs) (Finding, bool) {
	if s.collapsed {
		return found(s.collapse.String(), number(s.collapse.Where()+"/feature_spread", s.collapse.Spread, s.collapse.LeastSpread))
	}
	return Finding{}, false
}

// guesses tells whether answers to new images are hardly better than guesses.
func (s Signs) guesses() bool { return s.BestTop1 < guessed*s.guess() }

func meaningless(s Signs) (Finding, bool) {
	if s.guesses() && s.Ratio >= smallStep && s.Ratio <= largeStep && s.Dead < mostlyDead {
		return found("steps have a usual size, and new images are answered as by guessing", number("test/top1", s.BestTop1, guessed*s.guess()),
			number("update/weight", s.Ratio, smallStep))
	}
	return Finding{}, false
}

func memorised(s Signs) (Finding, bool) {
	if s.Memorised > memorises {
		return found("images with a wrong label are answered with that label", number("train/memorised", s.Memorised, memorises))
	}
	return Finding{}, false
}

func overfits(s Signs) (Finding, bool) {
	if s.TrainTop1 > learnt && s.TrainTop1-s.TestTop1 > gap {
		return found("training images are learnt, and new ones are not", number("train/top1", s.TrainTop1, learnt),
			number("train/top1 − test/top1", s.TrainTop1-s.TestTop1, gap))
	}
	return Finding{}, false
}

func underfits(s Signs) (Finding, bool) {
	if s.part(s.Last) > unfitted && !s.noisy {
		return found("the training images are not learnt", number("train/loss", s.Last, unfitted*s.Guessing))
	}
	return Finding{}, false
}

func stands(s Signs) (Finding, bool) {
	if s.Epochs >= 4 && math.Abs(s.Half-s.Last) < standing*s.Half && s.part(s.Last) > fitted {
		return found("the second half of the training changed nothing", number("train/loss", s.Last, fitted*s.Guessing),
			number("its change", s.Half-s.Last, standing*s.Half))
	}
	return Finding{}, false
}

func starves(s Signs) (Finding, bool) {
	if s.Wait > longWait {
		return found("training waits for images", number("train/data_wait", s.Wait, longWait))
	}
	return Finding{}, false
}
