package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"workbench/experiments"
	"workbench/store"
)

// look counts in the database that labelled images were measured, and says how often they were. Images by which many
// networks were chosen test no longer. Without a database nothing is counted.
func (a *app) look(ctx context.Context, e evaluation, all []examined) (remarks []string, err error) {
	db, err := a.read()
	if isMissing(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if err := db.Close(); err != nil {
		return nil, err
	}
	var names []string
	for _, m := range all {
		names = append(names, m.name)
	}
	what := strings.Join(names, " ")
	writing, err := store.OpenWithin(a.db, time.Second)
	if errors.Is(err, store.ErrLocked) {
		a.log.Warn("this look at the images is not counted: another process writes the database", "database", a.db)
		return a.looks(ctx, e, all)
	}
	if err != nil {
		return nil, err
	}
	counted := map[string]bool{}
	for _, m := range all {
		if set := of(m); err == nil && !counted[set] {
			counted[set] = true
			err = writing.Look(ctx, m.config.Dataset, e.split, what)
		}
	}
	if err := errors.Join(err, writing.Close()); err != nil {
		return nil, err
	}
	return a.looks(ctx, e, all)
}

// looks says how often the images of each set were measured.
func (a *app) looks(ctx context.Context, e evaluation, all []examined) (remarks []string, err error) {
	db, err := a.read()
	if err != nil {
		return nil, err
	}
	defer db.Close()
	told := map[string]bool{}
	for _, m := range all {
		if told[of(m)] {
			continue
		}
		told[of(m)] = true
		l, err := db.Looks(ctx, m.config.Dataset, e.split)
		if err != nil {
			return nil, err
		}
		remarks = append(remarks, fmt.Sprintf("the %s images of %s were measured %s", e.split, m.config.Dataset.Name, looked(l)))
	}
	return remarks, nil
}

// looked says how often images were looked at, and by what.
func looked(l experiments.Looks) string {
	text := fmt.Sprintf("%s in this database: %s by evaluate", often(l.All()), often(l.Outside))
	if l.Training > 0 {
		text += fmt.Sprintf(", %s while %s trained", often(l.Training), manyRuns(l))
	}
	return text
}

func often(n int64) string {
	switch n {
	case 0:
		return "never"
	case 1:
		return "once"
	}
	return count(n) + " times"
}

func manyRuns(l experiments.Looks) string {
	return fmt.Sprintf("%s run%s", count(int64(l.Runs)), plural(l.Runs))
}

// of names the images that a network was measured on: looks are counted by the set's name and the path of its files.
func of(m examined) string {
	return fmt.Sprint(m.config.Dataset.Name, m.config.Dataset.Options["path"])
}
