package data

import (
	"fmt"
	"slices"

	"workbench/nn/option"
)

// noNoise is the kind of noise that leaves labels as they are.
const noNoise = "none"

// Common are the options of every data set: which of its training images a run uses, and with which labels, and how
// values are normalised. Images and labels are drawn by the run's seed, so runs of one seed have the same ones.
var Common = slices.Concat(chosen, []Option{classesOption}, normalisationOptions)

var chosen = []Option{
	{Name: "val", Default: 0.0, Max: 1, Below: true, Later: true,
		Doc: "share of the training images, of each class, that is held out and evaluated as val/… (0: none, so nothing but the test " +
			"split can be chosen by)"},
	{Name: "per_class", Default: 0, Max: 1 << 24, Later: true, Doc: "training images of each class that are used; 0: all"},
	{Name: "share", Default: 0.0, Max: 1, Later: true, Doc: "share of each class's training images that is used; 0: all"},
	{Name: "label_noise", Default: noNoise, Choices: slices.Concat([]string{noNoise}, kinds()), Later: true,
		Doc: "how training labels are made wrong; held-out images keep theirs. symmetric: another class; symmetric_inclusive: any class, " +
			"the right one too; pairflip: the next class; asymmetric: CIFAR-10's look-alikes"},
	{Name: "label_noise_rate", Default: 0.0, Max: 1, Later: true, Doc: "share of each class that noise changes"},
}

func kinds() []string {
	names, _ := NoiseKinds()
	return names
}

// All are the source's own options and those of every data set.
func (s Source) All() []Option { return slices.Concat(s.Options, Common) }

// Conflicts is what common settings have against each other.
func Conflicts(s Settings) []option.Conflict {
	var found []option.Conflict
	if s.Int("per_class") > 0 && s.Float("share") > 0 {
		found = append(found, option.Conflict{Option: "share", Message: "want one of dataset.per_class and dataset.share, got both"})
	}
	if noisy := s.String("label_noise") != noNoise; noisy != (s.Float("label_noise_rate") > 0) {
		found = append(found, option.Conflict{Option: "label_noise_rate",
			Message: "want dataset.label_noise and dataset.label_noise_rate together, or neither"})
	}
	return append(found, conflictsOfNormalisation(s)...)
}

// Choose returns what a run with such settings of Common trains on, and what it holds out: without val the set's own
// validation split, or nothing if it has none.
func Choose(set Set, given map[string]any, seed uint64) (train, val Part, err error) {
	s := option.Complete(Common, given)
	train, val = Part{Set: set, Split: Train}, Part{Set: set, Split: Train, Index: []int32{}}
	switch share := s.Float("val"); {
	case share == 0 && set.Len(Val) > 0:
		val.Split, val.Index = Val, nil
	case share > 0:
		if train, val, err = Hold(train, share, seed); err != nil {
			return train, val, fmt.Errorf("dataset.val: %w", err)
		}
	}
	chosen := Subset{PerClass: s.Int("per_class"), Share: s.Float("share"), Seed: seed}
	if train, err = chosen.Of(train); err != nil {
		return train, val, fmt.Errorf("dataset.per_class, dataset.share: %w", err)
	}
	train.Labels = relabel(train)
	if s.String("label_noise") != noNoise {
		if train, err = (Noise{Kind: s.String("label_noise"), Rate: s.Float("label_noise_rate"), Seed: seed}).Of(train); err != nil {
			return train, val, fmt.Errorf("dataset.label_noise: %w", err)
		}
	}
	return train, val, nil
}
