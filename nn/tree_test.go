package nn_test

import (
	"fmt"
	"reflect"
	"strings"

	G "gorgonia.org/gorgonia"

	"workbench/nn/op"
)

// tree writes what computes a node: the name of a leaf, or an operator with the attributes that are not zero and its
// operands. What is read twice is written twice.
func tree(n *G.Node) string {
	if n == nil {
		return "nothing"
	}
	o, ok := n.Op().(*op.Op)
	if !ok {
		return n.Name()
	}
	var operands []string
	for _, c := range op.Children(n) {
		operands = append(operands, tree(c))
	}
	return fmt.Sprintf("%s%s(%s)", o.Name(), attributes(reflect.ValueOf(o.Spec)), strings.Join(operands, ", "))
}

// attributes writes the fields of an operator; those of embedded structs as its own.
func attributes(v reflect.Value) string {
	var fields []string
	var add func(v reflect.Value)
	add = func(v reflect.Value) {
		for i := range v.NumField() {
			switch f := v.Type().Field(i); {
			case f.Anonymous:
				add(v.Field(i))
			case !v.Field(i).IsZero():
				fields = append(fields, fmt.Sprintf("%s:%v", f.Name, v.Field(i)))
			}
		}
	}
	if v.Kind() != reflect.Struct {
		return fmt.Sprintf("{%v}", v)
	}
	if add(v); len(fields) == 0 {
		return ""
	}
	return "{" + strings.Join(fields, " ") + "}"
}
