package dashboard

import (
	"encoding/json"
	"fmt"
	"math"
	"net/url"
	"strings"
	"testing"
	"time"

	"workbench/experiments"
	"workbench/experiments/metric"
)

// chartAt decodes the chart a curves route answers with.
func chartAt(t *testing.T, s *Server, path string) chart {
	t.Helper()
	var answer struct{ Chart chart }
	if err := json.Unmarshal([]byte(wantPage(t, s, path, 200)), &answer); err != nil {
		t.Fatalf("GET %s: %v", path, err)
	}
	return answer.Chart
}

func TestStudyCurvesAreMeansOverSeeds(t *testing.T) {
	m := degradation("demo", 0, 1, 2)
	c := chartAt(t, serverOf(t, m), "/api/v1/studies/demo/curves?metric=test/top1")
	if len(c.Arms) != 4 || c.Band == "" || c.Reduced != "" {
		t.Fatalf("%d arms, band %q, reduced %q", len(c.Arms), c.Band, c.Reduced)
	}
	a := c.Arms[0]
	if !a.Baseline || a.Key != "shortcut=none depth=20" || len(a.Runs) != 3 || a.Runs[1].Label != "seed 1" {
		t.Fatalf("first arm: %+v", a)
	}
	for i := range a.Mean.Step {
		sum, low, high := 0.0, math.Inf(1), math.Inf(-1)
		for _, r := range a.Runs {
			sum, low, high = sum+r.Value[i], min(low, r.Value[i]), max(high, r.Value[i])
		}
		if math.Abs(a.Mean.Value[i]-sum/3) > 1e-12 || a.Mean.Low[i] != low || a.Mean.High[i] != high {
			t.Errorf("point %d: mean %v of [%v, %v], want %v of [%v, %v]", i, a.Mean.Value[i], a.Mean.Low[i], a.Mean.High[i], sum/3, low, high)
		}
	}
	if got := a.Mean.Seconds; math.Abs(got[0]-0.9) > 1e-9 || math.Abs(got[11]-10.8) > 1e-9 {
		t.Errorf("seconds from %v to %v, want 0.9 to 10.8", got[0], got[11])
	}
}

// The axis of time begins when training does, and stands still between attempts.
func TestTimeOfCurvesIsTrainingTime(t *testing.T) {
	m := degradation("demo", 0)
	after := func(seconds float64) time.Time { return epoch0.Add(time.Duration(seconds * float64(time.Second))) }
	m.runs[0].Attempts = []experiments.AttemptInfo{ // points come every 0.9 s from 0.9 on
		{Number: 1, Began: after(-5), Trained: after(0.4), Ended: after(3)},
		{Number: 2, Began: after(3.5), Ended: after(4)},
		{Number: 3, Began: after(6), Trained: after(8), Ended: after(20)},
	}
	got := chartAt(t, serverOf(t, m), "/api/v1/runs/"+m.runs[0].ID+"/curves?metric=test/top1").Arms[0].Runs[0].Seconds
	for i, want := range map[int]float64{0: 0.5, 1: 1.4, 3: 2.6, 5: 2.6, 8: 2.7, 11: 5.4} {
		if math.Abs(got[i]-want) > 1e-9 {
			t.Errorf("point %d lies at %v s, want %v s", i, got[i], want)
		}
	}
}

func TestColoursAgreeOnAllPages(t *testing.T) {
	m := degradation("demo", 0, 1, 2)
	s := serverOf(t, m)
	study := chartAt(t, s, "/api/v1/studies/demo/curves")
	for i, a := range study.Arms {
		id := m.runs[3*i].ID
		if one := chartAt(t, s, "/api/v1/runs/"+id+"/curves").Arms[0]; one.Slot != a.Slot || one.Dash != a.Dash {
			t.Errorf("%s: slot %d in its study, %d on its own page", a.Key, a.Slot, one.Slot)
		}
		pair := chartAt(t, s, "/api/v1/compare/curves?run="+id+"&run="+m.runs[3*i+1].ID).Arms
		if pair[0].Slot != a.Slot || pair[1].Slot != a.Slot || pair[0].Dash == pair[1].Dash {
			t.Errorf("%s: compared seeds are drawn as %d/%d and %d/%d", a.Key, pair[0].Slot, pair[0].Dash, pair[1].Slot, pair[1].Dash)
		}
		wantPage(t, s, "/runs?q="+url.QueryEscape("id="+id), 200, fmt.Sprintf(`class="line k%d d%d"`, a.Slot, a.Dash))
	}
}

func TestZoomedCurvesComeInFull(t *testing.T) {
	m := degradation("demo", 0)
	id := m.runs[0].ID
	for i := range 5000 {
		m.points[id] = append(m.points[id], experiments.Point{Metric: metric.StepLoss, Step: int64(i), Epoch: float64(i) / 500,
			Value: math.Sin(float64(i)), Time: epoch0.Add(time.Duration(i) * time.Second)})
	}
	s := serverOf(t, m)
	path := "/api/v1/runs/" + id + "/curves?metric=" + metric.StepLoss
	whole := chartAt(t, s, path)
	if n := len(whole.Arms[0].Runs[0].Step); n > maxPoints || whole.Reduced == "" {
		t.Errorf("whole: %d points, reduced %q", n, whole.Reduced)
	}
	for query, want := range map[string][2]int64{
		"&x=step&from=1000&to=1100":    {999, 1101},
		"&x=epoch&from=2&to=2.2":       {999, 1101},
		"&x=seconds&from=-5&to=100":    {0, 101},
		"&x=step&from=4990&to=1000000": {4989, 4999},
	} {
		part := chartAt(t, s, path+query)
		steps := part.Arms[0].Runs[0].Step
		if first, last := steps[0], steps[len(steps)-1]; first != want[0] || last != want[1] ||
			int64(len(steps)) != last-first+1 || part.Reduced != "" {
			t.Errorf("%s: %d points from %d to %d, want all from %d to %d", query, len(steps), first, last, want[0], want[1])
		}
	}
	for _, query := range []string{"&x=step&from=a&to=3", "&x=weeks&from=1&to=2", "&x=step&from=1"} {
		wantPage(t, s, path+query, 400)
	}
}

func TestTableBehindAChart(t *testing.T) {
	m := degradation("demo", 0, 1, 2)
	d, err := serverOf(t, m).studyData(t.Context(), "demo")
	if err != nil {
		t.Fatal(err)
	}
	m.runs = nil
	c, err := serverOf(t, m).chartOf(t.Context(), d.plot(), []string{metric.TestLoss}, window{})
	if err != nil {
		t.Fatal(err)
	}
	tab := c.table()
	if len(tab.Rows) != 12 || len(tab.Columns) != 5 {
		t.Fatalf("%d rows, %d columns", len(tab.Rows), len(tab.Columns))
	}
	if got, want := tab.Rows[11].Cells[1].Value, c.Arms[0].Mean.Value[11]; got != want {
		t.Errorf("last value %v, want %v", got, want)
	}
	if got := thinned([]float64{0, 1, 2, 3, 4, 5, 6}, 3); got[0] != 0 || got[1] != 3 || got[2] != 6 {
		t.Errorf("thinned: %v", got)
	}
	empty := newChart([]string{"x"}).table()
	if len(empty.Rows) != 0 {
		t.Error("an empty chart has rows")
	}
}

func TestSplitsShareAChart(t *testing.T) {
	names := []string{"test/top1", "train/top1", "test/loss", "train/loss", "step/loss", "train/lr", "odd"}
	want := "[[test/top1 train/top1] [test/loss train/loss] [step/loss] [train/lr] [odd]]"
	if got := fmt.Sprint(plot{split: true}.panels(names)); got != want {
		t.Errorf("panels of a run: %s, want %s", got, want)
	}
	if got := (plot{}).panels(names); len(got) != len(names) {
		t.Errorf("panels of a study: %v, want one a metric", got)
	}
	m := degradation("demo", 0)
	c := chartAt(t, serverOf(t, m), "/api/v1/runs/"+m.runs[0].ID+"/curves?metric=test/loss&metric=train/loss")
	if len(c.Arms) != 2 || c.Arms[0].Key != "test" || c.Arms[0].Dash != 0 || c.Arms[1].Key != "train" || c.Arms[1].Dash != 1 ||
		c.Arms[0].Slot != c.Arms[1].Slot || c.Title != "Loss" {
		t.Errorf("a run's loss: %+v", c)
	}
}

// Charts of a phase that others come before say that x counts on, in words, in figures and in tables; those of the
// first phase and of runs without phases do not. A metric of the last phase is drawn from what each run recorded.
func TestChartsSayWhereTheyCountFrom(t *testing.T) {
	m := degradation("demo", 0, 1)
	for i := range m.runs {
		r := &m.runs[i]
		name := metric.TestTop1
		if i < 2 { // the first cell
			name = "probe/" + name
			r.Phases = []experiments.PhaseInfo{{Phase: experiments.Phase{Name: "pretrain", Count: 2, Steps: 40}},
				{Phase: experiments.Phase{Name: "probe", Index: 1, Count: 2, First: 40, Steps: 80}}}
			r.Progress.Phase = "probe"
		}
		r.Last, r.Max, r.Min = map[string]float64{}, map[string]float64{}, map[string]float64{}
		m.points[r.ID] = nil
		m.measure(i, 1, map[string]float64{"pretrain/train/loss": 1})
		m.measure(i, 2, map[string]float64{name: 0.5 + float64(i)/100})
	}
	study := m.studies["demo"]
	study.Metric = "final/test/top1"
	m.studies["demo"] = study
	s := serverOf(t, m)
	for name, want := range map[string]string{"probe/test/top1": "x counts on from the phases before probe", "pretrain/train/loss": "",
		metric.TestTop1: "", "final/test/top1": "x counts on from earlier phases of a run"} {
		address := "/studies/demo/curves?metric=" + url.QueryEscape(name)
		got := chartAt(t, s, "/api/v1"+address)
		runs := 0
		for _, a := range got.Arms {
			runs += len(a.Runs)
		}
		if all := map[string]int{"probe/test/top1": 2, metric.TestTop1: 6}[name]; got.Counts != want || all > 0 && runs != all ||
			name == "final/test/top1" && runs != len(m.runs) {
			t.Errorf("%s: x counts %q, want %q; %d runs", name, got.Counts, want, runs)
		}
		figure := wantPage(t, s, strings.Replace(address, "curves", "curves.svg", 1), 200)
		if strings.Contains(figure, "epoch of the run") != (want != "") {
			t.Errorf("%s: the figure's axis says the wrong thing", name)
		}
	}
	wantPage(t, s, "/studies/demo", 200, "Epoch of the run", "Test accuracy (top-1) (last phase)", "final/test/top1 is probe/test/top1")
	wantPage(t, s, "/runs", 200, `title="of the phase probe"`)
}
