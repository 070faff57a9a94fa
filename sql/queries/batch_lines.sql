-- The lines of a batch in order: line, id (null if rejected), E, leaf and reason of a rejected one.
SELECT line, id, e, leaf, reason FROM qm.batch_lines($1, $2)
