-- The keys of all logs of the site.
SELECT county, tree, vkey FROM qm.log_tree ORDER BY county, tree
