package data_test

import (
	"context"
	"strconv"
	"strings"
	"testing"

	"workbench/experiments/data"
	"workbench/nn/option"
)

func TestOpenNamesWhatIsWrong(t *testing.T) {
	for _, c := range []struct {
		name  string
		given map[string]any
		want  string
	}{
		{"shpaes", nil, `unknown data set "shpaes": did you mean shapes?`},
		{"photographs of cats", nil, `unknown data set "photographs of cats": want one of cifar10, `},
		{"shapes", map[string]any{"nosie": 0.1}, `shapes has no option "nosie": did you mean noise?`},
		{"shapes", map[string]any{"overlap": 2}, "shapes: option overlap: want a number from 0 to 1, got 2"},
		{"shapes", map[string]any{"train": 0}, "shapes: option train: want a whole number from 1 to 100000, got 0"},
		{"cifar10", map[string]any{"train": 60000}, "cifar10: option train: want a whole number from 0 to 50000, got 60000"},
	} {
		_, err := data.Open(context.Background(), c.name, "", c.given)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %v: got error %v, want %q", c.name, c.given, err, c.want)
		}
	}
}

// Every registered set says what it is and has defaults that its own checks accept.
func TestSourcesAreComplete(t *testing.T) {
	for _, s := range data.Sources() {
		t.Run(s.Name, func(t *testing.T) {
			if s.Doc == "" {
				t.Error("no description")
			}
			for _, o := range s.Options {
				if o.Doc == "" {
					t.Errorf("option %s has no description", o.Name)
				}
				if _, err := s.Resolve(map[string]any{o.Name: o.Default}); err != nil {
					t.Errorf("its own default: %v", err)
				}
			}
		})
	}
}

// What a list says that is in a set is what its settings say, and of a set that needs no files what it has.
func TestSetsHoldWhatTheySay(t *testing.T) {
	for _, s := range data.Sources() {
		for name, n := range map[string]int{"train": s.Holds.Train, "test": s.Holds.Test} {
			o, has := option.Find(s.Options, name)
			if _, all, said := strings.Cut(o.Doc, "0: all "); has && said {
				digits, _, _ := strings.Cut(strings.ReplaceAll(all, ",", "")+" ", " ")
				if strconv.Itoa(n) != digits {
					t.Errorf("%s: %d %s images are listed, the setting says %s", s.Name, n, name, digits)
				}
			}
		}
		if s.Holds.Side == 0 || s.Holds.Channels == 0 {
			t.Errorf("%s: no size is listed: %+v", s.Name, s.Holds)
		}
		if o, has := option.Find(s.Options, "size"); has && o.Default != s.Holds.Side {
			t.Errorf("%s: a side of %d is listed, dataset.size is %v", s.Name, s.Holds.Side, o.Default)
		}
	}
	set, err := data.Open(t.Context(), "shapes", "", nil)
	if err != nil {
		t.Fatal(err)
	}
	info := set.Info()
	got := data.Holds{Train: set.Len(data.Train), Test: set.Len(data.Test), Classes: len(info.Classes), Channels: info.Channels,
		Side: info.Height}
	if s, _ := data.Lookup("shapes"); got != s.Holds {
		t.Errorf("shapes has %+v, listed is %+v", got, s.Holds)
	}
}
