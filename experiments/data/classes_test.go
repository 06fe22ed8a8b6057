package data_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"workbench/experiments/data"
)

// A set of some classes has their images in the order of the whole set, and counts the classes anew in the order in
// which they were said. Two choices are two sets; all of them in their order are one of their own, too.
func TestASetOfSomeClasses(t *testing.T) {
	open := func(classes string) data.Set {
		t.Helper()
		set, err := data.Open(t.Context(), "shapes", "", map[string]any{"train": 40, "test": 20, "classes": classes})
		if err != nil {
			t.Fatalf("%s: %v", classes, err)
		}
		return set
	}
	whole := open("")
	names := whole.Info().Classes
	digests := map[string]string{whole.Digest(): "all"}
	for _, c := range []struct {
		said string
		want []int
	}{{" triangle up, disc ", []int{2, 0}},
		{"5-9", []int{5, 6, 7, 8, 9}}, {"7,2", []int{7, 2}}, {names[3] + " 0", []int{3, 0}}, {"0-9", []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}}} {
		if strings.Contains(names[3], " ") && strings.HasPrefix(c.said, names[3]) {
			c.said = "3 0"
		}
		some := open(c.said)
		if other, twice := digests[some.Digest()]; twice {
			t.Errorf("%s has the digest of %s", c.said, other)
		}
		digests[some.Digest()] = c.said
		var want []string
		for _, class := range c.want {
			want = append(want, names[class])
		}
		if got := some.Info(); !slices.Equal(got.Classes, want) || got.Size() != whole.Info().Size() {
			t.Errorf("%s: classes %q, want %q", c.said, got.Classes, want)
		}
		for _, split := range []data.Split{data.Train, data.Test} {
			row := 0
			a, b := make([]uint8, whole.Info().Size()), make([]uint8, whole.Info().Size())
			for i := range whole.Len(split) {
				k := slices.Index(c.want, whole.Label(split, i))
				if k < 0 {
					continue
				}
				if err := whole.Pixels(split, i, a); err != nil {
					t.Fatal(err)
				}
				if err := some.Pixels(split, row, b); err != nil {
					t.Fatal(err)
				}
				if some.Label(split, row) != k || !bytes.Equal(a, b) {
					t.Fatalf("%s, %s: row %d is not image %d of class %d", c.said, split, row, i, k)
				}
				row++
			}
			if some.Len(split) != row {
				t.Errorf("%s, %s: %d images, want %d", c.said, split, some.Len(split), row)
			}
		}
	}
	if some := open("1 2"); some.Len(data.Val) != 0 || some.Len(data.Unlabeled) != 0 {
		t.Error("splits that the set has not have images")
	}
}

// Wrong classes are named, with what they may have been meant for.
func TestClassesThatASetLacks(t *testing.T) {
	for said, want := range map[string]string{
		"sqare,0": `unknown class "sqare": did you mean square`, "0-10": `want numbers from 0 to 9, the lower first, got "0-10"`,
		"4-2": `want numbers from 0 to 9, the lower first, got "4-2"`, "3": `want at least 2 classes, got "3"`,
		"0-3 2": "class 2 (", "-1": `unknown class "-1"`,
	} {
		_, err := data.Open(t.Context(), "shapes", "", map[string]any{"classes": said})
		if err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "data set shapes: dataset.classes: ") {
			t.Errorf("%s: %v, want %q", said, err, want)
		}
	}
}
