package augment

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"workbench/nn/option"
)

// declared are all augmentations in the order in which they are applied, with their options: default, bounds, and where
// their numbers stand in the sequence that the first two share.
var declared = []string{
	"10 crop, shared from 0: pad=0 int 0..0",
	"12 resized_crop: resized_crop=false bool 0..0, resized_crop_scale=[0.08 1] []float64 0..0, " +
		"resized_crop_ratio=[0.75 1.3333333333333333] []float64 0..0",
	"20 flip, shared from 2: flip=false bool 0..0",
	"22 alternating_flip: alternating_flip=false bool 0..0",
	"30 rotation: rotation=0 float64 0..180",
	"110 jitter: jitter=0 float64 0..1, jitter_brightness=0.4 float64 0..1, jitter_contrast=0.4 float64 0..1, " +
		"jitter_saturation=0.4 float64 0..1, jitter_hue=0.1 float64 0..0.5",
	"120 greyscale: greyscale=0 float64 0..1",
	"130 blur: blur=0 float64 0..1, blur_sigma=[0.1 2] []float64 0..0, blur_kernel=0 int 0..0",
	"140 solarize: solarize=0 float64 0..1, solarize_threshold=128 int 0..255",
	"152 autoaugment: autoaugment=false bool 0..0",
	"154 randaugment: randaugment=0 int 0..14, randaugment_magnitude=9 int 0..30",
	"156 trivial: trivial=false bool 0..0",
	"158 fixmatch_strong: fixmatch_strong=0 int 0..14, fixmatch_strong_probability=1 float64 0..1, fixmatch_strong_cutout=0.5 float64 0..1",
	"159 fixmatch_paper: fixmatch_paper=false bool 0..0",
	"200 cutout: cutout=0 int 0..0, cutout_value=[127] []float64 0..255",
	"210 erasing: erasing=0 float64 0..1, erasing_scale=[0.02 0.33] []float64 0..0, erasing_ratio=[0.3 3.3] []float64 0..0, " +
		"erasing_value=[127] []float64 0..255, erasing_noise=false bool 0..0",
}

// added tells whether a line is of an augmentation that is not among those declared: one file adds one.
func added(line string) bool {
	name, _, _ := strings.Cut(strings.Fields(line)[1], ":")
	return !slices.ContainsFunc(declared, func(known string) bool {
		return strings.TrimRight(strings.Fields(known)[1], ":,") == strings.TrimRight(name, ":,")
	})
}

func TestEveryAugmentationDeclaresItsOptions(t *testing.T) {
	var got []string
	var options []option.Option
	for _, a := range All() {
		text := fmt.Sprintf("%d %s", a.Order, a.Name)
		if a.draws != nil {
			text += fmt.Sprint(", shared from ", *a.draws)
		}
		var all []string
		for _, o := range a.Options {
			marks := ""
			if o.Above || o.Below || o.Required || o.Later || o.ZeroIsDefault || o.Choices != nil {
				marks = " and more"
			}
			all = append(all, fmt.Sprintf("%s=%v %T %v..%v%s", o.Name, o.Default, o.Default, o.Min, o.Max, marks))
			if owner, ok := Owner(o.Name); !ok || owner.Name != a.Name {
				t.Errorf("option %s is owned by %q (%v), want %s", o.Name, owner.Name, ok, a.Name)
			}
		}
		got = append(got, text+": "+strings.Join(all, ", "))
		options = append(options, a.Options...)
		if old := a.Name == "crop" || a.Name == "flip"; (a.Paper == "") != old && slices.Contains(declared, got[len(got)-1]) {
			t.Errorf("%s comes from %q", a.Name, a.Paper)
		}
	}
	got = slices.DeleteFunc(got, added)
	if !slices.Equal(got, declared) {
		t.Errorf("declared are\n%s, want\n%s", strings.Join(got, "\n"), strings.Join(declared, "\n"))
	}
	if got, want := option.Names(Options()), option.Names(options); !slices.Equal(got, want) {
		t.Errorf("the keys are %v, want %v", got, want)
	}
	if _, ok := Owner("none"); ok {
		t.Error("an option that nobody has is owned")
	}
}

// What is on is what settings turn on by its first option, whatever they say of the others.
func TestWhatIsOn(t *testing.T) {
	for _, c := range []struct {
		given map[string]any
		want  []string
	}{
		{nil, []string{}}, {map[string]any{"pad": 0, "flip": false, "blur_sigma": []float64{1, 2}}, []string{}},
		{map[string]any{"flip": true, "pad": 2}, []string{"pad", "flip"}},
		{map[string]any{"cutout": 3, "solarize": 0.5}, []string{"solarize", "solarize_threshold", "cutout", "cutout_value"}},
	} {
		if got := option.Names(Active(c.given)); !slices.Equal(got, c.want) {
			t.Errorf("%v: on are %v, want %v", c.given, got, c.want)
		}
	}
}

func TestRegisterRefusesWhatIsIncomplete(t *testing.T) {
	one := []option.Option{{Name: "one", Default: 0}}
	policy := func(option.Settings, Size) (Policy, error) { return nil, nil }
	for name, a := range map[string]Augmentation{
		"twice": {Name: "flip", Options: one, New: policy}, "without a name": {Options: one, New: policy},
		"without a policy": {Name: "one", Options: one}, "without options": {Name: "one", New: policy},
		"with another's option": {Name: "one", Options: []option.Option{{Name: "two"}, {Name: "pad"}}, New: policy},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("an augmentation %s was registered", name)
				}
			}()
			Register(a)
		}()
	}
}
