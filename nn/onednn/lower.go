//go:build !noonednn

package onednn

import (
	"errors"
	"fmt"
	"reflect"

	"workbench/nn/plan"
)

// lowering adds the instructions of one step to the compiler.
type lowering func(c *compiler, s *plan.Step) error

// lowerings has the lowering of each operator, by the Go type of its specification: operators of nn/op and the fused
// ones of nn/plan. Each file of lowerings registers its own in an init function.
var lowerings = map[reflect.Type]lowering{}

// errNoLowering is what Compile answers, with the operator's name, to an operator that nothing was registered for.
var errNoLowering = errors.New("the oneDNN backend has no lowering for it")

// register adds the lowering of the operators whose specification is an S. A second one for the same type is
// a programmer's mistake and panics at start.
func register[S any](lower func(c *compiler, s *plan.Step, spec S) error) {
	t := reflect.TypeFor[S]()
	if lowerings[t] != nil {
		panic(fmt.Sprintf("onednn: register: %v has a lowering already", t))
	}
	lowerings[t] = func(c *compiler, s *plan.Step) error { return lower(c, s, s.Spec.(S)) }
}

// registerPlain is register for a lowering that needs no attribute of the operator,
// because operands and results say all.
func registerPlain[S any](lower lowering) {
	register(func(c *compiler, s *plan.Step, _ S) error { return lower(c, s) })
}

// lower adds the instructions of one step.
func (c *compiler) lower(s *plan.Step) error {
	if c.BFloat16 {
		restore, err := c.single(s)
		if err != nil {
			return err
		}
		defer restore()
	}
	if done, err := c.widened(s); done || err != nil {
		return err
	}
	return c.lowerByType(s)
}

func (c *compiler) lowerByType(s *plan.Step) error {
	lower := lowerings[reflect.TypeOf(s.Spec)]
	if lower == nil {
		return errNoLowering
	}
	return lower(c, s)
}
