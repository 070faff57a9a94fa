-- Rosters are text of megabytes that is written at each freeze: with the server's own compression that
-- takes longer than making the text.  lz4, where PostgreSQL is built with it, keeps them as small for a
-- quarter of the time; elsewhere nothing changes.
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_settings WHERE name = 'default_toast_compression' AND 'lz4' = ANY (enumvals)) THEN
        ALTER TABLE qm.object_part ALTER COLUMN body SET COMPRESSION lz4;
    END IF;
END
$$;
