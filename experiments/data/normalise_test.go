package data_test

import (
	"reflect"
	"strings"
	"testing"

	"workbench/experiments/data"
)

// Whatever a set's own statistics are, a study can give others; images and digest stay what they are.
func TestNormalisationOfASet(t *testing.T) {
	own, err := data.Open(t.Context(), "shapes", "", map[string]any{"train": 10, "test": 10})
	if err != nil {
		t.Fatal(err)
	}
	imagenet := []any{[]float64{0.485, 0.456, 0.406}, []float64{0.229, 0.224, 0.225}}
	for _, c := range []struct {
		given map[string]any
		want  []any
	}{
		{map[string]any{}, []any{own.Info().Mean, own.Info().Std}},
		{map[string]any{"normalisation": "own"}, []any{own.Info().Mean, own.Info().Std}},
		{map[string]any{"normalisation": "imagenet"}, imagenet},
		{map[string]any{"normalisation": "none"}, []any{[]float64(nil), []float64(nil)}},
		{map[string]any{"normalisation": "half"}, []any{[]float64{0.5, 0.5, 0.5}, []float64{0.5, 0.5, 0.5}}},
		{map[string]any{"mean": []float64{0.485, 0.456, 0.406}, "std": []float64{0.229, 0.224, 0.225}}, imagenet},
		{map[string]any{"mean": 0.25, "std": 2}, []any{[]float64{0.25, 0.25, 0.25}, []float64{2, 2, 2}}},
		{map[string]any{"mean": 0, "std": 0.0001}, []any{[]float64{0, 0, 0}, []float64{0.0001, 0.0001, 0.0001}}},
		{map[string]any{"mean": []float64{0.25}, "std": []float64{2}}, []any{[]float64{0.25, 0.25, 0.25}, []float64{2, 2, 2}}},
	} {
		c.given["train"], c.given["test"] = 10, 10
		set, err := data.Open(t.Context(), "shapes", "", c.given)
		if err != nil {
			t.Fatalf("%v: %v", c.given, err)
		}
		info := set.Info()
		if got := []any{info.Mean, info.Std}; !reflect.DeepEqual(got, c.want) || set.Digest() != own.Digest() || info.Name != "shapes" {
			t.Errorf("%v: %v, digest %s, want %v and %s", c.given, got, set.Digest(), c.want, own.Digest())
		}
	}
	for _, c := range []struct {
		given map[string]any
		want  string
	}{
		{map[string]any{"mean": []float64{0.1, 0.2}, "std": []float64{1}},
			"data set shapes: dataset.mean: 2 numbers to normalise by, want one for each of the 3 channels, or one for all"},
		{map[string]any{"mean": []float64{1.5}, "std": []float64{1}}, "option mean"},
		{map[string]any{"mean": 1.5, "std": 1}, "option mean"},
		{map[string]any{"mean": "half", "std": 1}, "option mean: want a number from 0 to 1 for each channel, or one for all"},
		{map[string]any{"mean": []float64{0.5}, "std": []float64{0}}, "option std"},
		{map[string]any{"mean": 0.5, "std": 0.00009},
			"option std: want a number of at least 0.0001 for each channel, or one for all, got 9e-05"},
		{map[string]any{"normalisation": "cifar"}, "option normalisation"},
	} {
		if _, err := data.Open(t.Context(), "shapes", "", c.given); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: error %v, want %q", c.given, err, c.want)
		}
	}
}

// Half of a setting, or two settings for one thing, are refused before data are read.
func TestConflictsOfNormalisation(t *testing.T) {
	for _, c := range []struct {
		given map[string]any
		want  string
	}{
		{map[string]any{"mean": []float64{0.5}}, "std want dataset.mean and dataset.std together, or neither"},
		{map[string]any{"std": []float64{0.5}}, "std want dataset.mean and dataset.std together, or neither"},
		{map[string]any{"mean": []float64{0.5}, "std": []float64{0.5}, "normalisation": "half"},
			"normalisation want dataset.normalisation or dataset.mean and dataset.std, got both"},
		{map[string]any{"mean": []float64{0.5}, "std": []float64{0.5}}, ""},
		{map[string]any{"normalisation": "half"}, ""},
	} {
		s, err := mustSource(t, "shapes").Resolve(nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range data.Common {
			s[o.Name] = o.Default
		}
		for name, value := range c.given {
			s[name] = value
		}
		got := ""
		for _, conflict := range data.Conflicts(s) {
			got += conflict.Option + " " + conflict.Message
		}
		if got != c.want {
			t.Errorf("%v: %q, want %q", c.given, got, c.want)
		}
	}
}

func mustSource(t *testing.T, name string) data.Source {
	t.Helper()
	s, err := data.Lookup(name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
