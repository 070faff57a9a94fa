-- Counter rows within a division, at a level, as far as the caller's prefix goes.
SELECT code, name, qm.pack(v), qm.as_of(size, recv, age_day, tree) FROM qm.coverage($1, $2, $3, $4, $5)
