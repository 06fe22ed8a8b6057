-- How often labelled images were looked at outside of training. Evaluations in training are the points of runs.
CREATE TABLE looks (
  id    INTEGER PRIMARY KEY,
  name  TEXT    NOT NULL CHECK (length(name) BETWEEN 1 AND 256),   -- of the data set
  path  TEXT    NOT NULL CHECK (length(path) <= 4096),             -- of its files where a study says that; else empty
  split TEXT    NOT NULL CHECK (length(split) BETWEEN 1 AND 64),   -- "test"
  what  TEXT    NOT NULL CHECK (length(what) BETWEEN 1 AND 4096),  -- what was measured: runs, files
  time  INTEGER NOT NULL
) STRICT;
CREATE INDEX looks_by_data ON looks (name, path, split);
