-- What a bearer token may do; a closed account's tokens are no more.
SELECT t.account, t.role, t.prefix, t.expires_ms
  FROM qm.token t
  JOIN qm.account a ON a.county = t.county AND a.account = t.account AND NOT a.closed
 WHERE t.county = $1 AND t.token_mac = $2
