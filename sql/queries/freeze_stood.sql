-- What a published bulletin counted of the metrics of coverage, reported and evidenced, by division.
-- $1 county, $2 its draft.
SELECT code, qm.covered(v) FROM qm.bulletin_row WHERE county = $1 AND draft = $2
