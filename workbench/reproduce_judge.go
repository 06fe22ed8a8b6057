package main

import (
	"context"

	"workbench/experiments/claim"
)

// judge judges claims: by the networks as they are built now, or by the runs in the database, as far as there is one.
func (a *app) judge(ctx context.Context, claims []claim.Claim) ([]claim.Judgement, error) {
	db, err := a.read()
	if isMissing(err) {
		return new(claim.Judges).All(ctx, claims)
	}
	if err != nil {
		return nil, err
	}
	defer db.Close()
	return (&claim.Judges{From: db}).All(ctx, claims)
}
