-- The rows of a bulletin by code, as the next one reads them.  $1 county, $2 its draft.
SELECT code, rank, score, out, m, v FROM qm.bulletin_row WHERE county = $1 AND draft = $2 ORDER BY code
