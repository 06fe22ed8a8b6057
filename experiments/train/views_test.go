//go:build !race

package train

import (
	"fmt"
	"maps"
	"testing"

	"workbench/experiments/data"
)

// What a view adds to the study's augmentation is for that view alone: other views, other streams, other phases and the
// study itself keep theirs. A plain view has none.
func TestWhatAViewAddsIsItsOwn(t *testing.T) {
	both := map[string]any{"pad": 2, "flip": true}
	with := func(of map[string]any) map[string]any {
		all := map[string]any{"fixmatch_strong": 3}
		maps.Copy(all, of)
		return all
	}
	for _, c := range []struct {
		strategy string
		study    map[string]any
		want     map[string][]map[string]any // by phase and stream: of each view
	}{
		{"supervised", both, map[string][]map[string]any{"/": {both}}},
		{"fixmatch", both, map[string][]map[string]any{"/unlabelled": {both, with(both)}, "/labelled": {both}}},
		{"fixmatch", nil, map[string][]map[string]any{"/unlabelled": {nil, with(nil)}, "/labelled": {nil}}},
		{"relabelled", both, map[string][]map[string]any{"pretrain/": {both}, "probe/": {nil}}},
	} {
		config := strategyJob(t, c.strategy).Run.Config
		config.Augment = maps.Clone(c.study)
		set, err := data.Open(t.Context(), config.Dataset.Name, "", config.Dataset.Options)
		if err != nil {
			t.Fatal(err)
		}
		all, err := stages(config, set, 1)
		if err != nil {
			t.Fatal(err)
		}
		got := map[string][]map[string]any{}
		for _, s := range all {
			for _, l := range s.streams {
				for _, v := range l.Views {
					got[s.Name+"/"+l.Name] = append(got[s.Name+"/"+l.Name], v.Augment)
				}
			}
		}
		if fmt.Sprint(got) != fmt.Sprint(c.want) || fmt.Sprint(config.Augment) != fmt.Sprint(c.study) {
			t.Errorf("%s with %v: views have %v, want %v; the study is left with %v", c.strategy, c.study, got, c.want, config.Augment)
		}
	}
}
