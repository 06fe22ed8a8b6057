package dashboard

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"workbench/experiments"
)

// faltering is a source of which one call, by its number from 1, fails.
type faltering struct {
	*memory
	calls, fails int
}

var errFaltering = errors.New("disk I/O error at /secret/path")

func (f *faltering) call() error {
	if f.calls++; f.calls == f.fails {
		return errFaltering
	}
	return nil
}

func (f *faltering) Studies(ctx context.Context) ([]experiments.StudyInfo, error) {
	list, err := f.memory.Studies(ctx)
	return list, errors.Join(f.call(), err)
}

func (f *faltering) Study(ctx context.Context, ref string) (experiments.StudyInfo, error) {
	info, err := f.memory.Study(ctx, ref)
	return info, errors.Join(f.call(), err)
}

func (f *faltering) Runs(ctx context.Context, filter experiments.RunFilter) ([]experiments.RunInfo, error) {
	list, err := f.memory.Runs(ctx, filter)
	return list, errors.Join(f.call(), err)
}

func (f *faltering) Run(ctx context.Context, id string) (experiments.RunInfo, error) {
	r, err := f.memory.Run(ctx, id)
	return r, errors.Join(f.call(), err)
}

func (f *faltering) Series(ctx context.Context, runs, metrics []string, most int) ([]experiments.Series, error) {
	list, err := f.memory.Series(ctx, runs, metrics, most)
	return list, errors.Join(f.call(), err)
}

func (f *faltering) Metrics(ctx context.Context, runs []string) ([]string, error) {
	list, err := f.memory.Metrics(ctx, runs)
	return list, errors.Join(f.call(), err)
}

func (f *faltering) Log(ctx context.Context, run string, most int) ([]string, error) {
	list, err := f.memory.Log(ctx, run, most)
	return list, errors.Join(f.call(), err)
}

func (f *faltering) Artefacts(ctx context.Context, run string) ([]experiments.ArtefactInfo, error) {
	list, err := f.memory.Artefacts(ctx, run)
	return list, errors.Join(f.call(), err)
}

func (f *faltering) Artefact(ctx context.Context, run, name string, step int64) (experiments.Artefact, error) {
	a, err := f.memory.Artefact(ctx, run, name, step)
	return a, errors.Join(f.call(), err)
}

func (f *faltering) LastChange(ctx context.Context) (int64, error) {
	n, err := f.memory.LastChange(ctx)
	return n, errors.Join(f.call(), err)
}

// Whichever look into the database fails, an answer that needs it is an error and not one with a part left out.
func TestEveryFailingReadIsAnError(t *testing.T) {
	m := everyKind()
	s := serverOf(t, m)
	asked := map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(answers)) {
		path := withIDs(m, answers[name])
		counting := &faltering{memory: m}
		s.Source = counting
		if code, _, _ := get(t, s, path); code >= 400 {
			continue
		}
		for n := 1; n <= counting.calls; n++ {
			s.Source = &faltering{memory: m, fails: n}
			code, _, body := get(t, s, path)
			if code != 500 || strings.Contains(body, "secret") {
				t.Errorf("GET %s whose read number %d of %d fails: %d\n%.200s", path, n, counting.calls, code, body)
			}
			asked[name] = true
		}
	}
	if len(asked) < 50 {
		t.Errorf("only %d answers read the database", len(asked))
	}
}

// withIDs puts the ids of runs in the place of RUN0, RUN1 and so on.
func withIDs(m *memory, path string) string {
	for i := len(m.runs) - 1; i >= 0; i-- {
		path = strings.ReplaceAll(path, "RUN"+strconv.Itoa(i), m.runs[i].ID)
	}
	return path
}
