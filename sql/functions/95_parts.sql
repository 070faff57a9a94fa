-- Parts of large objects that no commit came to: a freeze writes a roster's parts one by one and ends
-- with the commit that names them; a crash between leaves parts that nothing names.
-- SECURITY DEFINER, because the server's role must not be able to delete parts: this deletes only those
-- without an object that were put before p_before (Unix ms).  Younger ones may be those of a freeze that is
-- under way; one that finds a part there makes it young again.  The head lock keeps it apart from a commit.
CREATE OR REPLACE FUNCTION qm.parts_sweep(p_county int, p_before bigint) RETURNS TABLE (removed int)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = qm, pg_temp AS $$
BEGIN
    PERFORM qm.lock_head(p_county);
    DELETE FROM qm.object_part p
     WHERE p.county = p_county AND p.put_ms < p_before
       AND NOT EXISTS (SELECT FROM qm.object o WHERE o.county = p.county AND o.sha256 = p.sha256);
    GET DIAGNOSTICS removed = ROW_COUNT;
    RETURN NEXT;
END
$$;
