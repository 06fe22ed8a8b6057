package studyfile

import (
	"fmt"
	"strings"
	"testing"
)

// A key of a later phase has an effect in some cell: its phase is there, and what is named in that phase uses it.
func TestKeysOfPhasesHaveAnEffect(t *testing.T) {
	const byol = "strategy.name=byol"
	for _, c := range []struct {
		overrides []string
		want      string
	}{
		{[]string{byol, "strategy.then=probe", "phases.probe.optim.lr=0.2", "phases.probe.optim.nesterov=true"}, ""},
		{[]string{byol, "strategy.then=probe", "phases.probe.optim.beta2=0.9"}, "phases.probe.optim.beta2: optimizer sgd does not use it, "},
		{[]string{byol, "strategy.then=probe", "phases.probe.optim.beta2=0.9", "phases.probe.optim.name=sgd,adam"}, ""},
		{[]string{byol, "strategy.then=probe", "optim.name=adam", "optim.lr=0.01", "phases.probe.optim.beta2=0.9"},
			"phases.probe.optim.beta2: optimizer sgd"}, // the probe's own
		{[]string{byol, "strategy.then=probe", "phases.probe.schedule.gamma=0.5"},
			"phases.probe.schedule.gamma: schedule cosine does not use it"},
		{[]string{byol, "strategy.then=probe", "phases.probe.schedule.gamma=0.5,0.25"},
			"phases.probe.schedule.gamma: schedule cosine does not use it"},
		{[]string{byol, "strategy.then=probe", "phases.probe.augment.cutout_value=[5]"},
			"phases.probe.augment.cutout_value: has no effect: phases.probe.augment.cutout"},
		{[]string{byol, "strategy.then=probe", "phases.probe.augment.flip=true"}, ""},
		{[]string{byol, "strategy.then=probe", "phases.probe.optim.beta2=0.9", "~phases.probe.optim.beta2"}, ""},
		{[]string{"phases.probe.epochs=3"}, "phases.probe.epochs: strategy supervised has one phase"},
		{[]string{byol, "phases.probe.epochs=3"}, "phases.probe.epochs: has no effect: with these settings byol has no phase probe"},
		{[]string{byol, "strategy.then=probe", "until=pretrain", "phases.probe.epochs=3"},
			"phases.probe.epochs: has no effect: the run ends with the phase pretrain (until)"},
		{[]string{byol, "strategy.then=nothing,probe", "phases.probe.epochs=3"}, ""},
		{[]string{"strategy.name=supervised,byol", "strategy.then=probe", "phases.probe.epochs=3"}, ""},
	} {
		_, err := Parse("study.yaml", []byte(oneRun), c.overrides)
		if got := fmt.Sprint(err); c.want == "" && err != nil || !strings.Contains(got, c.want) || c.want != "" && err == nil {
			t.Errorf("%v: got\n%s\nwant %s", c.overrides, got, c.want)
		}
	}
}
