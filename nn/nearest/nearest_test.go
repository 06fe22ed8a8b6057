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
	zoo := []string{"resnet18", "resnet110", "resnet20_cifar", "preresnet20", "wide_resnet20", "resnet200", "vgg16_bn", "vgg16"}
	for name, want := range map[string][]string{
		"resnet20":  {"resnet200", "resnet20_cifar", "resnet110"}, // beginnings before names that are spelled alike
		"ResNet20_": {"resnet20_cifar", "resnet200", "resnet110"}, "vgg": {"vgg16", "vgg16_bn"},
		"net20": {"resnet200", "preresnet20", "wide_resnet20"},
		"vg":    nil,
	} {
		if got := nearest.Names(name, zoo); !slices.Equal(got, want) {
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
