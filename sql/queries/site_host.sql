-- The authority that every name is made of.
SELECT host FROM qm.site
