package experiments_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"workbench/experiments"
)

func TestReferencesOfStudies(t *testing.T) {
	versions := []experiments.StudyVersion{{Number: 1, Label: ""}, {Number: 2, Label: "epochs=9", Current: true}, {Number: 3, Label: "lr=1"}}
	for version, want := range map[int]string{1: "tiny@1 tiny@1 false ", 2: "tiny@2 tiny true epochs=9", 3: "tiny@3 tiny@3 false lr=1",
		4: "tiny@4 tiny true "} {
		i := experiments.StudyInfo{Study: experiments.Study{Name: "tiny"}, Version: version, Versions: versions}
		if got := fmt.Sprint(i.Ref(), " ", i.ShortRef(), " ", i.Current(), " ", i.Label()); got != want {
			t.Errorf("version %d: got %q, want %q", version, got, want)
		}
	}
	for earlier, want := range map[bool]string{false: "tiny", true: "tiny@3"} {
		r := experiments.RunInfo{Run: experiments.Run{Study: "tiny"}, Version: 3, Earlier: earlier}
		if r.StudyRef() != want {
			t.Errorf("earlier %v: got %s, want %s", earlier, r.StudyRef(), want)
		}
	}
}

// Training lasts from the first step of an attempt to its end; waiting and reading data do not count.
func TestTimeOfTraining(t *testing.T) {
	at := func(s float64) time.Time { return time.Unix(1_000_000, 0).Add(time.Duration(s * float64(time.Second))) }
	first := experiments.AttemptInfo{Began: at(0), Trained: at(10), Ended: at(25)}
	none := experiments.AttemptInfo{Began: at(30), Ended: at(40)}
	second := experiments.AttemptInfo{Began: at(50), Trained: at(55), Ended: at(55.5)}
	backward := experiments.AttemptInfo{Trained: at(60), Ended: at(59)}
	for i, want := range []float64{15, 0, 0.5, 0} {
		if got := []experiments.AttemptInfo{first, none, second, backward}[i].Seconds(); got != want {
			t.Errorf("attempt %d trained %v s, want %v", i, got, want)
		}
	}
	r := experiments.RunInfo{Attempts: []experiments.AttemptInfo{first, none, second, backward}}
	for s, want := range map[float64]float64{0: 0, 9: 0, 10: 0, 11: 1, 24: 14, 25: 15, 35: 15, 55: 15, 55.25: 15.25, 100: 15.5} {
		if got := r.Elapsed(at(s)); got != want {
			t.Errorf("at %v s: elapsed %v, want %v", s, got, want)
		}
	}
}

func TestPhaseOfAStep(t *testing.T) {
	var r experiments.RunInfo
	if _, ok := r.PhaseAt(3); ok {
		t.Error("a run without phases has one")
	}
	for i, first := range []int64{0, 10, 20} {
		r.Phases = append(r.Phases, experiments.PhaseInfo{Phase: experiments.Phase{Index: i, First: first, Steps: 10}})
	}
	for step, want := range map[int64]int{0: 0, 1: 0, 10: 0, 11: 1, 20: 1, 21: 2, 99: 2} {
		if p, ok := r.PhaseAt(step); !ok || p.Index != want {
			t.Errorf("step %d: phase %d, %v, want %d", step, p.Index, ok, want)
		}
	}
}

func TestNamesOfKinds(t *testing.T) {
	for _, c := range []struct{ got, want []string }{
		{experiments.DesignNames, []string{"factorial", "one_at_a_time", "leave_one_out", "list"}},
		{experiments.ReportNames, []string{"last", "best"}},
		{experiments.ArtefactKinds, []string{"picture", "matrix", "array", "text"}},
	} {
		if !slices.Equal(c.got, c.want) {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
	statuses := []experiments.Status{experiments.Queued, experiments.Running, experiments.Interrupted, experiments.Done, experiments.Failed,
		experiments.Diverged}
	if got := fmt.Sprint(statuses); got != "[queued running interrupted done failed diverged]" {
		t.Errorf("statuses %s", got)
	}
	if b := [3]int{experiments.MaxArtefactBytes, experiments.MaxArtefacts, experiments.MaxArtefactTotal}; b != [3]int{16777216,
		1000, 268435456} {
		t.Errorf("bounds of artefacts %v", b)
	}
	if b := [3]int{experiments.MaxFactors, experiments.MaxLevels, experiments.MaxCells}; b != [3]int{100, 1000, 10_000} {
		t.Errorf("bounds of studies %v", b)
	}
}

func TestErrorsSayWhatHappened(t *testing.T) {
	diverged := &experiments.DivergedError{Metric: "train/loss", Value: 0.5, Step: 7, Epoch: 2}
	blocked := &experiments.BlockedError{Run: "r", By: map[string]experiments.Status{"b": experiments.Failed, "a": ""}}
	for _, c := range []struct {
		err, is error
		want    string
	}{
		{diverged, experiments.ErrDiverged, "train/loss is 0.5 at step 7 (epoch 2)"},
		{blocked, experiments.ErrBlocked, "run r: it needs a run that is not done: a (), b (failed)"},
	} {
		if c.err.Error() != c.want || !errors.Is(c.err, c.is) {
			t.Errorf("got %v, which is %v: %v", c.err, c.is, errors.Is(c.err, c.is))
		}
	}
	for err, want := range map[error]string{
		experiments.ErrNotFound: "not found", experiments.ErrAmbiguous: "ambiguous", experiments.ErrHeld: "another process is working at it",
		experiments.ErrFenced: "a newer attempt has taken over", experiments.ErrDiverged: "it diverged",
		experiments.ErrNoCheckpoint: "no checkpoint",
		experiments.ErrMissing:      "the file of the database was deleted or moved",
		experiments.ErrReplaced:     "another file has taken the place of the database",
		experiments.ErrDamaged:      "the file of the database is damaged",
	} {
		if err.Error() != want {
			t.Errorf("got %q, want %q", err, want)
		}
	}
}
