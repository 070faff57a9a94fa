-- The index that finds a batch by its entry is for whoever asks with an entry (idx >= 0), and cannot be
-- taken for the look-up of a phone's batch: planned while the table was empty, that would read all of a
-- county's batches for each one.

DROP INDEX IF EXISTS qm.batch_idx;
CREATE UNIQUE INDEX batch_idx ON qm.batch (county, idx) WHERE idx >= 0;
