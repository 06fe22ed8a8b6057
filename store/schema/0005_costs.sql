-- What a phase costs: images that its steps pass through the network, each view counted, and multiply-adds of its
-- training. NULL: an earlier program began it.
ALTER TABLE run_phases ADD COLUMN epochs REAL CHECK (epochs >= 0);
ALTER TABLE run_phases ADD COLUMN images INTEGER CHECK (images >= 0);
ALTER TABLE run_phases ADD COLUMN multiply_adds REAL CHECK (multiply_adds >= 0);
