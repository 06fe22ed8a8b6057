// Package sheet looks at data sets as people do: what is in them, and how it looks to a training.
package sheet

import (
	"context"
	"fmt"
	"math"

	"workbench/experiments/data"
)

// Histogram counts the images of each class of a split. The last number is that of images without a label.
func Histogram(set data.Set, split data.Split) []int {
	counts := make([]int, len(set.Info().Classes)+1)
	for i := range set.Len(split) {
		label := set.Label(split, i)
		if label < 0 || label >= len(counts)-1 {
			label = len(counts) - 1
		}
		counts[label]++
	}
	return counts
}

// Moments are the mean and the standard deviation of each channel over all pixels of a split, where 0 is black and 1 is
// full. They are exact but for the rounding of the last division: how often each of the 256 values occurs is counted,
// image by image.
func Moments(ctx context.Context, set data.Set, split data.Split) (mean, std []float64, err error) {
	info := set.Info()
	raw, plane := make([]uint8, info.Size()), info.Height*info.Width
	counts := make([][256]uint64, info.Channels)
	for i := range set.Len(split) {
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		if err := set.Pixels(split, i, raw); err != nil {
			return nil, nil, fmt.Errorf("image %d of the %s split: %w", i, split, err)
		}
		for c := range counts {
			for _, v := range raw[c*plane : (c+1)*plane] {
				counts[c][v]++
			}
		}
	}
	for c := range counts {
		m, s := moments(&counts[c])
		mean, std = append(mean, m), append(std, s)
	}
	return mean, std, nil
}

// moments of values that occur so often; NaN if none does.
func moments(counts *[256]uint64) (mean, std float64) {
	var n, sum uint64
	for v, k := range counts {
		n, sum = n+k, sum+k*uint64(v)
	}
	mean = float64(sum) / float64(n)
	var squares float64
	for v, k := range counts {
		d := float64(v) - mean
		squares += float64(k) * d * d
	}
	return mean / 255, math.Sqrt(squares/float64(n)) / 255
}
