package plan_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"workbench/nn"
	"workbench/nn/op"
	"workbench/nn/optim"
	"workbench/nn/plan"
)

// wording writes a whole program, a line for each thing that it does: steps, outputs, assignments, moves and averages.
// A temporary value is called by the number of the line that makes it; "-" is one that nobody reads.
func wording(p *plan.Program) string {
	names := map[*plan.Value]string{nil: "-"}
	name := func(v *plan.Value) string {
		switch got, named := names[v]; {
		case named:
			return got
		case v.Kind == plan.Constant:
			return "one"
		case v.Kind == plan.Temporary:
			return "unmade"
		}
		return v.Name
	}
	list := func(vs []*plan.Value) string {
		var all []string
		for _, v := range vs {
			all = append(all, name(v))
		}
		return strings.Join(all, ", ")
	}
	var lines []string
	for i, s := range p.Steps {
		in := list(s.In)
		for k, v := range s.Out {
			if v != nil {
				names[v] = fmt.Sprint(i) + strings.Repeat("'", k)
			}
		}
		line := fmt.Sprintf("%s = %s%s(%s)", list(s.Out), s.Name(), attributes(reflect.ValueOf(s.Spec)), in)
		if s.Again != nil {
			line += " again " + name(s.Again)
		}
		lines = append(lines, line)
	}
	for _, output := range sorted(p.Outputs) {
		lines = append(lines, output+" is "+name(p.Outputs[output]))
	}
	for _, a := range p.Assigns {
		lines = append(lines, strings.TrimSuffix(fmt.Sprintf("%s := %s rows %s", name(a.State), name(a.Value), name(a.Rows)), " rows -"))
	}
	for _, m := range p.Moves {
		lines = append(lines, fmt.Sprintf("%s by %s, slots [%s], sum %s, decay %v, scale %v", name(m.Param), name(m.Grad), list(m.Slots),
			name(m.Sum), m.Decay, m.Scale))
	}
	for _, a := range p.Averages {
		lines = append(lines, fmt.Sprintf("%s follows %s, decay %s", name(a.Average), name(a.State), name(a.Decay)))
	}
	return strings.Join(lines, "\n")
}

func sorted(outputs map[string]*plan.Value) (names []string) {
	for name := range outputs {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// attributes writes what of an operator is not zero; the fields of embedded structs as its own.
func attributes(v reflect.Value) string {
	var fields []string
	var add func(v reflect.Value)
	add = func(v reflect.Value) {
		for i := range v.NumField() {
			f, x := v.Type().Field(i), v.Field(i)
			if !f.IsExported() && !f.Anonymous || x.IsZero() {
				continue
			}
			if then, ok := x.Interface().(op.Spec); ok && !f.Anonymous {
				fields = append(fields, f.Name+":"+then.Name())
			} else if f.Anonymous {
				add(x)
			} else {
				fields = append(fields, fmt.Sprintf("%s:%v", f.Name, x))
			}
		}
	}
	if add(v); len(fields) == 0 {
		return ""
	}
	return "{" + strings.Join(fields, " ") + "}"
}

type wordingCase struct {
	name  string
	mode  nn.Mode
	how   plan.Training
	build func(b *nn.Builder, x nn.Tensor) nn.Tensor
	// lowered is the program as it is lowered, "": not looked at. fused is what Fuse makes of it.
	lowered, fused string
}

var wordingCases []wordingCase

// What programs do is known to the last operand.
func TestProgramsInWords(t *testing.T) {
	for _, c := range wordingCases {
		t.Run(c.name, func(t *testing.T) {
			b := nn.NewBuilder(c.mode, false)
			x := b.Input("x", 2, 3, 4, 4)
			y := c.build(b, x)
			var p *plan.Program
			var err error
			if c.mode == nn.Infer {
				p, err = plan.Lower(b, map[string]nn.Tensor{"y": y})
			} else {
				c.how.Loss = b.Mean(y)
				if c.how.Optimizer == nil {
					c.how.Optimizer = optim.SGD{}
				}
				p, err = plan.LowerTraining(b, nil, c.how)
			}
			if err != nil {
				t.Fatal(err)
			}
			if got, want := wording(p), dedent(c.lowered); c.lowered != "" && got != want {
				t.Errorf("lowered it is\n%s\nwant\n%s", got, want)
			}
			plan.Fuse(p)
			if got, want := wording(p), dedent(c.fused); got != want {
				t.Errorf("fused it is\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// dedent takes the tabs and the first and last line break of a text in the source. A line that ends with \ goes on in
// the next.
func dedent(s string) string {
	return strings.TrimSpace(strings.NewReplacer("\t", "", "\\\n", "").Replace(s))
}
