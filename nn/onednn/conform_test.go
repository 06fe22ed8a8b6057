//go:build !noonednn

package onednn_test

import (
	"fmt"
	"testing"

	"workbench/nn/nntest"
	"workbench/nn/onednn"
)

// The library divides work, and picks kernels, by the number of threads.
func TestOneDNNConforms(t *testing.T) {
	for _, threads := range []int{1, 2} {
		t.Run(fmt.Sprintf("threads=%d", threads), func(t *testing.T) { nntest.Run(t, onednn.Backend{Threads: threads}) })
	}
}
