package nn_test

import (
	"strings"
	"testing"

	"workbench/nn"
)

// Rows can be set only where each has a number, and where they are as long as the state's.
func TestSettingRowsRefusesWhatDoesNotFit(t *testing.T) {
	for _, c := range []struct {
		name  string
		rows  int // numbers
		value []int
		want  string // "": no error
	}{
		{"as many numbers as rows", 3, []int{3, 4}, ""},
		{"more rows than the state has, some of which go nowhere", 6, []int{6, 4}, ""},
		{"fewer numbers than rows", 2, []int{3, 4}, "do not fit"},
		{"more numbers than rows", 4, []int{3, 4}, "do not fit"},
		{"longer rows", 3, []int{3, 5}, "do not fit"},
		{"rows of more axes", 3, []int{3, 4, 1}, "do not fit"},
		{"no rows but numbers", 3, []int{3}, "do not fit"},
	} {
		b := nn.NewBuilder(nn.Train, false)
		table := b.State("table", nn.Init{}, 5, 4)
		b.SetRows(table, b.Labels("row", c.rows), b.Input("value", c.value...))
		refused(t, c.name, b, c.want)
		if want := map[bool]int{true: 1, false: 0}[c.want == ""]; len(b.Updates()) != want {
			t.Errorf("%s: %d updates, want %d", c.name, len(b.Updates()), want)
		}
	}
}

// A parameter that an optimizer moves is no state, and the rows of a state are set once in a step.
func TestStatesRefuseOtherChanges(t *testing.T) {
	for _, c := range []struct {
		name  string
		build func(b *nn.Builder, table, rows, value nn.Tensor)
		want  string
	}{
		{"rows twice", func(b *nn.Builder, table, rows, value nn.Tensor) {
			b.SetRows(table, rows, value)
			b.SetRows(table, rows, value)
		}, "changes twice"},
		{"rows after the whole", func(b *nn.Builder, table, rows, value nn.Tensor) {
			b.Set(table, b.Scale(table, 2))
			b.SetRows(table, rows, value)
		}, "changes twice"},
		{"the whole twice", func(b *nn.Builder, table, rows, value nn.Tensor) {
			b.Set(table, b.Scale(b.Now(table), 2))
			b.Set(table, b.Scale(b.Now(table), 2))
		}, ""},
		{"rows of a weight", func(b *nn.Builder, table, rows, value nn.Tensor) {
			b.SetRows(b.Param("weight", []int{5, 4}, nn.Weight, nn.Init{}), rows, value)
		}, "want a state"},
		{"an input", func(b *nn.Builder, table, rows, value nn.Tensor) { b.Set(value, value) }, "want a state"},
	} {
		b := nn.NewBuilder(nn.Train, false)
		c.build(b, b.State("table", nn.Init{}, 5, 4), b.Labels("row", 3), b.Input("value", 3, 4))
		refused(t, c.name, b, c.want)
	}
}

func refused(t *testing.T, name string, b *nn.Builder, want string) {
	t.Helper()
	switch err := b.Err(); {
	case want == "" && err != nil:
		t.Errorf("%s: %v", name, err)
	case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
		t.Errorf("%s: got error %v, want one with %q", name, err, want)
	}
}
