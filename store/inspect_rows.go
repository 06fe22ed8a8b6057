package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"math"
	"strings"

	"workbench/experiments"
)

// checkStudies reads the names and definitions of studies: a definition that cannot be decoded would make every list of
// studies fail.
func (o *Other) checkStudies(ctx context.Context) error {
	rows, err := o.q.QueryContext(ctx, "SELECT study, number, coalesce(definition, '') FROM study_versions")
	err = each(rows, err, func(rows *sql.Rows) error {
		var name, definition string
		var number int
		if err := rows.Scan(&name, &number, &definition); err != nil {
			return err
		}
		if err := checkName(name); err != nil {
			return fmt.Errorf("study %q: %w", name, err)
		}
		if number == beforeFirst {
			return nil
		}
		var s experiments.Study
		if err := json.Unmarshal([]byte(definition), &s); err != nil {
			return fmt.Errorf("study %s: its definition: %w", experiments.Version(name, number), err)
		}
		if s.Name != name {
			return fmt.Errorf("study %s: its definition is named %q", experiments.Version(name, number), s.Name)
		}
		return nil
	})
	if err != nil {
		return err
	}
	lacking, err := collect[string](o.q.QueryContext(ctx, `SELECT name FROM studies s
		WHERE NOT EXISTS (SELECT 1 FROM study_versions v WHERE (v.study, v.number) = (s.name, s.version)) LIMIT 1`))
	if err == nil && len(lacking) > 0 {
		err = fmt.Errorf("study %s has no current version", lacking[0])
	}
	return err
}

// checkRuns reads what lists of runs decode. Equal texts stand together, so each is decoded about once.
func (o *Other) checkRuns(ctx context.Context) error {
	if err := o.decodes(ctx, "SELECT hash, config FROM runs ORDER BY config", func() any { return new(experiments.Config) }); err != nil {
		return err
	}
	labels := func() any { return new(map[string]string) }
	for _, query := range []string{
		"SELECT r.hash, l.levels FROM study_runs l JOIN runs r ON r.id = l.run ORDER BY l.levels",
		"SELECT r.hash, a.environment FROM attempts a JOIN runs r ON r.id = a.run WHERE a.environment IS NOT NULL ORDER BY a.environment",
	} {
		if err := o.decodes(ctx, query, labels); err != nil {
			return err
		}
	}
	placeless, err := collect[string](o.q.QueryContext(ctx,
		"SELECT hash FROM runs r WHERE NOT EXISTS (SELECT 1 FROM study_runs l WHERE l.run = r.id) LIMIT 1"))
	if err == nil && len(placeless) > 0 {
		err = fmt.Errorf("run %s is of no study", placeless[0])
	}
	return err
}

// EachRun visits the runs of the database, each with what decides its id.
func (o *Other) EachRun(ctx context.Context, visit func(experiments.Run) error) error {
	known := memo[experiments.Config]{}
	rows, err := o.q.QueryContext(ctx, "SELECT hash, seed, config, data_digest FROM runs ORDER BY config")
	return each(rows, err, func(rows *sql.Rows) error {
		var r experiments.Run
		var seed int64
		var config string
		err := rows.Scan(&r.ID, &seed, &config, &r.DataDigest)
		if err == nil {
			r.Seed = uint64(seed)
			r.Config, err = known.decode(config)
		}
		if err == nil {
			err = visit(r)
		}
		if err != nil {
			return o.wrong(err)
		}
		return nil
	})
}

// decodes reads rows of a run and a JSON text as what fresh makes.
func (o *Other) decodes(ctx context.Context, query string, fresh func() any) error {
	before := ""
	rows, err := o.q.QueryContext(ctx, query)
	return each(rows, err, func(rows *sql.Rows) error {
		var run, text string
		if err := rows.Scan(&run, &text); err != nil {
			return err
		}
		if strings.Trim(run, "0123456789abcdefghijklmnopqrstuvwxyz") != "" {
			return fmt.Errorf("a run is named %q, want digits and small letters", run)
		}
		if text == before {
			return nil
		}
		before = text
		if err := json.Unmarshal([]byte(text), fresh()); err != nil {
			return fmt.Errorf("run %s: %w", run, err)
		}
		return nil
	})
}

// checkValues looks for numbers that could not be shown.
func (o *Other) checkValues(ctx context.Context) error {
	names, err := collect[string](o.q.QueryContext(ctx, "SELECT name FROM metric_names"))
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := checkName(name); err != nil {
			return fmt.Errorf("metric %q: %w", name, err)
		}
	}
	endless, err := collect[string](o.q.QueryContext(ctx, `SELECT r.hash FROM metrics m JOIN runs r ON r.id = m.run
		WHERE NOT m.epoch BETWEEN ?1 AND ?2 OR m.kind = 0 AND NOT m.value BETWEEN ?1 AND ?2 LIMIT 1`, -math.MaxFloat64, math.MaxFloat64))
	if err == nil && len(endless) > 0 {
		err = fmt.Errorf("run %s has a point that is infinite and does not say so", endless[0])
	}
	return err
}

// checkAttached looks at what runs have besides points.
func (o *Other) checkAttached(ctx context.Context) error {
	rows, err := o.q.QueryContext(ctx, `SELECT r.hash, p.name, p.idx, p.count, p.first, p.steps, coalesce(p.epochs, 0), coalesce(p.images, 0),
		coalesce(p.multiply_adds, 0) FROM run_phases p JOIN runs r ON r.id = p.run`)
	err = each(rows, err, func(rows *sql.Rows) error {
		var run string
		var p experiments.Phase
		err := rows.Scan(&run, &p.Name, &p.Index, &p.Count, &p.First, &p.Steps, &p.Epochs, &p.Images, &p.MultiplyAdds)
		if err != nil {
			return err
		}
		if err := checkPhase(p); err != nil {
			return fmt.Errorf("run %s, phase %q: %w", run, p.Name, err)
		}
		return nil
	})
	if err != nil {
		return err
	}
	crowded, err := collect[string](o.q.QueryContext(ctx, `SELECT r.hash FROM artefacts x JOIN runs r ON r.id = x.run GROUP BY x.run
		HAVING count(*) > ? OR sum(x.bytes) > ? LIMIT 1`, experiments.MaxArtefacts, experiments.MaxArtefactTotal))
	if err == nil && len(crowded) > 0 {
		err = fmt.Errorf("run %s has more than %d artefacts, or more than %d bytes of them", crowded[0], experiments.MaxArtefacts,
			experiments.MaxArtefactTotal)
	}
	return err
}
