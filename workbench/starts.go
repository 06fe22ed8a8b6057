package main

import (
	"context"
	"fmt"

	"workbench/experiments"
	"workbench/experiments/start"
	"workbench/nn/weights"
)

// starts finds out what the starts of a study are: the digest of a file, the whole id of a run that is done. Each is
// looked at once.
func (a *app) starts(ctx context.Context) func(start.Start) (start.Start, error) {
	digests := map[string]string{}
	return func(s start.Start) (start.Start, error) {
		if s.Run != "" {
			return a.startRun(ctx, s)
		}
		if known, ok := digests[s.File]; ok {
			s.Digest = known
			return s, nil
		}
		f, err := weights.Open(s.File)
		if err != nil {
			return s, err
		}
		defer f.Close()
		s.Digest, err = f.SHA256()
		digests[s.File] = s.Digest
		return s, err
	}
}

func (a *app) startRun(ctx context.Context, s start.Start) (start.Start, error) {
	db, err := a.read()
	if err != nil {
		return s, err
	}
	defer db.Close()
	r, err := db.Run(ctx, s.Run)
	if err != nil {
		return s, err
	}
	if r.Status != experiments.Done {
		return s, fmt.Errorf("run %s is %s, want one that is done: its weights are still to come", r.ID, r.Status)
	}
	s.Run = r.ID
	return s, nil
}
