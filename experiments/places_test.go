package experiments_test

import (
	"fmt"
	"strings"
	"testing"
)

// A problem is shown where it comes from: at the value that is wrong, at the key if that is, or at the level that brings
// it in though it does not set the key. The place is marked by § in the text.
func TestProblemsStandWhereTheyComeFrom(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"  batch: §0\n", "batch: want a whole number"},
		{"  §optim.nestrov: true\n", `unknown key "nestrov"`},
		{"factors: [{key: batch, levels: [8, §0]}]\n", "batch: want a whole number"},
		{"factors: [{name: f, levels: {a: {}, b: {optim.momentum: 0.5, batch: §0}}}]\n", "batch: want a whole number"},
		// A level that names a schedule brings in what that misses.
		{"factors: [{key: schedule.name, levels: [constant, §step]}]\n", "schedule.milestones: is missing"},
		{"factors: [{name: f, levels: {a: {}, b: {schedule.name: §step}}}]\n", "schedule.milestones: is missing"},
		{"factors: [{name: f, levels: {a: {}, b: {batch: 8, schedule.name: §step}}}]\n", "schedule.milestones: is missing"},
		{"factors: [{key: batch, levels: [8, 16]}, {key: schedule.name, levels: [constant, §step]}]\n", "schedule.milestones: is missing"},
		{"  micro_batch: 4\nfactors: [{key: batch, levels: [8, §6]}]\n", "micro_batch: want a divisor of batch = 6, got 4"},
		{"  micro_batch: 4\nfactors: [{name: f, levels: {a: {}, §b: {batch: 6, precision: bf16}}}]\n",
			"micro_batch: want a divisor of batch = 6, got 4"},
		{"factors: [{name: f, levels: {a: {}, b: {§optim.nestrov: true}}}]\n", `unknown key "nestrov"`},
		{"factors: [{name: f, levels: {a: {}, b: {optim.trust: §0.5}}}]\n", "optim.trust: optimizer sgd does not use it"},
		// Of two levels that do not go together it is the one that sets the key.
		{"factors: [{key: batch, levels: [8, 12]}, {key: micro_batch, levels: [0, 4, §6]}]\n",
			"micro_batch: want a divisor of batch = 8, got 6"},
	} {
		before, after, _ := strings.Cut(c.text, "§")
		_, err := openStudy(t, oneRun+before+after)
		got := fmt.Sprint(err)
		if err == nil || !strings.Contains(got, c.want) {
			t.Errorf("%s: got %v, want %s", c.text, err, c.want)
			continue
		}
		upTo := oneRun + before
		line, column := strings.Count(upTo, "\n")+1, len(upTo)-strings.LastIndex(upTo, "\n")
		if want := fmt.Sprintf("study.yaml:%d:%d: ", line, column); !strings.HasPrefix(got, want) {
			t.Errorf("%s: got %s, want it at %s", c.text, got, want)
		}
	}
}
