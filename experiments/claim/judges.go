package claim

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"workbench/experiments"
	"workbench/experiments/claim/quantity"
	"workbench/experiments/studyfile"
)

// Known is what stays the same from one judging to the next: the verdicts on claims that need no training, and the
// studies that claims compare cells of. It may be used by several at once.
type Known struct {
	mu       sync.Mutex
	networks quantity.Networks
	judged   map[string]Judgement
	studies  map[string]experiments.Study
}

// Judge judges a shipped claim that needs no training, once.
func (k *Known) Judge(ctx context.Context, c Claim) (Judgement, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if j, is := k.judged[c.ID]; is {
		return j, nil
	}
	j, err := Judge(ctx, &k.networks, c)
	if err == nil {
		if k.judged == nil {
			k.judged = map[string]Judgement{}
		}
		k.judged[c.ID] = j
	}
	return j, err
}

func (k *Known) study(path string) (experiments.Study, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if s, is := k.studies[path]; is {
		return s, nil
	}
	s, err := studyfile.Load(path, nil)
	if err == nil {
		if k.studies == nil {
			k.studies = map[string]experiments.Study{}
		}
		k.studies[path] = s
	}
	return s, err
}

// Judges judges claims one after the other. It builds each network once, and reads the runs of each study once. The
// zero value knows no runs.
type Judges struct {
	From  experiments.Source // of runs; nil: there are none
	Known *Known             // from earlier; nil: nothing is

	evidence map[string]Evidence // by study
}

// Judge judges a claim by the networks as they are built now, or by the runs that there are.
func (js *Judges) Judge(ctx context.Context, c Claim) (Judgement, error) {
	if js.Known == nil {
		js.Known = &Known{}
	}
	if c.Analytic() {
		return js.Known.Judge(ctx, c)
	}
	e, err := js.gather(ctx, c)
	if err != nil {
		return Judgement{}, fmt.Errorf("claim %s: %w", c.ID, err)
	}
	return JudgeRuns(ctx, c, e)
}

// All judges all of the claims.
func (js *Judges) All(ctx context.Context, claims []Claim) ([]Judgement, error) {
	var all []Judgement
	for _, c := range claims {
		j, err := js.Judge(ctx, c)
		if err != nil {
			return nil, err
		}
		all = append(all, j)
	}
	return all, nil
}

// gather is what there is of a claim's study.
func (js *Judges) gather(ctx context.Context, c Claim) (e Evidence, err error) {
	e, known := js.evidence[c.StudyPath()]
	if known {
		return e, nil
	}
	if e.Study, err = js.studyOf(ctx, c); err != nil {
		return e, err
	}
	if js.From != nil {
		e.Series = js.From.Series
		if e.Runs, err = js.From.Runs(ctx, experiments.RunFilter{Study: e.Study.Name}); err != nil && !errors.Is(err, experiments.ErrNotFound) {
			return e, err
		}
	}
	if js.evidence == nil {
		js.evidence = map[string]Evidence{}
	}
	js.evidence[c.StudyPath()] = e
	return e, nil
}

// studyOf is the study that a claim compares cells of: one that ships with the program, one in a file beside the
// claim's own, or else as it was recorded.
func (js *Judges) studyOf(ctx context.Context, c Claim) (experiments.Study, error) {
	study, err := js.Known.study(c.StudyPath())
	if !errors.Is(err, experiments.ErrNotFound) || studyfile.IsPath(c.Compare.Study) || js.From == nil {
		return study, err
	}
	info, stored := js.From.Study(ctx, c.Compare.Study)
	if errors.Is(stored, experiments.ErrNotFound) {
		return study, err
	}
	return info.Study, stored
}
