package dashboard

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"workbench/experiments"
	"workbench/experiments/metric"
)

// A filter means what the columns show.
func TestFiltersMeanWhatColumnsShow(t *testing.T) {
	m := degradation("demo", 0, 1, 2)
	m.runs[1].Status, m.runs[1].Reason = experiments.Failed, "lost"
	m.runs[2].Seconds = 95
	m.runs[3].Config.Dataset.Options = map[string]any{"seed": uint64(9007199254740993)}
	m.runs[5].Status, m.runs[5].Progress, m.runs[5].Seconds = experiments.Queued, nil, 0
	for i := range m.runs {
		m.runs[i].Last[metric.TestTop1] = 0.40 + float64(i)/20
	}
	s := serverOf(t, m)
	for query, want := range map[string]int{
		"test/top1>50": 9, "test/top1>=50%": 10, "test/top1=55": 1, "test/top1<0.5": 0, "duration>60": 1, "duration>=1m35s": 1, "time<1m": 11,
		"state=done": 10, "status=done": 10, `cell="shortcut=none depth=56"`: 3, "dataset.seed=9007199254740993": 1,
		"dataset.seed=9007199254740992": 0, "epoch=12": 11, "updated>2000-01-01": 12, "updated<2000-01-01": 0, "state!=done": 2,
	} {
		wantPage(t, s, "/runs?q="+url.QueryEscape(query), 200, fmt.Sprintf("<b>%d</b> of 12 runs", want))
	}
	wantPage(t, s, "/runs?columns=dataset.seed", 200, ">9007199254740993<")
	wantPage(t, s, "/runs?q=modle%3D3", 400, "did you mean model?", "run, study, cell, seed, state, epoch, duration, updated, model")
	wantPage(t, s, "/runs?q=duration%3Elong", 400, "or such as 1m30s")
	wantPage(t, s, "/runs", 200, "How to write a filter", "<code>optim.lr</code>", "<code>duration</code>")
	wantPage(t, s, "/runs?columns=test/tpo5", 200, "no run has a column &#34;test/tpo5&#34;: did you mean test/top")
	row := wantPage(t, s, "/runs?q="+url.QueryEscape("run="+m.runs[5].ID), 200)
	if strings.Contains(row, ">0 s<") || strings.Contains(row, "0/0") {
		t.Error("a run that never began has a duration or an epoch")
	}
}

func TestRunsComeNewestFirstAndInPages(t *testing.T) {
	m := degradation("demo", 0)
	study := m.studies["demo"]
	for seed := uint64(1); len(m.runs) < 2*rowsAtOnce+50; seed++ {
		m.enlist(study, "none", "20", seed)
		m.runs[len(m.runs)-1].Updated = epoch0.Add(time.Duration(seed) * time.Minute)
	}
	newest := m.runs[10].ID
	m.runs[10].Updated = epoch0.Add(1000 * time.Hour)
	s := serverOf(t, m)
	rows := func(body string) []string {
		_, table, _ := strings.Cut(body, "<tbody>")
		var ids []string
		for _, line := range strings.Split(table, `name="run" value="`)[1:] {
			id, _, _ := strings.Cut(line, `"`)
			ids = append(ids, id)
		}
		return ids
	}
	body := wantPage(t, s, "/runs", 200, "1 to 200 shown", `rel="next"`, `aria-sort="descending"><a href="/runs?sort=updated">Updated`)
	seen := map[string]bool{}
	for page := range 3 {
		ids := rows(wantPage(t, s, fmt.Sprintf("/runs?from=%d", page*rowsAtOnce), 200))
		if page == 0 && ids[0] != newest {
			t.Errorf("the first run is %s, want %s, which was active last", ids[0], newest)
		}
		for _, id := range ids {
			seen[id] = true
		}
	}
	if len(seen) != len(m.runs) {
		t.Errorf("the pages have %d of %d runs", len(seen), len(m.runs))
	}
	if strings.Contains(body, `rel="prev"`) || len(rows(body)) != rowsAtOnce {
		t.Errorf("the first page has %d runs", len(rows(body)))
	}
	wantPage(t, s, "/runs?from=400", 200, "401 to 450 shown", `rel="prev"`, `href="/runs?from=200"`)
	wantPage(t, s, "/runs?from=99999", 200, "401 to 450 shown")
	wantPage(t, s, "/runs?from=-1", 400, "from: want")
	if oldest := rows(wantPage(t, s, "/runs?sort=updated", 200)); oldest[len(oldest)-1] == newest {
		t.Error("sorted by Updated, the newest run is on the first page of the oldest")
	}
	if !strings.Contains(wantPage(t, s, "/runs?from=200", 200), `<a href="/runs?sort=seed">Seed`) {
		t.Error("another order does not begin with its first page")
	}
}

// The last page is never empty, also where the runs fill their pages exactly.
func TestTheLastPageHasRuns(t *testing.T) {
	for all, want := range map[int][2]int{
		0: {1, 0}, 1: {1, 1}, rowsAtOnce - 1: {1, rowsAtOnce - 1}, rowsAtOnce: {1, rowsAtOnce}, rowsAtOnce + 1: {rowsAtOnce + 1, rowsAtOnce + 1},
		2 * rowsAtOnce: {rowsAtOnce + 1, 2 * rowsAtOnce}, 2*rowsAtOnce + 1: {2*rowsAtOnce + 1, 2*rowsAtOnce + 1},
	} {
		for _, from := range []int{all, 99999} {
			var v runsView
			u := &url.URL{Path: "/runs", RawQuery: fmt.Sprint("from=", from)}
			rows, err := v.page(make([]runRow, all), u)
			if err != nil || v.First != want[0] || v.Last() != want[1] || len(rows) != v.Shown || v.Older != "" {
				t.Errorf("%d runs from %d: %d to %d (%d rows, older %q), %v, want %v", all, from, v.First, v.Last(), len(rows), v.Older, err, want)
			}
			if (v.Newer != "") != (want[0] > 1) {
				t.Errorf("%d runs from %d: the page before is %q", all, from, v.Newer)
			}
		}
	}
}
