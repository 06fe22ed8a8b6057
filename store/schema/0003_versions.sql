-- A study keeps every definition that trained something: a version. Version 0 stands for definitions before version 1,
-- which were not kept: it has runs and no definition.

CREATE TABLE study_versions (
  study      TEXT    NOT NULL REFERENCES studies (name),
  number     INTEGER NOT NULL CHECK (number >= 0),
  definition TEXT    CHECK (json_valid(definition)), -- Study
  created    INTEGER NOT NULL,
  updated    INTEGER NOT NULL, -- when it was last asked to train
  PRIMARY KEY (study, number),
  CHECK ((number = 0) = (definition IS NULL))
) STRICT, WITHOUT ROWID;
INSERT INTO study_versions (study, number, definition, created, updated)
SELECT name, 1, definition, created, updated FROM studies;
INSERT INTO study_versions (study, number, definition, created, updated)
SELECT s.name, 0, NULL, s.created, s.created FROM studies s
WHERE EXISTS (SELECT 1 FROM study_runs l WHERE l.study = s.name AND NOT l.planned);

CREATE TABLE new_studies (
  name    TEXT    NOT NULL PRIMARY KEY CHECK (length(name) > 0),
  version INTEGER NOT NULL, -- the current one, trained last
  created INTEGER NOT NULL,
  updated INTEGER NOT NULL
) STRICT;
INSERT INTO new_studies (name, version, created, updated) SELECT name, 1, created, updated FROM studies;
DROP TABLE studies;
ALTER TABLE new_studies RENAME TO studies;

-- Which runs a version consists of. planned = 0: it was last asked to train without this seed. Such a run counts if it
-- was begun.
CREATE TABLE new_study_runs (
  study    TEXT    NOT NULL,
  version  INTEGER NOT NULL,
  run      INTEGER NOT NULL REFERENCES runs (id),
  position INTEGER NOT NULL,
  planned  INTEGER NOT NULL CHECK (planned IN (0, 1)),
  cell     TEXT    NOT NULL,
  levels   TEXT    NOT NULL CHECK (json_valid(levels)),
  PRIMARY KEY (study, version, run),
  FOREIGN KEY (study, version) REFERENCES study_versions (study, number)
) STRICT, WITHOUT ROWID;
INSERT INTO new_study_runs (study, version, run, position, planned, cell, levels)
SELECT study, planned, run, position, planned, cell, levels FROM study_runs;
DROP TABLE study_runs;
ALTER TABLE new_study_runs RENAME TO study_runs;
CREATE INDEX study_runs_by_run ON study_runs (run);
