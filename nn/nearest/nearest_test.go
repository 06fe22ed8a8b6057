package nearest_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"workbench/nn/nearest"
)

func TestNames(t *testing.T) {
	good := []string{"resnet18", "resnet34", "vgg16", "añejo"}
	for name, want := range map[string][]string{
		"resnet_18": {"resnet18", "resnet34"}, "VGG16": {"vgg16"}, "anejo": {"añejo"}, "alexnet": nil, "": nil,
	} {
		if got := nearest.Names(name, good); !slices.Equal(got, want) {
			t.Errorf("%q: got %v, want %v", name, got, want)
		}
	}
	if got := nearest.Hint("vgg", []string{"vgg16", "alexnet", "vgg16", "alexnet"}); got != ": did you mean vgg16?" {
		t.Errorf("names that are there twice: %q", got)
	}
	if got := nearest.Hint("lenet5", []string{"vgg16", "densenet", "vgg16"}); got != ": want one of densenet, vgg16" {
		t.Errorf("names that are there twice: %q", got)
	}
	if got := nearest.Hint("resnet_81", nil); got != ": there are none" {
		t.Errorf("got %q", got)
	}
}

// Names of very different lengths are not compared letter by letter: a name may come from a file that means no good.
func TestLongNamesCostLittle(t *testing.T) {
	long, start := strings.Repeat("n", 3<<20), time.Now()
	for _, pair := range [][2]string{{long, "conv1.weight"}, {"conv1.weight", long}} {
		if got := nearest.Names(pair[0], slices.Repeat([]string{pair[1]}, 5)); got != nil {
			t.Errorf("got %d names", len(got))
		}
	}
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("took %v", took)
	}
}
