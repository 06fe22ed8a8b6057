package nn_test

import (
	"fmt"
	"slices"
	"testing"

	"workbench/nn"
)

// Rows can be set only where each has a number, and where they are as long as the state's.
func TestSettingRowsRefusesWhatDoesNotFit(t *testing.T) {
	for _, c := range []struct {
		name  string
		rows  []int // shape of the numbers
		value []int
		want  string // "": no error
	}{
		{"as many numbers as rows", []int{3}, []int{3, 4}, ""},
		{"more rows than the state has, some of which go nowhere", []int{6}, []int{6, 4}, ""},
		{"fewer numbers than rows", []int{2}, []int{3, 4}, "rows (3, 4) with numbers (2) do not fit"},
		{"more numbers than rows", []int{4}, []int{3, 4}, "rows (3, 4) with numbers (4) do not fit"},
		{"longer rows", []int{3}, []int{3, 5}, "rows (3, 5) with numbers (3) do not fit"},
		{"rows of more axes", []int{3}, []int{3, 4, 1}, "rows (3, 4, 1) with numbers (3) do not fit"},
		{"no rows but numbers", []int{3}, []int{3}, "rows (3) with numbers (3) do not fit"},
		{"numbers in columns", []int{3, 1}, []int{3, 4}, "rows (3, 4) with numbers (3, 1) do not fit"},
	} {
		b := nn.NewBuilder(nn.Train, false)
		table := b.State("table", nn.Init{}, 5, 4)
		rows := b.Input("row", c.rows...)
		if len(c.rows) == 1 {
			rows = b.Labels("rows", c.rows[0])
		}
		b.SetRows(table, rows, b.Input("value", c.value...))
		if c.want != "" {
			c.want = "state table (5, 4): " + c.want
		}
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
		}, "state table changes twice in a step, but rows can only once"},
		{"rows after the whole", func(b *nn.Builder, table, rows, value nn.Tensor) {
			b.Set(table, b.Scale(table, 2))
			b.SetRows(table, rows, value)
		}, "state table changes twice in a step, but rows can only once"},
		{"the whole twice", func(b *nn.Builder, table, rows, value nn.Tensor) {
			b.Set(table, b.Scale(b.Now(table), 2))
			b.Set(table, b.Scale(b.Now(table), 2))
		}, ""},
		{"the whole after rows", func(b *nn.Builder, table, rows, value nn.Tensor) {
			b.SetRows(table, rows, value)
			b.Set(table, b.Scale(table, 2))
		}, "state table changes by rows already in this step, it cannot change as a whole, too"},
		{"a whole of another shape", func(b *nn.Builder, table, rows, value nn.Tensor) { b.Set(table, value) },
			"state table (5, 4): got a value (3, 4)"},
		{"rows of a weight", func(b *nn.Builder, table, rows, value nn.Tensor) {
			b.SetRows(b.Param("weight", []int{5, 4}, nn.Weight, nn.Init{}), rows, value)
		}, "set: want a state or a running statistic, got a value (5, 4) of another kind"},
		{"an input", func(b *nn.Builder, table, rows, value nn.Tensor) { b.Set(value, value) },
			"set: want a state or a running statistic, got a value (3, 4) of another kind"},
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
	case want != "" && (err == nil || err.Error() != want):
		t.Errorf("%s: got error %v, want %q", name, err, want)
	}
}

// What states take after a step: the value as it was computed, a copy of one that was not, and rows by their numbers.
// Of several values of one state the last counts, and layers between them read the one before.
func TestStatesTakeTheirValues(t *testing.T) {
	b := nn.NewBuilder(nn.Train, false)
	value, rows := b.Input("value", 3, 4), b.Labels("rows", 3)
	table, whole := b.In("a").State("table", nn.Init{}, 5, 4), b.State("whole", nn.Init{}, 3, 4)
	twice, steps := b.State("twice", nn.Init{}, 3, 4), b.State("steps", nn.Init{}, 5, 4)
	b.SetRows(table, rows, value)
	b.Set(whole, value)
	b.Set(twice, b.Exp(b.Now(twice)))
	b.SetRows(steps, rows, b.Exp(value))
	b.Set(twice, b.Log(b.Now(twice)))
	var got []string
	for _, u := range b.Updates() {
		line := u.Param.Path + " ← " + tree(u.Value)
		if u.Rows != nil {
			line += " at " + tree(u.Rows)
		}
		got = append(got, line)
	}
	want := []string{"a.table ← scale{By:1}(value) at rows", "whole ← scale{By:1}(value)", "twice ← log{Kind:log}(exp(twice))",
		"steps ← exp(value) at rows"}
	if b.Err() != nil || !slices.Equal(got, want) {
		t.Errorf("%v: got\n%q, want\n%q", b.Err(), got, want)
	}
	if got, want := fmt.Sprint(tree(b.Now(table).Node()), " ", tree(b.Now(twice).Node())), "a.table log{Kind:log}(exp(twice))"; got != want {
		t.Errorf("the states are now %s, want %s", got, want)
	}
}
