//go:build !noonednn

package onednn_test

import (
	"fmt"
	"strings"
	"testing"

	"workbench/nn/nntest"
	"workbench/nn/onednn"
	"workbench/nn/plan"
)

// The library divides work, and picks kernels, by the number of threads.
func TestOneDNNConforms(t *testing.T) {
	for _, threads := range []int{1, 2} {
		t.Run(fmt.Sprintf("threads=%d", threads), func(t *testing.T) { nntest.Run(t, onednn.Backend{Threads: threads}) })
	}
}

// winograd is the backend with Winograd's algorithm allowed; it counts the instructions that use it.
type winograd struct {
	onednn.Backend
	used *int
}

func (w winograd) Compile(p *plan.Program, m plan.Memory) (plan.Executable, error) {
	p.Winograd = true
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
	if strings.HasPrefix(onednn.Version(), "2.") && used == 0 {
		t.Error("no convolution used Winograd's algorithm")
	}
	t.Logf("%d instructions used Winograd's algorithm", used)
}
