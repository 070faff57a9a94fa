-- Counties of this site, for the page where people sign in, and for whoever reads a text that was signed;
-- tree: names the key of the county's log; texts: the object that holds the texts in force.
SELECT h.county, h.name, h.tree, encode(s.sha256, 'hex') AS texts
  FROM qm.log_head h
  LEFT JOIN qm.setting s ON s.county = h.county AND s.kind = 'texts'
 WHERE h.size > 0
 ORDER BY h.county
