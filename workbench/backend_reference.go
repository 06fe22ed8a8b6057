//go:build noonednn

package main

import "workbench/nn/plan"

// slowBackend says why training will be slow, "" if it will not.
const slowBackend = "this program was built without oneDNN (tag noonednn): it trains with the reference kernels, some hundred times slower"

// backend runs the numeric kernels; the reference ones use one thread whatever is asked.
func backend(int) plan.Backend { return plan.Reference{} }

func backendVersions() map[string]string { return map[string]string{"onednn": "not built in"} }

// definedOptimizers are the optimizers that run by their definitions in Go: here everything does, which slowBackend
// says.
func definedOptimizers() []string { return nil }
