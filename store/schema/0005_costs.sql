-- What a phase costs if it is trained to its end: epochs, images that networks are given in training, multiply-adds of
-- training. NULL: an earlier program began it.
ALTER TABLE run_phases ADD COLUMN epochs REAL CHECK (epochs >= 0);
ALTER TABLE run_phases ADD COLUMN images INTEGER CHECK (images >= 0);
ALTER TABLE run_phases ADD COLUMN multiply_adds REAL CHECK (multiply_adds >= 0);
