// Package mixing holds how the images of a training batch are mixed with one another, and their labels with them, as
// mixup and CutMix do. It knows batches, not data sets. Its options are keys of a study's section "augment".
//
// Images are mixed after they are normalised. The partner of an image is the one before it in the batch, and of the
// first one the last, as in torchvision's v2 transforms (a roll by one): batches are shuffled, so that is a random
// partner, and never the image itself. One share is drawn a batch. Whether a batch is mixed, and by which of the two
// where both are on, is drawn as timm's Mixup does in its mode "batch".
package mixing

import (
	"maps"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/stat/distuv"

	"workbench/nn/option"
	"workbench/nn/rng"
)

// mostAlpha is a bound of alpha, where the share is close to a half already.
const mostAlpha = 1000

// Options that say how batches are mixed. The first two turn it on.
var Options = []option.Option{
	{Name: "mixup", Default: 0.0, Max: mostAlpha,
		Doc: "alpha of the distribution Beta(alpha, alpha) of the share in which an image is averaged with another of the batch, and its " +
			"label with it; 0: not done (Zhang et al. 2018, mixup, arXiv 1710.09412)"},
	{Name: "cutmix", Default: 0.0, Max: mostAlpha,
		Doc: "alpha of Beta(alpha, alpha), by which a box of another image of the batch is pasted into an image, and as much of its " +
			"label into the label; 0: not done (Yun et al. 2019, CutMix, arXiv 1905.04899)"},
	{Name: "mix_probability", Default: 1.0, Max: 1, Above: true, Doc: "probability that the images of a batch are mixed"},
	{Name: "mix_switch", Default: 0.5, Max: 1, Doc: "probability of cutmix in place of mixup where both are on"},
}

// Active are the options that have an effect beside the given ones.
func Active(given map[string]any) []option.Option {
	m := settings(given)
	switch {
	case m.Mixup > 0 && m.Cutmix > 0:
		return Options
	case m.On():
		return Options[:3]
	}
	return nil
}

// Needs is the option without which another of Options has no effect beside the given ones, with what it turns on; ok
// is false if the other is none of them.
func Needs(name string, given map[string]any) (by option.Option, what string, ok bool) {
	switch m := settings(given); name {
	case "mixup", "cutmix":
		by, _ = option.Find(Options, name)
		return by, name, true
	case "mix_probability":
		return Options[0], "mixing (as augment.cutmix does)", true
	case "mix_switch":
		if by = Options[0]; m.Mixup > 0 {
			by = Options[1]
		}
		return by, "the choice between mixup and cutmix", true
	}
	return by, "", false
}

// Mixing is what is done to every batch. The zero value does nothing.
type Mixing struct {
	Mixup, Cutmix float64 // alpha of Beta(alpha, alpha); 0: not done
	Probability   float64 // that a batch is mixed
	Switch        float64 // probability of cutmix where both are on
}

// On tells whether anything is mixed.
func (m Mixing) On() bool { return m.Mixup > 0 || m.Cutmix > 0 }

// Name is the option by which images are mixed, the first of both; "" if none are.
func (m Mixing) Name() string {
	switch {
	case m.Mixup > 0:
		return "mixup"
	case m.Cutmix > 0:
		return "cutmix"
	}
	return ""
}

// Apart takes the settings of a study's section "augment" apart: what is done to single images, and to batches.
func Apart(given map[string]any) (images map[string]any, m Mixing) {
	images = maps.Clone(given)
	for _, o := range Options {
		delete(images, o.Name)
	}
	return images, settings(given)
}

func settings(given map[string]any) Mixing {
	s := option.Complete(Options, given)
	return Mixing{Mixup: s.Float("mixup"), Cutmix: s.Float("cutmix"), Probability: s.Float("mix_probability"), Switch: s.Float("mix_switch")}
}

// Draw is what happens to a batch of pictures of a size, by a key of random numbers.
func (m Mixing) Draw(key uint64, height, width int) Mix {
	r := rng.New(key, "mix")
	if mixes := r.Float64() < m.Probability; !mixes || !m.On() {
		return Mix{Own: 1}
	}
	if m.Mixup == 0 || m.Cutmix > 0 && r.Float64() < m.Switch {
		return pasted(Beta(m.Cutmix, r), r.IntN(width), r.IntN(height), height, width)
	}
	return Mix{Own: Beta(m.Mixup, r)}
}

// Beta draws from Beta(alpha, alpha). Where alpha is so small that both of its gamma variates are 0, the distribution
// is all at 0 and 1, which mean the same to a whole batch.
func Beta(alpha float64, r *rand.Rand) float64 {
	if x := (distuv.Beta{Alpha: alpha, Beta: alpha, Src: r}).Rand(); !math.IsNaN(x) {
		return x
	}
	return 1
}
