package zoo

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"workbench/nn"
)

// Widths are rounded as the published programs round them, worked out by hand.
func TestWidthsAreRoundedAsPublished(t *testing.T) {
	for _, test := range []struct {
		channels float64
		divisor  int
		keep     float64
		want     int
	}{
		{11.2, 8, 0.1, 16}, {33.6, 8, 0.1, 32}, {8, 8, 0.1, 8}, {3, 8, 0.1, 8}, {12, 8, 0, 16}, {11.9, 8, 0, 8}, {11.9, 8, 0.1, 16},
		{20, 8, 0.1, 24},
		{27, 8, 0.1, 32}, {26.6, 8, 0.1, 24}, {1280, 8, 0.1, 1280}, {13.4, 4, 0, 12}, {0, 4, 0, 4},
	} {
		if got := divisible(test.channels, test.divisor, test.keep); got != test.want {
			t.Errorf("%v to a multiple of %d, keeping %v: %d, want %d", test.channels, test.divisor, test.keep, got, test.want)
		}
	}
	for x, want := range map[float64]int{0.5: 0, 1.5: 2, 2.5: 2, 2.51: 3, 3.49: 3, 4: 4, 5.5: 6} {
		if got := rounded(x); got != want {
			t.Errorf("%v is rounded to %d, want %d", x, got, want)
		}
	}
}

// Each pair of switches that no family can have together is told, and nothing else.
func TestContradictions(t *testing.T) {
	some := func(pairs ...any) Settings {
		s := Settings{"attention": "none", "se_position": "standard", "drop_path": 0.0, "cardinality": 1, "convolution": "dense",
			"shuffle":  false,
			"shortcut": "identity"}
		for i := 0; i < len(pairs); i += 2 {
			s[pairs[i].(string)] = pairs[i+1]
		}
		return s
	}
	groups := func(yes bool) func(Settings) bool { return func(Settings) bool { return yes } }
	const shuffle = "shuffle=true needs convolutions of groups, got cardinality=1: all channels meet already"
	for _, test := range []struct {
		v    Variant
		s    Settings
		want string
	}{
		{Variant{}, some(), ""}, {Variant{}, Settings{}, ""}, {Variant{}, some("cardinality", 2), ""},
		{Variant{}, some("convolution", "separable"), ""},
		{Variant{}, some("cardinality", 2, "convolution", "separable"),
			"convolution=separable has a group for each channel, and cardinality=2 " +
				"asks for 2 groups; want convolution=dense or cardinality=1"},
		{Variant{}, some("shuffle", true), shuffle}, {Variant{}, some("shuffle", true, "cardinality", 2), ""},
		{Variant{grouped: groups(true)}, some("shuffle", true), ""}, {Variant{grouped: groups(false)}, some("shuffle", true), shuffle},
		{Variant{}, some("drop_path", 0.1), ""}, {Variant{}, some("shortcut", "none"), ""},
		{Variant{}, some("drop_path", 0.1, "shortcut", "none"),
			"drop_path=0.1 needs shortcuts, got shortcut=none: a dropped branch would leave " +
				"nothing; want drop_path=0 or another shortcut"},
		{Variant{}, some("se_position", "pre"), "se_position=pre needs attention=se, got attention=none"},
		{Variant{}, some("se_position", "pre", "attention", "se"), ""}, {Variant{}, some("se_position", "identity", "attention", "se"), ""},
		{Variant{}, some("se_position", "identity", "attention", "se", "shortcut", "none"),
			"se_position=identity needs shortcuts, got shortcut=none"},
		{Variant{}, some("se_position", "post", "attention", "se", "shortcut", "none"), ""},
		{Variant{chained: true}, some("se_position", "post", "attention", "se"), ""},
		{Variant{chained: true}, some("se_position", "post", "attention", "se", "shortcut", "none"),
			"se_position=post needs shortcuts, got shortcut=none: without an addition it is the standard position"},
		{Variant{chained: true}, some("attention", "se", "shortcut", "none"), ""},
	} {
		got := ""
		if err := test.v.contradiction(test.s); err != nil {
			got = err.Error()
		}
		if got != test.want {
			t.Errorf("%v: %q, want %q", test.s, got, test.want)
		}
	}
}

// A stage, counted from 1 in settings and from 0 here, has attention if it is the one or all have it; branches are
// dropped the more the later they are.
func TestStagesAndDrops(t *testing.T) {
	for _, test := range []struct {
		a     attention
		stage int
		want  bool
	}{
		{attention{kind: "se", stage: "all"}, 3, true}, {attention{kind: "none", stage: "all"}, 3, false},
		{attention{kind: "se", stage: "1"}, 0, true},
		{attention{kind: "se", stage: "1"}, 1, false}, {attention{kind: "none", stage: "1"}, 0, false},
		{attention{kind: "se", stage: "2"}, 1, true},
	} {
		if got := test.a.in(test.stage); got != test.want {
			t.Errorf("%+v in stage %d: %v", test.a, test.stage, got)
		}
	}
	s := shortcut{dropPath: 0.4}
	if a, b, c := s.drop(0, 4), s.drop(1, 4), s.drop(4, 4); a != 0 || b != 0.1 || c != 0.4 {
		t.Errorf("branches are dropped with %v, %v, %v", a, b, c)
	}
}

// A paper is cited by its authors and the year of the network.
func TestCitationsOfAuthors(t *testing.T) {
	for paper, want := range map[string]string{"Hu. Title": "Hu 2018", "Hu, Li. Title. Journal": "Hu and Li 2018",
		"Hu, Li, Wu. Title": "Hu et al. 2018",
		"Hu et al. Title":   "Hu et al. 2018"} {
		if got := (Variant{Paper: paper, Year: 2018}).Citation(); got != want {
			t.Errorf("%s is cited as %s, want %s", paper, got, want)
		}
	}
}

// refused is what a function panics with.
func refused(do func()) (with string) {
	defer func() { with = fmt.Sprint(recover()) }()
	do()
	return ""
}

// What a programmer has got wrong shows at the start.
func TestMistakesOfProgrammersShowAtTheStart(t *testing.T) {
	const header = "model,data,top1,top5,evaluation,source,headline\n"
	row := Published{Data: "ImageNet", Top1: 1.5, Top5: 0.25, Evaluation: "1 crop", Source: "here", Headline: true}
	second := Published{Data: "CIFAR-10", Top5: 2, Evaluation: "e", Source: "s"}
	if got := readPublished(header + "a,ImageNet,1.5,0.25,1 crop,here,yes\na,CIFAR-10,,2,e,s,\n"); !reflect.DeepEqual(got,
		map[string][]Published{
			"a": {row, second}}) {
		t.Errorf("got %+v", got)
	}
	build := func(b *nn.Builder, x nn.Tensor, _ int, _ Settings) nn.Tensor { return x }
	for want, do := range map[string]func(){
		`zoo: published.csv, line 3: strconv.ParseFloat: parsing "x": invalid syntax`: func() {
			readPublished(header +
				"a,b,1,2,c,d,e\na,b,1,x,c,d,e\n")
		},
		"zoo: published.csv: record on line 2: wrong number of fields": func() { readPublished(header + "a,b\n") },
		`zoo: Register("resnet18"): registered twice or incomplete`: func() {
			Register(Variant{Name: "resnet18",
				Build: build})
		},
		`zoo: Register(""): registered twice or incomplete`:    func() { Register(Variant{Build: build}) },
		`zoo: Register("new"): registered twice or incomplete`: func() { Register(Variant{Name: "new"}) },
		`zoo: a default for "depht", which is no option`: func() {
			withDefaults([]Option{{Name: "depth"}},
				Settings{"depht": 1})
		},
	} {
		if got := refused(do); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	before := []Option{{Name: "a", Default: 1}, {Name: "b", Default: 2}}
	after := withDefaults(before, Settings{"b": 3})
	if before[1].Default != 2 || after[1].Default != 3 || after[0].Default != 1 {
		t.Errorf("%+v has become %+v", before, after)
	}
}

// What is quick to compute of a network's cost is what all of it says.
func TestCostsAreThoseOfTheDescription(t *testing.T) {
	for _, name := range []string{"resnet_mini", "googlenet_aux", "vgg_mini", "mobilenet_mini"} {
		v, err := Lookup(name)
		if err != nil {
			t.Fatal(err)
		}
		s := mustResolve(t, v, nil)
		all, err := Describe(v, s, v.Input, 7)
		if err != nil {
			t.Fatal(err)
		}
		cost, err := Cost(v, s, v.Input, 7)
		whole := reflect.ValueOf(all)
		for i := range reflect.TypeOf(cost).NumField() {
			field := reflect.TypeOf(cost).Field(i).Name
			if want := whole.FieldByName(field); err != nil || !reflect.DeepEqual(reflect.ValueOf(cost).Field(i).Interface(), want.Interface()) {
				t.Errorf("%s: %v, %s is %v, described as %v", name, err, field, reflect.ValueOf(cost).Field(i), want)
			}
		}
		if _, err := Cost(v, s, [3]int{0, 32, 32}, 7); err == nil || !strings.HasPrefix(err.Error(), name+" on 0×32×32 images: ") {
			t.Errorf("%s of no channels: %v", name, err)
		}
	}
}
