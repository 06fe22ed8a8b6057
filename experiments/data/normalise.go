package data

import (
	"fmt"
	"maps"
	"slices"

	"workbench/nn/option"
)

// Statistics are the mean and the standard deviation by channel with which raw values, taken as 0 to 1, are normalised.
type statistics struct{ mean, std []float64 }

// ownStatistics stands for the statistics that a set has of itself.
const ownStatistics = "own"

// named are statistics in common use, which weights from elsewhere may have been trained with.
var named = map[string]statistics{
	"imagenet": {[]float64{0.485, 0.456, 0.406}, []float64{0.229, 0.224, 0.225}}, // torchvision's weights
	"cifar10":  {cifar10.Mean, cifar10.Std},
	"half":     {[]float64{0.5, 0.5, 0.5}, []float64{0.5, 0.5, 0.5}}, // from −1 to 1
	"none":     {},                                                   // from 0 to 1
}

// leastDeviation is far below the step of 1/255 from one value of a pixel to the next: less is a mistake.
const leastDeviation = 0.0001

// normalisationOptions are the options of every set that say how its values are normalised.
var normalisationOptions = []Option{
	{Name: "normalisation", Default: ownStatistics, Choices: slices.Concat([]string{ownStatistics}, slices.Sorted(maps.Keys(named))),
		Later: true, Doc: "by which mean and deviation pixels are normalised: own: the data set's; imagenet: those of torchvision's weights; " +
			"cifar10: CIFAR-10's; half: 0.5 and 0.5; none: pixels from 0 to 1"},
	{Name: "mean", Default: []float64(nil), Max: 1, Alone: true, Later: true, Want: "a number from 0 to 1 for each channel, or one for all",
		Doc: "mean of the pixels, of which 1 is full, in place of normalisation's"},
	{Name: "std", Default: []float64(nil), Min: leastDeviation, Alone: true, Later: true,
		Want: fmt.Sprintf("a number of at least %v for each channel, or one for all", leastDeviation),
		Doc:  "standard deviation of the pixels in place of normalisation's"},
}

// conflictsOfNormalisation is what settings of normalisation have against each other.
func conflictsOfNormalisation(s Settings) []option.Conflict {
	mean, std := s.Floats("mean"), s.Floats("std")
	switch {
	case (mean == nil) != (std == nil):
		return []option.Conflict{{Option: "std", Message: "want dataset.mean and dataset.std together, or neither"}}
	case mean != nil && s.String("normalisation") != ownStatistics:
		return []option.Conflict{{Option: "normalisation", Message: "want dataset.normalisation or dataset.mean and dataset.std, got both"}}
	}
	return nil
}

// normalised is the set with the statistics that settings of normalisation give it.
func normalised(set Set, given map[string]any) (Set, error) {
	s := option.Complete(normalisationOptions, given)
	chosen, is := named[s.String("normalisation")]
	if mean := s.Floats("mean"); mean != nil {
		chosen, is = statistics{mean, s.Floats("std")}, true
	}
	if !is {
		return set, nil
	}
	info := set.Info()
	var err error
	if info.Mean, err = perChannel(chosen.mean, info.Channels); err == nil {
		info.Std, err = perChannel(chosen.std, info.Channels)
	}
	if err != nil {
		return nil, &OptionError{"mean", err}
	}
	return renormalised{set, info}, nil
}

// perChannel gives every channel a value. The mean of three stands for a grey channel, as its weights would be summed.
func perChannel(values []float64, channels int) ([]float64, error) {
	switch {
	case len(values) == 0 || len(values) == channels:
		return values, nil
	case len(values) == 1:
		return slices.Repeat(values, channels), nil
	case len(values) == 3 && channels == 1:
		return []float64{(values[0] + values[1] + values[2]) / 3}, nil
	}
	return nil, fmt.Errorf("%d numbers to normalise by, want one for each of the %d channels, or one for all", len(values), channels)
}

type renormalised struct {
	Set
	info Info
}

func (r renormalised) Info() Info { return r.info }

func (r renormalised) Unwrap() Set { return r.Set }
