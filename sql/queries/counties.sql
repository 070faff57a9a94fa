-- Counties of this site, for the page where people sign in.
SELECT county, name FROM qm.log_head WHERE size > 0 ORDER BY county
