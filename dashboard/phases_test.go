package dashboard

import (
	"fmt"
	"strings"
	"testing"

	"workbench/experiments"
)

// begun are a run of the phase pretrain and one that begins with it.
func begun() (before, run experiments.RunInfo) {
	before.ID, before.Status = "0123456789abcdef", experiments.Done
	before.Phases = []experiments.PhaseInfo{{Phase: experiments.Phase{Name: "pretrain", Count: 1, Steps: 12, Epochs: 2, Images: 960,
		MultiplyAdds: 7e9}, Seconds: 3.5}}
	before.Last = map[string]float64{"pretrain/test/collapsed": 1, "pretrain/test/feature_spread": 0.001, "pretrain/test/effective_rank": 1.5,
		"pretrain/test/knn_top1": 0.09, "pretrain/train/knn_top1": 0.5}
	run.ID, run.Status, run.Needs = "feedfacefeedface", experiments.Running, []string{before.ID}
	run.Phases = []experiments.PhaseInfo{{Phase: experiments.Phase{Name: "probe", Index: 1, Count: 2, First: 12, Steps: 40, Epochs: 4,
		Images: 400, MultiplyAdds: 2e9}, Seconds: 61}}
	run.Progress = &experiments.Progress{Step: 22}
	run.Last = map[string]float64{"probe/test/top1": 0.25}
	return before, run
}

// A run that begins with another shows that one's phase first and leads to it; its own counts as far as it has come.
func TestPhasesOfARunThatBeginsWithAnother(t *testing.T) {
	before, run := begun()
	v := phasesOf(&before, run)
	got := ""
	for _, r := range v.Table.Rows {
		for _, c := range r.Cells {
			got += c.Text + c.Href + "|"
		}
		got += "\n"
	}
	want := "pretrain, by run 01234567/runs/0123456789abcdef|2|12|0|960|7 G|3.5 s|\nprobe|4|40|12|100|500 M|1 m 01 s|\n"
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if s := string(v.Strip); !strings.Contains(s, "pretrain: 2 epochs, 12 steps, 960 images, 3.5 s") ||
		!strings.Contains(s, "epoch of the run") || strings.Count(s, "stroke-dasharray") != 1 {
		t.Errorf("strip %s", s)
	}
	before.Phases[0].Epochs = 0 // by an earlier program
	if s := string(phasesOf(&before, run).Strip); !strings.Contains(s, "step of the run") || !strings.Contains(s, ">52<") {
		t.Errorf("strip without epochs %s", s)
	}
	if v := phasesOf(nil, experiments.RunInfo{}); v.Strip != "" || len(v.Table.Rows) != 0 {
		t.Errorf("of a run without phases: %+v", v)
	}
}

// What features are worth and whether they collapsed is said in words, of the run that made them.
func TestFeaturesAreJudgedInWords(t *testing.T) {
	before, run := begun()
	got := fmt.Sprint(judgements(&before, run))
	want := "[{After pretrain, nearest neighbours of features: 9.00 % of test images right. false} " +
		"{Features collapsed: they spread by 0.001, effective rank 1.5 (pretrain/test). true} " +
		"{After probe, the classifier: 25.00 % of test images right. false}]"
	if got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// A run that collapsed, or begins with one that did, stands out on every page that lists it, and can be asked for.
func TestCollapsedRunsStandOut(t *testing.T) {
	m := degradation("demo", 0, 1, 2)
	before, _ := begun()
	flat := &m.runs[0]
	flat.Phases, flat.Last["pretrain/test/collapsed"] = before.Phases, 1
	next := &m.runs[1]
	next.Needs, next.Phases = []string{flat.ID}, []experiments.PhaseInfo{{Phase: experiments.Phase{Name: "probe", Index: 1, Count: 2}}}
	s := serverOf(t, m)
	wantPage(t, s, "/runs", 200, `done, collapsed`)
	wantPage(t, s, "/runs?q=collapsed%3Dyes", 200, "<b>2</b> of 12 runs", flat.ID, next.ID)
	wantPage(t, s, "/runs/"+flat.ID, 200, `class="banner bad" id="collapsed">Features collapsed`)
	wantPage(t, s, "/runs/"+next.ID, 200, `class="banner bad" id="collapsed">Features collapsed`, `href="/runs/`+flat.ID+`"`)
	wantPage(t, s, "/studies/demo", 200, `class="square collapsed"`, "≡ done and collapsed", "collapsed 2/3", "collapsed in 2 of 3 seeds")
	wantPage(t, s, "/studies/demo/trend.svg?factor=none", 400, "want one whose levels are numbers (depth)")
}
