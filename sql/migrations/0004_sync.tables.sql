-- Insides of the sync that functions with other arguments took the place of.
DROP FUNCTION IF EXISTS qm.sync_judge(int, qm.batch_in[], int[], smallint[], smallint[], bytea[], uuid[],
    smallint[], bigint[], bigint[], bigint[], uuid[], uuid[], uuid[], smallint[], smallint[], smallint[],
    smallint[], smallint[]);
DROP FUNCTION IF EXISTS qm.sync_store(int, qm.batch_in[], qm.line[], bytea[], bytea[], int[], bytea[]);
DROP FUNCTION IF EXISTS qm.sync_apply(qm.log_head, bigint, qm.line[], int[], bytea[]);
