package pretext

import (
	"fmt"
	"slices"
	"testing"

	"workbench/experiments/data/augment"
	"workbench/nn/option"
)

func picture(channels, height, width int) augment.Picture {
	p := augment.NewPicture(augment.Size{Channels: channels, Height: height, Width: width})
	for i := range p.Values {
		p.Values[i] = uint8(i + 1)
	}
	return p
}

// Whatever is registered says what it is and from where. A task with classes shows a picture in as many ways as it has
// classes, moves values about and makes none.
func TestEveryTask(t *testing.T) {
	for _, name := range Names() {
		t.Run(name, func(t *testing.T) {
			task, err := Lookup(name)
			if err != nil || task.Doc == "" || task.Paper == "" {
				t.Errorf("it says %q from %q, error %v", task.Doc, task.Paper, err)
			}
			for _, o := range task.Options {
				if o.Doc == "" {
					t.Errorf("option %s has no text", o.Name)
				}
			}
			whole := picture(2, 8, 8)
			policy, err := task.Policy(nil, whole.Size)
			if err != nil {
				t.Fatal(err)
			}
			if task.Original() {
				return
			}
			seen := map[string]int{}
			for class := range policy.Classes() {
				p := picture(2, 8, 8)
				policy.Apply(&p, class)
				if other, twice := seen[string(p.Values)]; twice {
					t.Errorf("classes %d and %d are the same", other, class)
				}
				seen[string(p.Values)] = class
				for i := range 64 {
					if p.Values[64+i] != p.Values[i]+64 {
						t.Fatalf("class %d: channels are changed in two ways", class)
					}
				}
				slices.Sort(p.Values)
				if !slices.Equal(p.Values, whole.Values) {
					t.Errorf("class %d: other values than those of the picture", class)
				}
			}
			if len(seen) < 2 {
				t.Errorf("%d classes", len(seen))
			}
		})
	}
}

// By hand, as numpy.rot90 turns [[1, 2], [3, 4]] in each of two channels.
func TestRotationTurnsToTheLeft(t *testing.T) {
	for class, want := range [][]uint8{{1, 2, 3, 4, 5, 6, 7, 8}, {2, 4, 1, 3, 6, 8, 5, 7}, {4, 3, 2, 1, 8, 7, 6, 5},
		{3, 1, 4, 2, 7, 5, 8, 6}} {
		p := picture(2, 2, 2)
		rotation{4}.Apply(&p, class)
		if !slices.Equal(p.Values, want) {
			t.Errorf("class %d: %v, want %v", class, p.Values, want)
		}
	}
	p := picture(1, 2, 3)
	rotation{2}.Apply(&p, 1)
	if want := []uint8{6, 5, 4, 3, 2, 1}; !slices.Equal(p.Values, want) {
		t.Errorf("half a turn: %v, want %v", p.Values, want)
	}
}

// By hand: tiles of one by two pixels of two channels.
func TestJigsawMovesTiles(t *testing.T) {
	p := picture(2, 2, 4) // tiles 1 2 | 3 4 over 5 6 | 7 8, and 8 more in the second channel
	jigsaw{2, [][]uint8{{0, 1, 2, 3}, {3, 0, 2, 1}}}.Apply(&p, 1)
	if want := []uint8{7, 8, 1, 2, 5, 6, 3, 4, 15, 16, 9, 10, 13, 14, 11, 12}; !slices.Equal(p.Values, want) {
		t.Errorf("got %v, want %v", p.Values, want)
	}
}

// By hand: of the six permutations of three, 120 and 201 differ from 012 and from one another in all places.
func TestFurthestPermutations(t *testing.T) {
	pool := [][]uint8{{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}}
	got := furthest(pool, 4)
	if want := [][]uint8{pool[0], pool[3], pool[4], pool[1]}; !slices.EqualFunc(got, want, slices.Equal) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// All permutations of four tiles are drawn. A hundred of nine are further from one another than chance has them, which
// is in eight of nine places, and another seed gives others.
func TestPermutationsOfJigsaw(t *testing.T) {
	of := func(tiles, n, seed int) [][]uint8 {
		p, err := newJigsaw(option.Settings{"tiles": tiles, "permutations": n, "seed": seed}, augment.Size{Channels: 1, Height: 12, Width: 12})
		if err != nil {
			t.Fatal(err)
		}
		return p.(jigsaw).permutations
	}
	different := map[string]bool{}
	for _, p := range of(2, 24, 3) {
		different[string(p)] = true
	}
	if len(different) != 24 {
		t.Errorf("%d different permutations of four tiles, want 24", len(different))
	}
	hundred, sum := of(3, 100, 0), 0
	for i, a := range hundred {
		if sorted := slices.Sorted(slices.Values(a)); !slices.Equal(sorted, []uint8{0, 1, 2, 3, 4, 5, 6, 7, 8}) {
			t.Fatalf("%v is no permutation", a)
		}
		for _, b := range hundred[:i] {
			for k := range a {
				if a[k] != b[k] {
					sum++
				}
			}
		}
	}
	if mean := float64(sum) / (100 * 99 / 2); mean < 8.05 {
		t.Errorf("they differ in %.3f places on average, want more than 8.05", mean)
	}
	if slices.EqualFunc(hundred, of(3, 100, 1), slices.Equal) || !slices.EqualFunc(hundred, of(3, 100, 0), slices.Equal) {
		t.Error("the permutations do not follow the seed")
	}
}

func TestWrongTasks(t *testing.T) {
	for _, c := range []struct {
		name  string
		given map[string]any
		want  string
	}{
		{"rotation", nil, "rotation: a quarter turn of images of 4×6, want square ones, or turns 2"},
		{"rotation", map[string]any{"turns": 3}, "rotation: turns 3, want 2 or 4"},
		{"rotation", map[string]any{"turn": 3}, `rotation has no option "turn": did you mean turns?`},
		{"jigsaw", map[string]any{"tiles": 3}, "jigsaw: tiles 3 a side do not divide images of 4×6"},
		{"jigsaw", map[string]any{"tiles": 2, "permutations": 25}, "jigsaw: permutations 25, want at most 24, which is all that 2×2 tiles have"},
		{"original", map[string]any{"turns": 3}, `original has no option "turns": there are none`},
	} {
		task, err := Lookup(c.name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := task.Policy(c.given, augment.Size{Channels: 1, Height: 4, Width: 6}); err == nil || err.Error() != c.want {
			t.Errorf("got error %v, want %s", err, c.want)
		}
	}
	if _, err := Lookup("rotate"); err == nil || err.Error() != `unknown task "rotate": want one of jigsaw, original, rotation` {
		t.Errorf("got error %v", err)
	}
}

// The classes of a run are numbers of permutations, which must not change with a release.
func TestPermutationsAreTheSameForever(t *testing.T) {
	for _, c := range []struct {
		seed, tiles int
		want        string
	}{
		{0, 2, "[[1 0 2 3] [2 3 0 1] [3 2 1 0] [0 1 3 2]]"}, {1, 2, "[[1 3 0 2] [2 0 1 3] [3 1 2 0] [0 2 3 1]]"},
		{0, 3, "[[1 0 7 5 3 4 2 8 6] [0 7 4 6 2 5 3 1 8] [3 5 0 2 1 8 4 6 7] [4 6 2 3 8 0 1 7 5]]"},
	} {
		settings := option.Settings{"tiles": c.tiles, "permutations": 4, "seed": c.seed}
		policy, err := newJigsaw(settings, augment.Size{Channels: 1, Height: 12, Width: 12})
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(policy.(jigsaw).permutations); got != c.want {
			t.Errorf("seed %d, %d tiles a side: got %s, want %s", c.seed, c.tiles, got, c.want)
		}
	}
}
