-- What pages remember for the county; a row of nulls where nothing was ever set.  $1 county, $2 name.
SELECT p.body, p.by_account, p.at
  FROM (SELECT $1::int AS county, $2::text AS name) q
  LEFT JOIN qm.preference p ON p.county = q.county AND p.name = q.name
