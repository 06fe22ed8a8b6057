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

// F(4×4, 3×3) (Lavin and Gray 2016). The library's is there in some versions on some
// processors only; the other is ours.
const (
	algorithmWinograd    = "winograd"
	algorithmOwnWinograd = "winograd_workbench"
)

// algorithmOwnProduct multiplies matrices whose rows are the pixels of the whole batch; see lower_product.go.
const algorithmOwnProduct = "product_workbench"

// algorithmOwnDirect is the sum that defines the gradient of weights; see lower_direct.go.
const algorithmOwnDirect = "direct_workbench"

// algorithmWidened joins narrow groups until they fill vectors; see lower_wide.go.
const algorithmWidened = "widened"

// knownAlgorithms are the names that rules may use. No rule is asked in bfloat16 (see suitsAMX). Not every version of
// the library has every algorithm on every processor.
var knownAlgorithms = []string{algorithms.Direct, algorithmWinograd, algorithmOwnWinograd, algorithmOwnProduct, algorithmOwnDirect,
	algorithmWidened}

var _ plan.Chooser = Backend{}

// Algorithms lists the algorithms that the library has on this processor.
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

// has tells whether the algorithm is there and computes the convolution. Whether the library's own Winograd
// computes it is only found out when it is used.
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

// hasWinograd asks the library for Winograd's algorithm for a convolution that suits it well.
var hasWinograd = sync.OnceValue(func() bool {
	image, weights := anyMD(op.Shape{8, 64, 32, 32}), anyMD(op.Shape{64, 64, 3, 3})
	pd := C.wb_conv_fwd(C.WB_WINOGRAD, 1, image.c, weights.c, nil, image.c, window(op.Square(1, 1), 3, 3), nothing)
	if pd == nil {
		return false
	}
	C.wb_pd_free(pd)
	return true
})

// Processors lists the classes that this processor belongs to, by the instructions
// that the library uses here, the best first.
func Processors() []string {
	var all []string
	for _, class := range []struct {
		is   C.int
		name string
	}{{C.WB_AVX512_CORE_AMX, "avx512_core_amx"}, {C.WB_AVX512_CORE_BF16, "avx512_core_bf16"}, {C.WB_AVX512_CORE, "avx512_core"},
		{C.WB_AVX2, "avx2"}} {
		if C.wb_processor_has(class.is) != 0 {
			all = append(all, class.name)
		}
	}
	return all
}

// Table is an empty table for this processor and the library's major version.
func (Backend) Table() (*algorithms.Table, error) {
	classes := Processors()
	if len(classes) == 0 {
		return nil, errors.New("rules: this processor has no AVX2, and nothing to choose from")
	}
	return &algorithms.Table{Processor: classes[0], Library: majorVersion()}, nil
}

// Rules returns the rules for this processor and the library's major version: those of the file if there is
// one, else the built-in ones. Of several classes of processors, the nearest that has rules counts. A
// processor that belongs to no class has no rules.
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
