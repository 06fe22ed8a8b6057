package pretext

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"workbench/experiments/data/augment"
	"workbench/nn/option"
)

func TestEveryTaskDeclaresItsOptions(t *testing.T) {
	var got []string
	for _, name := range Names() {
		task, err := Lookup(name)
		if err != nil {
			t.Fatal(err)
		}
		text := fmt.Sprint(task.Name, " ", task.Original(), ":")
		for _, o := range task.Options {
			text += fmt.Sprintf(" %s=%v %T %v..%v %q", o.Name, o.Default, o.Default, o.Min, o.Max, o.Want)
		}
		got = append(got, text)
	}
	want := []string{`jigsaw false: tiles=2 int 2..8 "" permutations=24 int 2..1000 "" seed=0 int 0..0 ""`, "original true:",
		`rotation false: turns=4 int 0..0 "2 or 4"`}
	if !slices.Equal(got, want) {
		t.Errorf("declared are\n%s, want\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// Each setting that does not fit the pictures is refused with its reason, and what just fits is not.
func TestTasksThatDoNotFit(t *testing.T) {
	for _, c := range []struct {
		task          string
		given         map[string]any
		height, width int
		want          string
	}{
		{"jigsaw", nil, 8, 8, ""}, {"jigsaw", nil, 8, 6, ""},
		{"jigsaw", nil, 7, 8, "jigsaw: tiles 2 a side do not divide images of 7×8"},
		{"jigsaw", nil, 8, 7, "jigsaw: tiles 2 a side do not divide images of 8×7"},
		{"jigsaw", map[string]any{"permutations": 25}, 8, 8, "jigsaw: permutations 25, want at most 24, which is all that 2×2 tiles have"},
		{"jigsaw", map[string]any{"tiles": 9}, 9, 9, "jigsaw: option tiles: "},
		{"rotation", nil, 8, 8, ""}, {"rotation", map[string]any{"turns": 2}, 8, 6, ""}, {"rotation", map[string]any{"turns": 2}, 8, 8, ""},
		{"rotation", nil, 8, 6, "rotation: a quarter turn of images of 8×6, want square ones, or turns 2"},
		{"rotation", map[string]any{"turns": 3}, 8, 8, "rotation: turns 3, want 2 or 4"},
		{"original", map[string]any{"turns": 3}, 8, 8, `original has no option "turns"`},
	} {
		task, err := Lookup(c.task)
		if err != nil {
			t.Fatal(err)
		}
		_, err = task.Policy(c.given, augment.Size{Channels: 1, Height: c.height, Width: c.width})
		if got := fmt.Sprint(err); !strings.HasPrefix(got, c.want) || c.want == "" && err != nil {
			t.Errorf("%s %v on %d×%d: %v, want %q", c.task, c.given, c.height, c.width, err, c.want)
		}
	}
}

func TestRegisterRefusesWhatIsIncomplete(t *testing.T) {
	for what, task := range map[string]Task{"twice": {Name: "jigsaw"}, "without a name": {Options: []option.Option{}}} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("a task %s was registered", what)
				}
			}()
			Register(task)
		}()
	}
}
