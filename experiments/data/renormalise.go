package data

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"workbench/nn/nearest"
)

// Normalised is the info of the same images normalised by other statistics: a name such as imagenet, or the means of
// the channels and their deviations, as in "0.5 0.5 0.5 / 0.2 0.2 0.2". An empty text changes nothing.
func (n Info) Normalised(text string) (Info, error) {
	if text == "" {
		return n, nil
	}
	chosen, is := named[text]
	if !is {
		var err error
		if chosen, err = parseStatistics(text); err != nil {
			return n, err
		}
	}
	var err error
	if n.Mean, err = perChannel(chosen.mean, n.Channels); err == nil {
		n.Std, err = perChannel(chosen.std, n.Channels)
	}
	return n, err
}

func parseStatistics(text string) (s statistics, err error) {
	means, stds, both := strings.Cut(text, "/")
	for _, part := range []struct {
		words       string
		to          *[]float64
		least, most float64
	}{{means, &s.mean, 0, 1}, {stds, &s.std, leastDeviation, 1}} {
		for _, word := range strings.Fields(part.words) {
			x, err := strconv.ParseFloat(word, 64)
			if err != nil || !(x >= part.least && x <= part.most) {
				return s, fmt.Errorf("%q: want a number from %v to %v%s", word, part.least, part.most,
					nearest.Hint(word, slices.Sorted(maps.Keys(named))))
			}
			*part.to = append(*part.to, x)
		}
	}
	if !both || len(s.mean) == 0 || len(s.mean) != len(s.std) {
		return s, fmt.Errorf("want one of %s, or as many means as deviations, such as \"0.5 0.5 0.5 / 0.2 0.2 0.2\", got %q",
			strings.Join(slices.Sorted(maps.Keys(named)), ", "), text)
	}
	return s, nil
}

// Statistics are those of the info as Normalised reads them.
func (n Info) Statistics() string {
	words := func(values []float64, none float64) string {
		all := make([]string, n.Channels)
		for c := range all {
			all[c] = strconv.FormatFloat(ofChannel(values, c, none), 'g', -1, 64)
		}
		return strings.Join(all, " ")
	}
	return words(n.Mean, 0) + " / " + words(n.Std, 1)
}

// To is what turns a value of a channel that is normalised as n says into one that is normalised as other says: factor
// times the value plus shift. same says that nothing changes.
func (n Info) To(other Info) (factor, shift []float32, same bool) {
	same = true
	for c := range n.Channels {
		mean, std := ofChannel(n.Mean, c, 0), ofChannel(n.Std, c, 1)
		to, wide := ofChannel(other.Mean, c, 0), ofChannel(other.Std, c, 1)
		factor, shift = append(factor, float32(std/wide)), append(shift, float32((mean-to)/wide))
		same = same && mean == to && std == wide
	}
	return factor, shift, same
}

// ofChannel is a channel's value, or the one that stands for none.
func ofChannel(values []float64, c int, none float64) float64 {
	if values == nil {
		return none
	}
	return values[c]
}
