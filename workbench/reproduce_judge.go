package main

import (
	"context"
	"errors"
	"fmt"

	"workbench/experiments"
	"workbench/experiments/claim"
	"workbench/experiments/claim/quantity"
	"workbench/experiments/studyfile"
	"workbench/store"
)

// judge judges claims: by the networks as they are built now, or by the runs in the database, as far as there is one.
func (a *app) judge(ctx context.Context, claims []claim.Claim) ([]claim.Judgement, error) {
	db, err := a.read()
	if err != nil && !isMissing(err) {
		return nil, err
	}
	if err == nil {
		defer db.Close()
	} else {
		db = nil
	}
	var networks quantity.Networks
	gathered := map[string]claim.Evidence{}
	var all []claim.Judgement
	for _, c := range claims {
		var j claim.Judgement
		if c.Analytic() {
			j, err = claim.Judge(ctx, &networks, c)
		} else {
			j, err = a.judgeRuns(ctx, db, c, gathered)
		}
		if err != nil {
			return nil, err
		}
		all = append(all, j)
	}
	return all, nil
}

// judgeRuns judges a training claim by what the database has of its study; db is nil where there is no database.
func (a *app) judgeRuns(ctx context.Context, db *store.DB, c claim.Claim, gathered map[string]claim.Evidence) (claim.Judgement, error) {
	e, known := gathered[c.Compare.Study]
	if !known {
		study, err := a.studyOf(ctx, db, c)
		if err != nil {
			return claim.Judgement{}, fmt.Errorf("claim %s: %w", c.ID, err)
		}
		e.Study = study
		if db != nil {
			e.Series = db.Series
			if e.Runs, err = db.Runs(ctx, experiments.RunFilter{Study: study.Name}); err != nil && !errors.Is(err, experiments.ErrNotFound) {
				return claim.Judgement{}, err
			}
		}
		gathered[c.Compare.Study] = e
	}
	return claim.JudgeRuns(ctx, c, e)
}

// studyOf is the study that a claim compares cells of: one that ships with the program, one in a file beside the
// claim's own, or else as the database has it.
func (a *app) studyOf(ctx context.Context, db *store.DB, c claim.Claim) (experiments.Study, error) {
	study, err := studyfile.Load(c.StudyPath(), nil)
	if !errors.Is(err, experiments.ErrNotFound) || studyfile.IsPath(c.Compare.Study) || db == nil {
		return study, err
	}
	info, stored := db.Study(ctx, c.Compare.Study)
	if errors.Is(stored, experiments.ErrNotFound) {
		return study, err
	}
	return info.Study, stored
}
