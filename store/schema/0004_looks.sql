-- How often labelled images were looked at outside of training. Evaluations in training are the points of runs.
CREATE TABLE looks (
  id    INTEGER PRIMARY KEY,
  data  TEXT    NOT NULL CHECK (length(data) BETWEEN 1 AND 128),   -- SHA-256 of the data set, as runs.data_digest
  split TEXT    NOT NULL CHECK (length(split) BETWEEN 1 AND 64),   -- "test"
  what  TEXT    NOT NULL CHECK (length(what) BETWEEN 1 AND 4096),  -- what was measured: runs, files
  time  INTEGER NOT NULL
) STRICT;
CREATE INDEX looks_by_data ON looks (data, split);
