-- Times are microseconds since 1970 UTC, durations microseconds; both stay below 2^53, so a browser reads them exactly.
-- JSON columns hold what encoding/json makes of the type of the same name in package experiments.

CREATE TABLE studies (
  name       TEXT    NOT NULL PRIMARY KEY CHECK (length(name) > 0),
  definition TEXT    NOT NULL CHECK (json_valid(definition)), -- Study
  created    INTEGER NOT NULL,
  updated    INTEGER NOT NULL
) STRICT;

CREATE TABLE runs (
  id          INTEGER PRIMARY KEY,
  hash        TEXT    NOT NULL UNIQUE CHECK (length(hash) BETWEEN 1 AND 64), -- Run.ID
  study       TEXT    NOT NULL REFERENCES studies (name),                    -- the one it was first made for
  seed        INTEGER NOT NULL,                                              -- the uint64's bits
  config      TEXT    NOT NULL CHECK (json_valid(config)),                   -- Config
  data_digest TEXT    NOT NULL,
  status      TEXT    NOT NULL DEFAULT 'queued' CHECK (status IN ('queued', 'running', 'interrupted', 'done', 'failed')),
  reason      TEXT    NOT NULL DEFAULT '',
  attempt     INTEGER NOT NULL DEFAULT 0 CHECK (attempt >= 0),
  fence       INTEGER NOT NULL DEFAULT 0, -- a write must name it; grows whenever the run changes hands
  lease       INTEGER,                    -- when the running attempt's claim ends
  created     INTEGER NOT NULL,
  started     INTEGER,
  updated     INTEGER NOT NULL,
  CHECK ((status = 'running') = (lease IS NOT NULL))
) STRICT;
CREATE INDEX runs_by_lease ON runs (lease) WHERE lease IS NOT NULL;

-- Which runs a study consists of. planned = 0: an earlier definition of the study had the run, the present one has not.
CREATE TABLE study_runs (
  study    TEXT    NOT NULL REFERENCES studies (name),
  run      INTEGER NOT NULL REFERENCES runs (id),
  position INTEGER NOT NULL,
  planned  INTEGER NOT NULL CHECK (planned IN (0, 1)),
  cell     TEXT    NOT NULL,
  levels   TEXT    NOT NULL CHECK (json_valid(levels)),
  PRIMARY KEY (study, run)
) STRICT, WITHOUT ROWID;
CREATE INDEX study_runs_by_run ON study_runs (run);

-- resumed: the step of the checkpoint the attempt continues from, -1 from the start.
-- kept: points at later steps are superseded: the least "resumed" of the attempts after this one.
CREATE TABLE attempts (
  run         INTEGER NOT NULL REFERENCES runs (id),
  number      INTEGER NOT NULL CHECK (number >= 1),
  fence       INTEGER NOT NULL,
  resumed     INTEGER NOT NULL CHECK (resumed >= -1),
  kept        INTEGER NOT NULL DEFAULT 9007199254740991,
  host        TEXT    NOT NULL,
  pid         INTEGER NOT NULL,
  started     INTEGER NOT NULL,
  ended       INTEGER,
  status      TEXT    NOT NULL DEFAULT 'running' CHECK (status IN ('running', 'interrupted', 'done', 'failed')),
  reason      TEXT    NOT NULL DEFAULT '',
  environment TEXT    CHECK (json_valid(environment)),
  PRIMARY KEY (run, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE metric_names (
  id   INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE CHECK (length(name) > 0)
) STRICT;

-- kind: 0 finite, 1 NaN, 2 +Inf, 3 -Inf, 4 negative zero. SQLite turns NaN into NULL and -0.0 into 0.0.
CREATE TABLE metrics (
  run     INTEGER NOT NULL REFERENCES runs (id),
  metric  INTEGER NOT NULL REFERENCES metric_names (id),
  attempt INTEGER NOT NULL,
  step    INTEGER NOT NULL CHECK (step BETWEEN 0 AND 9007199254740991),
  kind    INTEGER NOT NULL CHECK (kind BETWEEN 0 AND 4),
  value   REAL    CHECK ((kind = 0) = (value IS NOT NULL)),
  epoch   REAL    NOT NULL,
  time    INTEGER NOT NULL,
  PRIMARY KEY (run, metric, attempt, step)
) STRICT, WITHOUT ROWID;

-- What a list of runs shows of each metric: over its points that are not superseded. Kept by the writer in the
-- transaction of the points.
CREATE TABLE summaries (
  run        INTEGER NOT NULL REFERENCES runs (id),
  metric     INTEGER NOT NULL REFERENCES metric_names (id),
  points     INTEGER NOT NULL,
  last_step  INTEGER NOT NULL,
  last_kind  INTEGER NOT NULL CHECK (last_kind BETWEEN 0 AND 4),
  last_value REAL    CHECK ((last_kind = 0) = (last_value IS NOT NULL)),
  least      REAL,   -- of the finite values; NULL if there are none
  greatest   REAL,
  PRIMARY KEY (run, metric)
) STRICT, WITHOUT ROWID;

-- NULL in a REAL column is NaN.
CREATE TABLE run_progress (
  run        INTEGER NOT NULL PRIMARY KEY REFERENCES runs (id),
  attempt    INTEGER NOT NULL,
  epoch      INTEGER NOT NULL,
  epochs     INTEGER NOT NULL,
  step       INTEGER NOT NULL,
  steps      INTEGER NOT NULL,
  loss       REAL,
  top1       REAL,
  images_per_second REAL,
  remaining  INTEGER NOT NULL,
  interval   INTEGER NOT NULL,
  time       INTEGER NOT NULL
) STRICT;

CREATE TABLE run_log (
  run     INTEGER NOT NULL REFERENCES runs (id),
  seq     INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  time    INTEGER NOT NULL,
  line    TEXT    NOT NULL,
  PRIMARY KEY (run, seq)
) STRICT, WITHOUT ROWID;

-- A checkpoint is a manifest: this row, its tensors in order, and the chunks of each. manifest is the SHA-256 over all
-- that the row and its tensors say; each tensor carries the SHA-256 of its content.
CREATE TABLE checkpoints (
  id       INTEGER PRIMARY KEY AUTOINCREMENT,
  run      INTEGER NOT NULL REFERENCES runs (id),
  attempt  INTEGER NOT NULL,
  step     INTEGER NOT NULL CHECK (step BETWEEN 0 AND 9007199254740991),
  final    INTEGER NOT NULL CHECK (final IN (0, 1)),
  state    BLOB    NOT NULL,
  bytes    INTEGER NOT NULL,
  digest   TEXT    NOT NULL, -- CheckpointInfo.Digest
  manifest BLOB    NOT NULL CHECK (length(manifest) = 32),
  damage   TEXT    NOT NULL DEFAULT '', -- what a load found wrong; such a checkpoint is never used again
  created  INTEGER NOT NULL,
  UNIQUE (run, attempt, step)
) STRICT;
CREATE INDEX checkpoints_by_run ON checkpoints (run);

CREATE TABLE checkpoint_tensors (
  checkpoint INTEGER NOT NULL REFERENCES checkpoints (id) ON DELETE CASCADE,
  position   INTEGER NOT NULL,
  name       TEXT    NOT NULL,
  shape      TEXT    NOT NULL CHECK (json_valid(shape)),
  digest     BLOB    NOT NULL CHECK (length(digest) = 32),
  PRIMARY KEY (checkpoint, position),
  UNIQUE (checkpoint, name)
) STRICT, WITHOUT ROWID;

-- Content-addressed: equal pieces of equal tensors are stored once.
CREATE TABLE chunks (
  id     INTEGER PRIMARY KEY,
  digest BLOB    NOT NULL UNIQUE CHECK (length(digest) = 32), -- SHA-256 of data
  data   BLOB    NOT NULL CHECK (length(data) BETWEEN 1 AND 1048576)
) STRICT;

CREATE TABLE tensor_chunks (
  checkpoint INTEGER NOT NULL,
  position   INTEGER NOT NULL,
  seq        INTEGER NOT NULL,
  chunk      INTEGER NOT NULL REFERENCES chunks (id),
  PRIMARY KEY (checkpoint, position, seq),
  FOREIGN KEY (checkpoint, position) REFERENCES checkpoint_tensors (checkpoint, position) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX tensor_chunks_by_chunk ON tensor_chunks (chunk);

CREATE TABLE changes (
  seq   INTEGER PRIMARY KEY AUTOINCREMENT,
  run   TEXT NOT NULL,
  study TEXT NOT NULL,
  kind  TEXT NOT NULL CHECK (kind IN ('study', 'status', 'points', 'progress'))
) STRICT;
