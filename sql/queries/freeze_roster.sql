-- Roster lines in order, a chunk a row; read it through a cursor.  $1 county, $2 scope, $3 day.
SELECT lines FROM qm.freeze_roster($1, $2, $3)
