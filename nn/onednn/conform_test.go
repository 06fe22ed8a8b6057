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

// The library divides work, and chooses kernels, by the number of threads.
func TestOneDNNConforms(t *testing.T) {
	for _, threads := range []int{1, 2} {
		t.Run(fmt.Sprintf("threads=%d", threads), func(t *testing.T) { nntest.Run(t, onednn.Backend{Threads: threads}) })
	}
}

// widened is the backend with rules that widen groups in some directions, wherever joined groups can fill vectors. It
// counts the convolutions that wide groups compute, and the reorders around them.
type widened struct {
	onednn.Backend
	directions []algorithms.Direction
	reorders   *int
}

func (w widened) Compile(p *plan.Program, m plan.Memory) (plan.Executable, error) {
	p.Rules = &algorithms.Table{Processor: "any"}
	for _, d := range w.directions {
		p.Rules.Rules = append(p.Rules.Rules, algorithms.Rule{Algorithm: "widened", Direction: d, Grouped: true})
	}
	e, err := w.Backend.Compile(p, m)
	if err != nil {
		return nil, err
	}
	timings, err := e.(plan.Profiler).Profile(0)
	for _, t := range timings {
		if t.Name == "reorder" {
			*w.reorders++
		}
	}
	return e, err
}

// Wider groups compute what narrow ones do: in all directions, and in each direction
// alone beside the layouts of narrow groups.
func TestWideningConforms(t *testing.T) {
	all := algorithms.Directions()
	native, wide := 0, 0
	for _, directions := range [][]algorithms.Direction{nil, all, all[:1], all[1:2], all[2:]} {
		reorders := &wide
		if directions == nil {
			reorders = &native
		}
		t.Run(fmt.Sprint(directions), func(t *testing.T) {
			nntest.RunNetwork(t, widened{onednn.Backend{Threads: 1}, directions, reorders}, "narrow groups")
			if wide == native && directions != nil {
				t.Error("no convolution was widened")
			}
			wide = 0
		})
	}
}

// always is the backend with one rule for all directions, with groups and without. It counts the instructions
// whose implementation has the mark in its name.
type always struct {
	onednn.Backend
	rule algorithms.Rule
	mark string
	used *int
}

// winograd asks for an algorithm wherever F(4×4, 3×3) is defined.
func winograd(algorithm string) algorithms.Rule {
	return algorithms.Rule{Algorithm: algorithm, Kernel: 3, Stride: 1, Dilation: 1}
}

func (a always) Compile(p *plan.Program, m plan.Memory) (plan.Executable, error) {
	p.Rules = &algorithms.Table{Processor: "any"}
	for _, d := range algorithms.Directions() {
		a.rule.Direction, a.rule.Grouped = d, false
		grouped := a.rule
		grouped.Grouped = true
		p.Rules.Rules = append(p.Rules.Rules, a.rule, grouped)
	}
	e, err := a.Backend.Compile(p, m)
	if err != nil {
		return nil, err
	}
	timings, err := e.(plan.Profiler).Profile(0)
	for _, t := range timings {
		if strings.Contains(t.Implementation, a.mark) {
			*a.used++
		}
	}
	return e, err
}

func TestWinogradConforms(t *testing.T) {
	used := 0
	nntest.RunNetworks(t, always{onednn.Backend{Threads: 2}, winograd("winograd"), "wino", &used})
	if has := slices.Contains(onednn.Backend{}.Algorithms(), "winograd"); has != (used > 0) {
		t.Errorf("%d instructions used Winograd's algorithm; the library has it: %v", used, has)
	}
}

// Layouts, workspaces and results in place are the backend's own business. Whole networks
// show that repeated steps disturb none of them.
func TestRecomputingChangesNoBit(t *testing.T) {
	direct := onednn.Backend{Threads: 2}
	nntest.RunRecomputed(t, direct, op.Shape{2, 3, 32, 32}, "resnet20_cifar", "preresnet110_cifar", "densenet_mini", "seresnet20_cifar")
	nntest.RunRecomputed(t, direct, op.Shape{2, 3, 64, 64}, "googlenet_torchvision", "mobilenet_v3_small", "shufflenet_v2_x1_0",
		"efficientnet_b0", "resnest14d")
	used := 0
	t.Run("Winograd", func(t *testing.T) {
		nntest.RunRecomputed(t, always{direct, winograd("winograd_workbench"), "workbench:winograd", &used},
			op.Shape{4, 3, 32, 32}, "wrn_16_4", "vgg_mini")
	})
}

func TestOwnWinogradConforms(t *testing.T) {
	ownConforms(t, winograd("winograd_workbench"), "workbench:winograd")
}

func TestOwnProductConforms(t *testing.T) {
	ownConforms(t, algorithms.Rule{Algorithm: "product_workbench", Kernel: 1}, "workbench:product")
}

func TestOwnProductIsTheSameForEveryNumberOfThreads(t *testing.T) {
	alikeForThreads(t, algorithms.Rule{Algorithm: "product_workbench", Kernel: 1}, "workbench:product",
		"conv 1×1", "conv 1×1, stride 2", "conv 1×1 of one pixel, bias", "conv 1×1, many channels, batch 1", "conv 1×1, many channels out",
		"conv 1×1, many pixels")
}

func TestOwnDirectGradientConforms(t *testing.T) {
	ownConforms(t, algorithms.Rule{Algorithm: "direct_workbench"}, "workbench:direct")
}

func TestOwnDirectGradientIsTheSameForEveryNumberOfThreads(t *testing.T) {
	alikeForThreads(t, algorithms.Rule{Algorithm: "direct_workbench"}, "workbench:direct",
		"conv 3×3", "conv 3×3 of images", "conv 3×3, many pixels", "conv 5×5 of many images, bias", "conv 7×7, stride 2, bias")
}

// alikeForThreads compares the bits that the rule's algorithm computes on different numbers of threads.
func alikeForThreads(t *testing.T, rule algorithms.Rule, mark string, networks ...string) {
	t.Helper()
	used := 0
	with := func(threads int) plan.Backend { return always{onednn.Backend{Threads: threads}, rule, mark, &used} }
	nntest.RunAlike(t, networks, with(1), with(2), with(3))
	if has := slices.Contains(onednn.Backend{}.Algorithms(), rule.Algorithm); has != (used > 0) {
		t.Errorf("%d instructions used it; this processor has it: %v", used, has)
	}
}

// ownConforms runs the suite on our own kernels, which divide work by the number of threads.
func ownConforms(t *testing.T, rule algorithms.Rule, mark string) {
	if !slices.Contains(onednn.Backend{}.Algorithms(), rule.Algorithm) {
		t.Skip("this processor has neither AVX2 nor AVX-512")
	}
	for threads, suite := range map[int]func(*testing.T, plan.Backend){1: nntest.RunNetworks, 2: nntest.Run, 3: nntest.RunNetworks} {
		t.Run(fmt.Sprintf("threads=%d", threads), func(t *testing.T) {
			used := 0
			suite(t, always{onednn.Backend{Threads: threads}, rule, mark, &used})
			if used == 0 {
				t.Error("no instruction used it")
			}
		})
	}
}
