-- Counties that have a log: all of the site ($1 is 0), or one.
SELECT county FROM qm.log_head WHERE $1 IN (0, county) ORDER BY county
