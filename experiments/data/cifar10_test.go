package data_test

import (
	"context"
	"math"
	"os"
	"slices"
	"testing"

	"workbench/experiments/data"
)

// dataFolder is the folder that the environment variable WORKBENCH_DATA names. Without the variable there are no real
// files to read; the test passes and says so in its log (go test -v). The checks themselves are tested on forged files
// in any case.
func dataFolder(t *testing.T, what string) (dir string, there bool) {
	dir = os.Getenv("WORKBENCH_DATA")
	if dir == "" {
		t.Logf("WORKBENCH_DATA is not set: %s were NOT read", what)
	}
	return dir, dir != ""
}

func TestCIFAR10OfficialFiles(t *testing.T) {
	dir, there := dataFolder(t, "the official CIFAR-10 files")
	if !there {
		return
	}
	s, err := data.Open(context.Background(), "cifar10", dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	if s.Len(data.Train) != 50000 || s.Len(data.Test) != 10000 {
		t.Errorf("%d training and %d test images, want 50000 and 10000", s.Len(data.Train), s.Len(data.Test))
	}
	if want := "ca17d21615d7b439bef284afc09044d0b2f3c72017e8856e03552fd5a24d11c3"; s.Digest() != want {
		t.Errorf("digest %s, runs were recorded with %s", s.Digest(), want)
	}
	if o, known := data.OriginOf(s); !known || o.Official() != "yes" || o.Remark() != "" {
		t.Errorf("origin %+v, want the published files", o)
	}
	count := make([]int, 10)
	for i := range s.Len(data.Test) {
		count[s.Label(data.Test, i)]++
	}
	if !slices.Equal(count, slices.Repeat([]int{1000}, 10)) {
		t.Errorf("test images a class: %v, want 1000 each", count)
	}
	mean, variance := moments(s)
	for c := range 3 {
		if !(math.Abs(mean[c]) <= 0.001) || !(math.Abs(variance[c]-1) <= 0.001) {
			t.Errorf("channel %d of the training images has mean %.4f and variance %.4f, want about 0 and 1", c, mean[c], variance[c])
		}
	}
}

// moments returns the mean and the variance of every channel over the training images.
func moments(s data.Set) (mean, variance [3]float64) {
	n := 0.0
	for i := range s.Len(data.Train) {
		for j, v := range image(s, data.Train, i) {
			mean[j/1024] += float64(v)
			variance[j/1024] += float64(v) * float64(v)
		}
		n += 1024
	}
	for c := range mean {
		mean[c] /= n
		variance[c] = variance[c]/n - mean[c]*mean[c]
	}
	return mean, variance
}
