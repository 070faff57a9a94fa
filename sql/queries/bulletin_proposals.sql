-- What the rule proposed, and what a person made of it.
SELECT n, code, subject, reason, step, state, by_account, at, remark
  FROM qm.proposal WHERE county = $1 AND draft = $2 ORDER BY n
