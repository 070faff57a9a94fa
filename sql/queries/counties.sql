-- Counties of this site, for the page where people sign in; tree: names the key of the county's log.
SELECT county, name, tree FROM qm.log_head WHERE size > 0 ORDER BY county
