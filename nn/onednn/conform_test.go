//go:build !noonednn

package onednn_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"workbench/nn/nntest"
	"workbench/nn/onednn"
	"workbench/nn/op"
	"workbench/nn/plan"
	"workbench/nn/plan/algorithms"
)

// The library divides work, and picks kernels, by the number of threads.
func TestOneDNNConforms(t *testing.T) {
	for _, threads := range []int{1, 2} {
		t.Run(fmt.Sprintf("threads=%d", threads), func(t *testing.T) { nntest.Run(t, onednn.Backend{Threads: threads}) })
	}
}

// winograd is the backend with rules that ask for Winograd's algorithm wherever it is defined; it counts the instructions that
// use it.
type winograd struct {
	onednn.Backend
	used *int
}

func (w winograd) Compile(p *plan.Program, m plan.Memory) (plan.Executable, error) {
	p.Rules = &algorithms.Table{Processor: "any"}
	for _, d := range algorithms.Directions() {
		p.Rules.Rules = append(p.Rules.Rules, algorithms.Rule{Algorithm: "winograd", Direction: d, Kernel: 3, Stride: 1, Dilation: 1})
	}
	e, err := w.Backend.Compile(p, m)
	if err != nil {
		return nil, err
	}
	timings, err := e.(plan.Profiler).Profile(0)
	for _, t := range timings {
		if strings.Contains(t.Implementation, "wino") {
			*w.used++
		}
	}
	return e, err
}

func TestWinogradConforms(t *testing.T) {
	used := 0
	nntest.RunNetworks(t, winograd{onednn.Backend{Threads: 2}, &used})
	if has := slices.Contains(onednn.Backend{}.Algorithms(), "winograd"); has != (used > 0) {
		t.Errorf("%d instructions used Winograd's algorithm; the library has it: %v", used, has)
	}
}

// Layouts, workspaces and results in place are the backend's own: whole networks show that repeating steps disturbs none.
func TestRecomputingChangesNoBit(t *testing.T) {
	direct := onednn.Backend{Threads: 2}
	nntest.RunRecomputed(t, direct, op.Shape{2, 3, 32, 32}, "resnet20_cifar", "preresnet110_cifar", "densenet_mini", "seresnet20_cifar")
	nntest.RunRecomputed(t, direct, op.Shape{2, 3, 64, 64}, "googlenet_torchvision", "mobilenet_v3_small", "shufflenet_v2_x1_0",
		"efficientnet_b0", "resnest14d")
	used := 0
	t.Run("Winograd", func(t *testing.T) {
		nntest.RunRecomputed(t, winograd{direct, &used}, op.Shape{4, 3, 32, 32}, "wrn_16_4", "vgg_mini")
	})
}
