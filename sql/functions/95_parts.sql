-- Parts of large objects that no commit came to: a freeze writes a roster's parts one by one and ends
-- with the commit that names them; a crash between leaves parts that nothing names.
-- SECURITY DEFINER, because the server's role must not be able to delete parts: this deletes only those
-- without an object.  The head lock keeps it apart from a commit; a freeze that is still writing is then
-- refused with status 6 and asked for again.
CREATE OR REPLACE FUNCTION qm.parts_sweep(p_county int) RETURNS TABLE (removed int)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = qm, pg_temp AS $$
BEGIN
    PERFORM qm.lock_head(p_county);
    DELETE FROM qm.object_part p
     WHERE p.county = p_county
       AND NOT EXISTS (SELECT FROM qm.object o WHERE o.county = p.county AND o.sha256 = p.sha256);
    GET DIAGNOSTICS removed = ROW_COUNT;
    RETURN NEXT;
END
$$;
