package bench

import (
	"maps"
	"strings"
	"testing"

	"workbench/nn/zoo"
)

// tiny is a network whose step takes a moment with the reference kernels.
func tiny(inference bool) Case {
	return Case{Model: "resnet_mini", Options: map[string]any{"depth": 8, "width": 2}, Batch: 4, Input: [3]int{3, 8, 8}, Classes: 3,
		Inference: inference, Precision: Float32, Threads: 1}
}

func TestNewCase(t *testing.T) {
	c, err := NewCase(Case{Model: "resnet18", Options: map[string]any{"stem": "small", "shortcut": "projection"}, Batch: 2,
		Input: [3]int{0, 64, 0}, Precision: Float32, Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	if want := map[string]any{"stem": "small"}; !maps.Equal(c.Options, want) {
		t.Errorf("options %v, want those that differ from the network's own: %v", c.Options, want)
	}
	if c.Input != [3]int{3, 64, 224} || c.Classes != 1000 || c.Name != "resnet18 stem=small" {
		t.Errorf("completed to %+v, want input 3×64×224, 1000 classes, name with the option", c)
	}
	for _, wrong := range []struct {
		change func(*Case)
		want   string
	}{
		{func(c *Case) { c.Model = "resnet19" }, "did you mean"},
		{func(c *Case) { c.Options = map[string]any{"dept": 8} }, "did you mean depth"},
		{func(c *Case) { c.Batch = 0 }, "batch: want a number of at least 1, got 0"},
		{func(c *Case) { c.Input[1] = -1 }, "height: want a number of at least 1, got -1"},
		{func(c *Case) { c.Precision = "bf17" }, "did you mean bf16"},
		{func(c *Case) { c.Algorithms = "winograd" }, "want one of auto, direct"},
		{func(c *Case) { c.Threads = 0 }, "threads: want a number of at least 1, got 0"},
	} {
		c := tiny(false)
		wrong.change(&c)
		if _, err := NewCase(c); err == nil || !strings.Contains(err.Error(), wrong.want) {
			t.Errorf("error %v, want %q", err, wrong.want)
		}
	}
}

// Training is three passes of two operations a multiply-add, inference one.
func TestFLOPs(t *testing.T) {
	if got := (Case{Batch: 5}).FLOPs(7); got != 210 {
		t.Errorf("training: %v FLOPs, want 2·3·7·5 = 210", got)
	}
	if got := (Case{Batch: 5, Inference: true}).FLOPs(7); got != 70 {
		t.Errorf("inference: %v FLOPs, want 2·7·5 = 70", got)
	}
}

// The set is complete: the zoo has every network of it, with the options that the set gives.
func TestStandards(t *testing.T) {
	like := Case{Precision: Float32, Threads: 1}
	cases, missing, err := Standards(like)
	if err != nil || len(missing) > 0 || len(cases) != len(standards) {
		t.Fatalf("%d cases of %d, missing %v, error %v", len(cases), len(standards), missing, err)
	}
	for _, c := range cases {
		if c.Target <= 1 {
			t.Errorf("%s: target %v, want one above 1", c.Name, c.Target)
		}
		v, err := zoo.Lookup(c.Model)
		if err != nil {
			t.Fatal(err)
		}
		settings, err := v.Resolve(c.Options)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := zoo.Describe(v, settings, c.Input, c.Classes); err != nil {
			t.Errorf("%s: %v", c.Name, err)
		}
	}
	half, _, err := Standards(Case{Precision: BFloat16, Threads: 1})
	if err != nil || half[0].Target != 1.7 || half[2].Target != 1.4 {
		t.Errorf("%v: targets %v and %v in bfloat16, error %v; want 1.7 and 1.4", half[0].Name, half[0].Target, half[2].Target, err)
	}
	like.Batch, like.Input = 7, [3]int{0, 48, 48}
	for _, model := range []string{"resnet18", "resnet20_cifar", "alexnet"} {
		cases, err := StandardsOf(model, like)
		if want := map[string]int{"resnet18": 2, "resnet20_cifar": 1}[model]; err != nil || len(cases) != want {
			t.Errorf("%s: %d cases, error %v, want %d", model, len(cases), err, want)
		}
		for _, c := range cases {
			if c.Batch != 7 || c.Input != [3]int{3, 48, 48} || c.Target != 0 {
				t.Errorf("%+v: want batch 7, side 48, and no target at other sizes than the set's", c)
			}
		}
	}
	inference, _, err := Standards(Case{Precision: Float32, Threads: 1, Inference: true})
	if err != nil || inference[0].Batch != 32 || inference[0].Target != 0 {
		t.Errorf("inference: batch %d, target %v, error %v; want 32 and none", inference[0].Batch, inference[0].Target, err)
	}
}
