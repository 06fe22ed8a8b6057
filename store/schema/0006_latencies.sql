-- How long a forward pass of a run's network takes on a machine: measured when somebody asks, in inference, apart from
-- training. A later measurement under the same circumstances takes the place of the earlier one.
CREATE TABLE latencies (
  run       INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  host      TEXT    NOT NULL CHECK (length(host) <= 256),              -- name of the machine; empty: it has none
  cpu       TEXT    NOT NULL CHECK (length(cpu) <= 256),               -- as the machine calls its processor
  backend   TEXT    NOT NULL CHECK (length(backend) BETWEEN 1 AND 64), -- what computed
  threads   INTEGER NOT NULL CHECK (threads BETWEEN 1 AND 65536),
  precision TEXT    NOT NULL CHECK (length(precision) BETWEEN 1 AND 64),
  batch     INTEGER NOT NULL CHECK (batch BETWEEN 1 AND 1048576),      -- images of a pass
  passes    INTEGER NOT NULL CHECK (passes BETWEEN 1 AND 1048576),     -- that were timed
  median    REAL    NOT NULL CHECK (median > 0 AND median < 1e9),      -- seconds of a pass
  slow      REAL    NOT NULL CHECK (slow >= median AND slow < 1e9),    -- which nine of ten passes do not exceed
  time      INTEGER NOT NULL,
  PRIMARY KEY (run, host, backend, threads, precision, batch)
) STRICT, WITHOUT ROWID;
