package studyfile

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"workbench/experiments"
	"workbench/experiments/strategy"
)

// By what studies compare that do not say so: what all cells record, of the last phase where they differ.
func TestUsualMetrics(t *testing.T) {
	const knn = "pretrain/test/knn_top1"
	for _, c := range []struct {
		overrides []string
		want      string
	}{
		{nil, "test/top1"},
		{[]string{"strategy.label_smoothing=0,0.1"}, "test/top1"},
		{[]string{"strategy.name=rotation"}, knn},
		{[]string{"strategy.name=rotation", "strategy.then=probe"}, "probe/test/top1"},
		{[]string{"strategy.name=rotation", "strategy.then=lp_ft"}, "finetune/test/top1"},
		{[]string{"strategy.name=rotation", "strategy.then=probe,finetune"}, "final/test/top1"},
		{[]string{"strategy.name=rotation", "strategy.then=finetune,lp_ft"}, "finetune/test/top1"},
		{[]string{"strategy.name=rotation", "strategy.then=probe", "until=pretrain"}, "pretrain/train/loss"},
		{[]string{"strategy.name=supervised,rotation", "strategy.then=probe"}, "final/test/top1"},
		{[]string{"strategy.name=rotation,supervised", "strategy.then=finetune"}, "final/test/top1"},
		{[]string{"strategy.name=rotation,simclr"}, knn},
	} {
		s := mustLoad(t, oneRun, c.overrides...)
		s.Metric = experiments.DefaultStudy().Metric
		if got := s.UsualMetric(); got != c.want {
			t.Errorf("%v: compared by %s, want %s", c.overrides, got, c.want)
		}
	}
}

// A study may compare by what runs record, and no mixed image is answered right or wrong while training.
func TestMetricsThatAStudyMayName(t *testing.T) {
	for _, c := range []struct {
		overrides []string
		metric    string
		good      bool
	}{
		{nil, "train/top1", true},
		{nil, "final/test/top1", true},
		{nil, "val/top1", false},
		{nil, "probe/test/top1", false},
		{[]string{"dataset.val=0.1"}, "val/top1", true},
		{[]string{"augment.mixup=0.2"}, "train/top1", false},
		{[]string{"augment.mixup=0.2"}, "train/loss", true},
		{[]string{"augment.mixup=0.2"}, "test/top1", true},
		{[]string{"augment.mixup=0,0.2"}, "train/top1", true}, // of one cell
		{[]string{"strategy.name=rotation", "strategy.then=probe"}, "probe/train/top1", true},
		{[]string{"strategy.name=rotation", "strategy.then=probe", "until=pretrain"}, "probe/train/top1", false},
		{[]string{"strategy.name=rotation"}, "final/test/top1", false},
	} {
		s := mustLoad(t, oneRun, c.overrides...)
		s.Metric = c.metric
		bad := slices.ContainsFunc(s.Validate(), func(p experiments.Problem) bool { return p.Path == "metric" })
		if bad == c.good {
			t.Errorf("%v by %s: refused %v, want %v", c.overrides, c.metric, bad, !c.good)
		}
	}
}

// The keys of a phase: what its strategy sets, then what is the study's.
func TestKeysOfAPhase(t *testing.T) {
	method, err := strategy.Lookup("rotation")
	if err != nil {
		t.Fatal(err)
	}
	list := func(phase string) []string {
		var all []string
		for _, k := range experiments.PhaseKeys(method, phase) {
			all = append(all, fmt.Sprintf("%s=%v", k.Path, k.Option.Default))
			if k.Option.Required {
				t.Errorf("%s must be said", k.Path)
			}
		}
		return all
	}
	want := []string{"phases.probe.epochs=10", "phases.probe.optim.lr=0.1", "phases.probe.optim.momentum=0.9", "phases.probe.optim.name=sgd",
		"phases.probe.optim.weight_decay=0", "phases.probe.schedule.name=cosine", "phases.probe.schedule.warmup_epochs=0",
		"phases.probe.augment.KEY=the study's", "phases.probe.optim.KEY=the study's", "phases.probe.schedule.KEY=the study's",
		"phases.probe.batch=the study's", "phases.probe.length=the study's", "phases.probe.micro_batch=the study's"}
	if got := list("probe"); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}
