-- Whether the list of migrations is there: not before the first one has run.
SELECT to_regclass('qm.migration') IS NOT NULL
