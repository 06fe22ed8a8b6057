//go:build !noonednn

package main

import (
	"os"

	"workbench/nn/onednn"
	"workbench/nn/plan"
)

// slowBackend says why training will be slow, "" if it will not.
const slowBackend = ""

// backend runs the numeric kernels with the given number of threads.
func backend(threads int) plan.Backend {
	return onednn.Backend{Threads: threads, RulesFile: os.Getenv(rulesVariable)}
}

func backendVersions() map[string]string { return map[string]string{"onednn": onednn.Version()} }

// definedOptimizers are the optimizers that run by their definitions in Go, because the backend has no kernel for them.
func definedOptimizers() []string { return onednn.Backend{}.WithoutKernel() }
