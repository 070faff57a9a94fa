-- Whether there is a bulletin whose lists of an area the caller may read: one row, or none.
SELECT to_size FROM qm.closed_bulletin($1, $2, $3, $4, $5)
