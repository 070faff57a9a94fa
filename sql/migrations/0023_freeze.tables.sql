-- Which records a period brought: they lie in the order of their entries, so that a range of blocks says it,
-- for next to nothing per record.  A b-tree would cost each sync more than a freeze a week saves.
CREATE INDEX event_range ON qm.event USING brin (county, idx);
-- Which pictures came in it.
CREATE INDEX blob_listed ON qm.blob (county, listed_idx) WHERE listed_idx IS NOT NULL;
-- These take the divisions whose lines did not change, too.
DROP FUNCTION IF EXISTS qm.freeze_sums(int, text, date, bigint, bigint, bigint, bigint, bigint);
DROP FUNCTION IF EXISTS qm.freeze_folds(int, text, date, bigint, bigint, bigint, bigint, bigint, boolean);
DROP FUNCTION IF EXISTS qm.freeze_facts(int, text, bigint, bigint, bigint, bigint, boolean);
