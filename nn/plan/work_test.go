package plan_test

import (
	"testing"

	"workbench/nn"
	"workbench/nn/op"
	"workbench/nn/plan"
)

// A product of [m, k] and [k, n] takes m·k·n multiply-adds for each pair of matrices, whichever of them is stored
// transposed.
func TestWorkOfProducts(t *testing.T) {
	const m, k, n = 2, 3, 5
	for _, batch := range []int{0, 7} { // 0: no axis of it
		for _, v := range []op.MatMul{{}, {TransA: true}, {TransB: true}, {TransA: true, TransB: true}} {
			shape := func(rows, columns int, transposed bool) []int {
				if transposed {
					rows, columns = columns, rows
				}
				if batch == 0 {
					return []int{rows, columns}
				}
				return []int{batch, rows, columns}
			}
			b := nn.NewBuilder(nn.Infer, false)
			y := b.Apply(v, b.Input("a", shape(m, k, v.TransA)...), b.Input("b", shape(k, n, v.TransB)...))
			p, err := plan.Lower(b, map[string]nn.Tensor{"y": y})
			if err != nil {
				t.Fatal(err)
			}
			if got, want := p.MultiplyAdds(), float64(max(batch, 1)*m*k*n); got != want {
				t.Errorf("%+v of %d pairs: %v multiply-adds, want %v", v, batch, got, want)
			}
		}
	}
}
