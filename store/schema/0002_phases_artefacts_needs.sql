-- Runs may diverge, need other runs, have phases and leave artefacts.
--
-- SQLite cannot change a CHECK, so runs and attempts are made anew with the keys they had and take the old names.
-- Whoever takes this step enforces no foreign keys meanwhile and checks them all before it is committed; the tables
-- that refer to runs, millions of points among them, stay as they are.

CREATE TABLE new_runs (
  id          INTEGER PRIMARY KEY,
  hash        TEXT    NOT NULL UNIQUE CHECK (length(hash) BETWEEN 1 AND 64), -- Run.ID
  study       TEXT    NOT NULL REFERENCES studies (name),                    -- the one it was first made for
  seed        INTEGER NOT NULL,                                              -- the uint64's bits
  config      TEXT    NOT NULL CHECK (json_valid(config)),                   -- Config
  data_digest TEXT    NOT NULL,
  status      TEXT    NOT NULL DEFAULT 'queued'
              CHECK (status IN ('queued', 'running', 'interrupted', 'done', 'failed', 'diverged')),
  reason      TEXT    NOT NULL DEFAULT '',
  attempt     INTEGER NOT NULL DEFAULT 0 CHECK (attempt >= 0),
  fence       INTEGER NOT NULL DEFAULT 0, -- a write must name it; grows whenever the run changes hands
  lease       INTEGER,                    -- when the running attempt's claim ends
  created     INTEGER NOT NULL,
  started     INTEGER,
  updated     INTEGER NOT NULL,
  CHECK ((status = 'running') = (lease IS NOT NULL))
) STRICT;
INSERT INTO new_runs
  (id, hash, study, seed, config, data_digest, status, reason, attempt, fence, lease, created, started, updated)
SELECT id, hash, study, seed, config, data_digest, status, reason, attempt, fence, lease, created, started, updated
FROM runs;
DROP TABLE runs;
ALTER TABLE new_runs RENAME TO runs;
CREATE INDEX runs_by_lease ON runs (lease) WHERE lease IS NOT NULL;

-- resumed: the step of the checkpoint the attempt continues from, -1 from the start.
-- kept: points and artefacts at later steps are superseded: the least "resumed" of the attempts after this one.
CREATE TABLE new_attempts (
  run         INTEGER NOT NULL REFERENCES runs (id),
  number      INTEGER NOT NULL CHECK (number >= 1),
  fence       INTEGER NOT NULL,
  resumed     INTEGER NOT NULL CHECK (resumed >= -1),
  kept        INTEGER NOT NULL DEFAULT 9007199254740991,
  host        TEXT    NOT NULL,
  pid         INTEGER NOT NULL,
  started     INTEGER NOT NULL,
  ended       INTEGER,
  status      TEXT    NOT NULL DEFAULT 'running'
              CHECK (status IN ('running', 'interrupted', 'done', 'failed', 'diverged')),
  reason      TEXT    NOT NULL DEFAULT '',
  environment TEXT    CHECK (json_valid(environment)),
  PRIMARY KEY (run, number)
) STRICT, WITHOUT ROWID;
INSERT INTO new_attempts
  (run, number, fence, resumed, kept, host, pid, started, ended, status, reason, environment)
SELECT run, number, fence, resumed, kept, host, pid, started, ended, status, reason, environment
FROM attempts;
DROP TABLE attempts;
ALTER TABLE new_attempts RENAME TO attempts;

-- Runs whose loss had become no number used to be done. Of several such losses the reason names that of training. When it
-- happened is not known here: a summary has the last point alone.
UPDATE runs SET status = 'diverged', reason = w.reason FROM (
  SELECT s.run, 'the last ' || n.name || ', at step ' || s.last_step || ', is ' ||
      CASE s.last_kind WHEN 1 THEN 'NaN' WHEN 2 THEN '+Inf' ELSE '-Inf' END AS reason,
    row_number() OVER (PARTITION BY s.run ORDER BY n.name <> 'train/loss', n.name) AS place
  FROM summaries s JOIN metric_names n ON n.id = s.metric
  WHERE s.last_kind IN (1, 2, 3) AND substr(n.name, -5) = '/loss') w
WHERE w.run = runs.id AND w.place = 1 AND runs.status = 'done';
UPDATE attempts SET status = 'diverged', reason = r.reason
FROM runs r WHERE r.id = attempts.run AND r.attempt = attempts.number AND r.status = 'diverged';

-- The runs that must be done before a run can begin.
CREATE TABLE run_needs (
  run      INTEGER NOT NULL REFERENCES runs (id),
  needs    INTEGER NOT NULL REFERENCES runs (id),
  position INTEGER NOT NULL, -- in Run.Needs
  PRIMARY KEY (run, needs),
  CHECK (run <> needs)
) STRICT, WITHOUT ROWID;
CREATE INDEX run_needs_by_needs ON run_needs (needs);

-- When an attempt began or went on with a phase. It lasts until the attempt's next one begins, the last until the
-- attempt ends.
CREATE TABLE run_phases (
  run     INTEGER NOT NULL REFERENCES runs (id),
  attempt INTEGER NOT NULL,
  idx     INTEGER NOT NULL CHECK (idx >= 0), -- Phase.Index
  name    TEXT    NOT NULL,
  count   INTEGER NOT NULL CHECK (count > idx), -- phases of the run
  first   INTEGER NOT NULL CHECK (first >= 0),  -- optimizer steps done before it
  steps   INTEGER NOT NULL CHECK (steps >= 0),
  started INTEGER NOT NULL,
  PRIMARY KEY (run, attempt, idx)
) STRICT, WITHOUT ROWID;

ALTER TABLE run_progress ADD COLUMN phase TEXT NOT NULL DEFAULT '';

-- An artefact is this row and its chunks. Its kind is checked by the writer, so that a new kind needs no new table.
CREATE TABLE artefacts (
  id      INTEGER PRIMARY KEY,
  run     INTEGER NOT NULL REFERENCES runs (id),
  attempt INTEGER NOT NULL,
  step    INTEGER NOT NULL CHECK (step BETWEEN 0 AND 9007199254740991),
  name    TEXT    NOT NULL CHECK (length(name) > 0),
  kind    TEXT    NOT NULL,
  media   TEXT    NOT NULL,
  bytes   INTEGER NOT NULL CHECK (bytes >= 0),
  digest  BLOB    NOT NULL CHECK (length(digest) = 32), -- SHA-256 of the data
  created INTEGER NOT NULL,
  UNIQUE (run, step, name)
) STRICT;

CREATE TABLE artefact_chunks (
  artefact INTEGER NOT NULL REFERENCES artefacts (id) ON DELETE CASCADE,
  seq      INTEGER NOT NULL,
  chunk    INTEGER NOT NULL REFERENCES chunks (id),
  PRIMARY KEY (artefact, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX artefact_chunks_by_chunk ON artefact_chunks (chunk);
