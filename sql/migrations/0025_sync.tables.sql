-- An inside of the sync that a function with other arguments took the place of.
DROP FUNCTION IF EXISTS qm.sync_known(int, qm.batch_in[], int[], bytea[], uuid[], uuid[], uuid[]);
