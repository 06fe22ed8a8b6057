package data

import (
	"strings"
	"testing"
)

// A validation part is clean and apart from what is trained on, whatever else is chosen.
func TestChooseHoldsOutBeforeAnythingElse(t *testing.T) {
	set, err := Open(t.Context(), "shapes", "", map[string]any{"train": 200, "test": 10})
	if err != nil {
		t.Fatal(err)
	}
	given := map[string]any{"val": 0.1, "per_class": 8, "label_noise": "symmetric", "label_noise_rate": 0.5, "train": 200}
	train, val, err := Choose(set, given, 7)
	if err != nil {
		t.Fatal(err)
	}
	if train.Len() != 80 || val.Len() != 20 || train.Wrong() != 0.5 || val.Wrong() != 0 {
		t.Errorf("%d images with %v wrong labels, %d held out with %v; want 80 with half, 20 with none",
			train.Len(), train.Wrong(), val.Len(), val.Wrong())
	}
	held := map[int]bool{}
	for row := range val.Len() {
		held[val.Sample(row)] = true
	}
	for row := range train.Len() {
		if held[train.Sample(row)] {
			t.Fatalf("image %d is trained on and held out", train.Sample(row))
		}
	}
	again, _, err := Choose(set, given, 7)
	if err != nil || again.Digest() != train.Digest() {
		t.Errorf("the same seed chooses %s and then %s (%v)", train.Digest(), again.Digest(), err)
	}
	if other, _, err := Choose(set, given, 8); err != nil || other.Digest() == train.Digest() {
		t.Errorf("another seed chooses the same (%v)", err)
	}
	all, none, err := Choose(set, nil, 7)
	if err != nil || all.Len() != 200 || none.Len() != 0 || all.Digest() != (Part{Set: set}).Digest() {
		t.Errorf("without settings %d images are chosen and %d held out (%v), want all 200", all.Len(), none.Len(), err)
	}
}

func TestChooseSaysWhatDoesNotFit(t *testing.T) {
	set, err := Open(t.Context(), "shapes", "", map[string]any{"train": 30, "test": 10})
	if err != nil {
		t.Fatal(err)
	}
	for want, given := range map[string]map[string]any{
		"dataset.val: ":                      {"val": 0.001},
		"dataset.per_class, dataset.share: ": {"per_class": 4},
		"dataset.label_noise: ":              {"label_noise": "asymmetric", "label_noise_rate": 0.2},
	} {
		if _, _, err := Choose(set, given, 1); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v: got error %v, want one that begins with %q", given, err, want)
		}
	}
	for want, given := range map[string]map[string]any{
		"share":            {"per_class": 4, "share": 0.5},
		"label_noise_rate": {"label_noise": "symmetric"},
	} {
		if got := Conflicts(mixed(given)); len(got) != 1 || got[0].Option != want {
			t.Errorf("%v conflict in %v, want %s", given, got, want)
		}
	}
	if got := Conflicts(mixed(map[string]any{"label_noise_rate": 0.3})); len(got) != 1 {
		t.Errorf("a rate without a kind of noise conflicts in %v", got)
	}
	if got := Conflicts(mixed(nil)); got != nil {
		t.Errorf("defaults conflict in %v", got)
	}
}

// mixed are the given settings of Common among the defaults.
func mixed(given map[string]any) Settings {
	s := Settings{}
	for _, o := range Common {
		s[o.Name] = o.Default
	}
	for name, value := range given {
		s[name] = value
	}
	return s
}
