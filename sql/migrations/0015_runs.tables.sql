-- The server sorts a roster's rows itself: the place of a pseudonym's run is not asked for any more.
DROP FUNCTION IF EXISTS qm.pseudonym_run(uuid);
