package main

import (
	"os"
	"slices"
	"strings"
	"testing"

	"workbench/nn"
	"workbench/nn/bench"
	"workbench/nn/zoo"
)

// Every strategy that can be measured builds its step, and the peer's script has it, too.
func TestMeasuredStrategies(t *testing.T) {
	script, err := os.ReadFile("../nn/bench/peer/pytorch.py")
	if err != nil {
		t.Fatal(err)
	}
	v, err := zoo.Lookup("resnet_mini")
	if err != nil {
		t.Fatal(err)
	}
	settings, err := v.Resolve(map[string]any{"depth": 8})
	if err != nil {
		t.Fatal(err)
	}
	alone := bench.Case{Threads: 1, Precision: "float32", Recompute: "none", Algorithms: "auto"}
	for _, name := range benchedStrategies() {
		b := benching{strategy: name, rounds: 1, peer: peerNone, like: alone}
		cases, _, err := b.cases([]string{"resnet_mini", "depth=8"})
		if err != nil {
			t.Fatal(err)
		}
		c := cases[0]
		if c.Strategy != name || c.Batch != strategyBatch || c.Target != strategyTarget || c.Input != [3]int{3, 32, 32} {
			t.Errorf("%s: case %+v", name, c)
		}
		builder := nn.NewBuilder(nn.Train, false)
		o, err := benchStrategies(c, builder, func(b *nn.Builder, x nn.Tensor, classes int) nn.Tensor {
			return v.Build(b, x, classes, settings)
		})
		if err != nil || o.Loss.Node() == nil || !slices.Equal(o.Images, []string{"image", "image/1"}) {
			t.Errorf("%s: %v, images %v", name, err, o.Images)
		}
		if name == "byol" {
			tau := []float32{0}
			if o.Numbers["scalar/tau"](tau); tau[0] != 0.99 {
				t.Errorf("byol: the teacher keeps %v, want its share at the beginning", tau)
			}
		}
		if !strings.Contains(string(script), `"`+name+`": `) {
			t.Errorf("the peer's script has no %s", name)
		}
	}
	b := benching{strategy: "simclr", rounds: 1, peer: peerNone, like: alone}
	cases, _, err := b.cases(nil)
	if err != nil || len(cases) != 2 || cases[0].Model != "resnet20_cifar" || cases[1].Options["stem"] != "small" {
		t.Errorf("without a model %+v, %v", cases, err)
	}
	for _, bad := range []struct {
		b    benching
		want string
	}{{benching{strategy: "simclx"}, `unknown --strategy "simclx"`},
		{benching{strategy: "byol", like: bench.Case{Inference: true}}, "--strategy byol measures training"},
		{benching{strategy: "byol", tune: true}, "--strategy byol measures training"}} {
		bad.b.rounds, bad.b.peer = 1, peerNone
		inference := bad.b.like.Inference
		bad.b.like = alone
		bad.b.like.Inference = inference
		if _, _, err := bad.b.cases(nil); err == nil || !strings.Contains(err.Error(), bad.want) {
			t.Errorf("error %v, want %q", err, bad.want)
		}
	}
}
