package augment_test

import (
	"slices"
	"strings"
	"testing"

	"workbench/experiments/data/augment"
	"workbench/nn/option"
)

// picture has another value in each place, none of them black.
func picture() augment.Picture {
	p := augment.NewPicture(augment.Size{Channels: 3, Height: 8, Width: 9})
	for i := range p.Values {
		p.Values[i] = uint8(i + 1)
	}
	return p
}

// something is a value that turns an option on, other than its default.
func something(o option.Option) any {
	switch v := o.Default.(type) {
	case bool:
		return true
	case int:
		return max(5, int(o.Min))
	case float64:
		x := max(0.5, o.Min, o.Max/4)
		if x == v {
			x /= 2
		}
		return x
	case string:
		return o.Choices[len(o.Choices)-1]
	case []float64:
		return []float64{0.3, 0.6}[:max(1, len(v))]
	}
	return nil
}

// Whatever is registered says what it is, changes pictures when it is on, differs between epochs, pictures and seeds,
// and does the same again for the same.
func TestEveryAugmentation(t *testing.T) {
	for _, a := range augment.All() {
		t.Run(a.Name, func(t *testing.T) {
			for i, o := range a.Options {
				if o.Doc == "" || i > 0 && !strings.HasPrefix(o.Name, a.Name+"_") {
					t.Errorf("option %s: want a text, and a name that begins with %s_", o.Name, a.Name)
				}
			}
			if a.Doc == "" || !option.IsZero(a.Options[0].Default) {
				t.Errorf("it says %q and is on by default: %v", a.Doc, a.Options[0].Default)
			}
			chain, err := augment.New(map[string]any{a.Options[0].Name: something(a.Options[0])}, picture().Size)
			if err != nil || len(chain) != 1 {
				t.Fatalf("chain of %d, error %v", len(chain), err)
			}
			seen := func(seed, epoch uint64, i int) []uint8 {
				p := picture()
				chain.Start("", seed, epoch)
				chain.Apply(&p, i)
				return p.Values
			}
			differs := map[string]int{}
			for i := range 64 {
				same := seen(1, 1, i)
				if !slices.Equal(same, seen(1, 1, i)) {
					t.Fatalf("picture %d is changed in two ways by the same chance", i)
				}
				for what, other := range map[string][]uint8{"changed": picture().Values, "epoch": seen(1, 2, i), "seed": seen(2, 1, i),
					"picture": seen(1, 1, i+1)} {
					if !slices.Equal(same, other) {
						differs[what]++
					}
				}
			}
			for _, what := range []string{"changed", "epoch", "seed", "picture"} {
				if differs[what] < 10 {
					t.Errorf("%s: %d of 64 pictures differ", what, differs[what])
				}
			}
		})
	}
}

// What augmentations do to the geometry of a picture they do to all its channels alike. Black comes in from every
// side.
func TestGeometryIsThatOfAllChannels(t *testing.T) {
	for _, a := range augment.All() {
		if a.Order >= 100 {
			continue
		}
		t.Run(a.Name, func(t *testing.T) {
			given := map[string]any{a.Options[0].Name: something(a.Options[0])}
			black := map[string]int{}
			for i := range 64 {
				p, got := picture(), changed(t, given, i)
				plane := p.Height * p.Width
				for k, v := range got[:plane] {
					padding := v == augment.Black
					for side, there := range map[string]bool{"above": k < p.Width, "below": k >= plane-p.Width, "left": k%p.Width == 0,
						"right": k%p.Width == p.Width-1} {
						if padding && there {
							black[side]++
						}
					}
					for c := 1; c < p.Channels; c++ {
						want := v + uint8(c*plane) // by what the channels of picture differ
						if padding {
							want = augment.Black
						}
						if got[c*plane+k] != want {
							t.Fatalf("picture %d, pixel %d: channel %d is %v where channel 0 is %v, want %v", i, k, c, got[c*plane+k], v, want)
						}
					}
				}
			}
			if len(black) != 0 && len(black) != 4 {
				t.Errorf("black comes in from %v alone", black)
			}
		})
	}
}

// Every further option of an augmentation changes what it does to some picture.
func TestOptionsOfAugmentationsHaveAnEffect(t *testing.T) {
	for _, a := range augment.All() {
		for _, o := range a.Options[1:] {
			plain := map[string]any{a.Options[0].Name: something(a.Options[0])}
			other := map[string]any{a.Options[0].Name: something(a.Options[0]), o.Name: something(o)}
			differs := false
			for i := range 64 {
				differs = differs || !slices.Equal(changed(t, plain, i), changed(t, other, i))
			}
			if !differs {
				t.Errorf("%s: %s=%v changes nothing", a.Name, o.Name, other[o.Name])
			}
		}
	}
}

// changed is picture i after what the settings do to it.
func changed(t *testing.T, given map[string]any, i int) []uint8 {
	t.Helper()
	chain, err := augment.New(given, picture().Size)
	if err != nil {
		t.Fatal(err)
	}
	p := picture()
	chain.Start("", 1, 1)
	chain.Apply(&p, i)
	return p.Values
}

func TestNothingOnChangesNothing(t *testing.T) {
	chain, err := augment.New(map[string]any{"pad": 0, "flip": false}, picture().Size)
	if err != nil || len(chain) != 0 {
		t.Errorf("chain of %d, error %v, want none", len(chain), err)
	}
}

func TestWrongSettings(t *testing.T) {
	for name, c := range map[string]struct {
		value any
		want  string
	}{
		"pad":  {9, "augment.pad: pad of 9 pixels on images of 8×9, want 0 to 7"},
		"flip": {3, "augment: option flip: want true or false, got 3"},
		"pda":  {3, `augment has no option "pda": did you mean pad?`},
	} {
		if _, err := augment.New(map[string]any{name: c.value}, picture().Size); err == nil || err.Error() != c.want {
			t.Errorf("got error %v, want %s", err, c.want)
		}
	}
}
