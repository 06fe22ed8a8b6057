package dashboard

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"workbench/experiments"
)

// twoVersions is a study whose second version, the current one, has trained two of its runs.
type twoVersions struct{ *memory }

func (v twoVersions) info(number int) experiments.StudyInfo {
	info := v.memory.info("demo")
	counts := map[experiments.Status]int{experiments.Done: 2, experiments.Queued: 10}
	info.Versions = []experiments.StudyVersion{
		{Number: 0, Label: "definitions that were not kept", Counts: map[experiments.Status]int{experiments.Done: 5}},
		{Number: 1, Counts: info.Counts}, {Number: 2, Current: true, Label: "epochs=30", Counts: counts}}
	info.All = map[experiments.Status]int{experiments.Done: 19, experiments.Queued: 10}
	if info.Version = number; number == 2 {
		info.Study.Base.Epochs, info.Counts = 30, counts
	}
	return info
}

func (v twoVersions) Studies(context.Context) ([]experiments.StudyInfo, error) {
	return []experiments.StudyInfo{v.info(2)}, nil
}

func (v twoVersions) Study(_ context.Context, ref string) (experiments.StudyInfo, error) {
	for number, known := range []string{"demo@0", "demo@1", "demo@2", "demo"} {
		if number > 0 && ref == known {
			return v.info(min(number, 2)), nil
		}
	}
	return experiments.StudyInfo{}, fmt.Errorf("study %q: %w", ref, experiments.ErrNotFound)
}

func (v twoVersions) Runs(ctx context.Context, f experiments.RunFilter) ([]experiments.RunInfo, error) {
	all, err := v.memory.Runs(ctx, experiments.RunFilter{Status: f.Status, IDs: f.IDs})
	if f.Study == "demo@2" {
		return nil, err
	}
	for i := range all {
		all[i].Version, all[i].Earlier = 1, true
	}
	return all, err
}

// Every version of a study has its page, its figures and its answers; the bare name is the current one.
func TestVersionsHavePages(t *testing.T) {
	s := serverOf(t, twoVersions{degradation("demo", 0, 1, 2)})
	body := wantPage(t, s, "/studies/demo", 200, "<b>2</b> of 12 runs done", `href="/studies/demo@1"`, "epochs=30", "workbench ablate demo<",
		`href="/runs?study=demo%400"`, "definitions that were not kept")
	if !strings.Contains(body, `href="/studies/demo" aria-current="page"`) {
		t.Error("the page does not mark the version that it shows")
	}
	wantPage(t, s, "/studies/demo@1", 200, "<h1>demo@1</h1>", "<b>12</b> of 12 runs done", `href="/studies/demo@1" aria-current="page"`,
		"workbench ablate demo@1", "/studies/demo@1/effects.svg", "/api/v1/studies/demo@1/curves")
	wantPage(t, s, "/studies/demo@1/effects.svg", 200, "<svg")
	wantPage(t, s, "/studies/demo@7", 404)
	wantPage(t, s, "/studies", 200, "Now with <code>epochs=30</code>", "2 other versions")
	wantPage(t, s, "/runs?study=demo@1", 200, `href="/studies/demo@1"`, `<option selected>demo@1</option>`, "<b>12</b>")
	_, _, answer := get(t, s, "/api/v1/studies/demo@1")
	var got struct{ Study experiments.StudyInfo }
	if err := json.Unmarshal([]byte(answer), &got); err != nil || got.Study.Version != 1 || len(got.Study.Versions) != 3 ||
		got.Study.All[experiments.Done] != 19 {
		t.Errorf("the API answers %+v (%v)", got.Study, err)
	}
	if _, _, text := get(t, s, "/metrics"); !strings.Contains(text, `workbench_runs{state="done"} 19`) {
		t.Error("the gauge leaves versions out")
	}
}
