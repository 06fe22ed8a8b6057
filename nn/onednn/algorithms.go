//go:build !noonednn

package onednn

// #include "bridge.h"
import "C"

import (
	"errors"
	"fmt"
	"sync"

	"workbench/nn/op"
	"workbench/nn/plan"
	"workbench/nn/plan/algorithms"
)

// F(4×4, 3×3) (Lavin and Gray 2016): the library's, which only some versions have on some processors, and ours.
const (
	algorithmWinograd    = "winograd"
	algorithmOwnWinograd = "winograd_workbench"
)

// algorithmOwnProduct multiplies matrices of the whole batch's pixels; see lower_product.go.
const algorithmOwnProduct = "product_workbench"

// algorithmOwnDirect is the sum that defines the gradient of weights; see lower_direct.go.
const algorithmOwnDirect = "direct_workbench"

// algorithmWidened joins narrow groups to whole vectors; see lower_wide.go.
const algorithmWidened = "widened"

// knownAlgorithms may be named by rules; bfloat16 asks none (see suitsAMX). Not every version of the library has every one on every processor.
var knownAlgorithms = []string{algorithms.Direct, algorithmWinograd, algorithmOwnWinograd, algorithmOwnProduct, algorithmOwnDirect,
	algorithmWidened}

var _ plan.Chooser = Backend{}

// Algorithms are those that the library has on this processor.
func (Backend) Algorithms() []string {
	all := []string{algorithms.Direct}
	for _, name := range knownAlgorithms {
		if hasAlgorithm(name) {
			all = append(all, name)
		}
	}
	return all
}

func hasAlgorithm(name string) bool {
	switch name {
	case algorithmWinograd:
		return hasWinograd()
	case algorithmOwnWinograd, algorithmOwnProduct, algorithmOwnDirect:
		return vectorBlock() > 0
	case algorithmWidened:
		return true
	}
	return false
}

// has tells whether the algorithm is there and computes the convolution. Of its own Winograd the library is asked when it is to be used.
func (v *convolution) has(algorithm string) bool {
	if !hasAlgorithm(algorithm) {
		return false
	}
	switch algorithm {
	case algorithmOwnWinograd:
		return v.suitsOwnWinograd()
	case algorithmOwnProduct:
		return v.suitsOwnProduct()
	case algorithmOwnDirect:
		return v.Groups == 1
	case algorithmWidened:
		return v.joined() > 1
	}
	return true
}

// hasWinograd asks the library, by a convolution that the algorithm was made for.
var hasWinograd = sync.OnceValue(func() bool {
	image, weights := anyMD(op.Shape{8, 64, 32, 32}), anyMD(op.Shape{64, 64, 3, 3})
	pd := C.wb_conv_fwd(C.WB_WINOGRAD, 1, image.c, weights.c, nil, image.c, window(op.Square(1, 1), 3, 3), nothing)
	if pd == nil {
		return false
	}
	C.wb_pd_free(pd)
	return true
})

// Processors are the classes that this processor belongs to, by the instructions that the library uses here, the best first.
func Processors() []string {
	var all []string
	for _, class := range []struct {
		is   C.int
		name string
	}{{C.WB_AVX512_CORE_AMX, "avx512_core_amx"}, {C.WB_AVX512_CORE_BF16, "avx512_core_bf16"}, {C.WB_AVX512_CORE, "avx512_core"}, {C.WB_AVX2, "avx2"}} {
		if C.wb_processor_has(class.is) != 0 {
			all = append(all, class.name)
		}
	}
	return all
}

// Table is an empty one for this processor and the library's major version.
func (Backend) Table() (*algorithms.Table, error) {
	classes := Processors()
	if len(classes) == 0 {
		return nil, errors.New("rules: this processor has no AVX2, and nothing to choose from")
	}
	return &algorithms.Table{Processor: classes[0], Library: majorVersion()}, nil
}

// Rules for this processor and the library's major version: those of the file if there is one, else those that are built in,
// of the nearest class that has some. A processor without a class has none.
func (b Backend) Rules() (*algorithms.Table, error) {
	read := algorithms.BuiltIn
	if b.RulesFile != "" {
		read = func() (algorithms.File, error) { return algorithms.Read(b.RulesFile) }
	}
	file, err := read()
	if err != nil {
		return nil, err
	}
	t := file.For(Processors(), majorVersion())
	if t == nil && b.RulesFile != "" {
		return nil, fmt.Errorf("%s: no rules for a processor of the classes %v and oneDNN %d", b.RulesFile, Processors(), majorVersion())
	}
	return t, t.Check(knownAlgorithms)
}
