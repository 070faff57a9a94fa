-- Devices: codes, enrolment, rotation, revocation; blobs.

-- A county's answer to a device that it takes in: its account and the grids it has now.
CREATE OR REPLACE FUNCTION qm.grids_of(p_county int, p_account text) RETURNS bigint[]
LANGUAGE sql STABLE AS $$
    SELECT coalesce(array_agg(grid ORDER BY grid), '{}') FROM qm.account_grid
     WHERE county = p_county AND account = p_account AND now
$$;

CREATE OR REPLACE FUNCTION qm.code_new(p_county int, p_by text, p_account text, p_code_mac bytea,
                                       p_expires bigint) RETURNS TABLE (status smallint)
LANGUAGE plpgsql SET search_path = qm, pg_temp AS $$
BEGIN
    PERFORM qm.lock_head(p_county);
    IF NOT EXISTS (SELECT FROM qm.account a JOIN qm.account_role r USING (county, account)
                    WHERE a.county = p_county AND a.account = p_account AND NOT a.closed
                      AND r.role IN ('worker', 'leader')) THEN
        RETURN QUERY SELECT 5::smallint;
        RETURN;
    ELSIF cardinality(qm.grids_of(p_county, p_account)) > 64 THEN
        RETURN QUERY SELECT 11::smallint; -- its device could not read the answer to its enrolment
        RETURN;
    END IF;
    INSERT INTO qm.enrol_code (county, code_mac, account, by_account, expires_ms)
    VALUES (p_county, p_code_mac, p_account, p_by, p_expires)
    ON CONFLICT (county, code_mac) DO NOTHING;
    RETURN QUERY SELECT 0::smallint;
END
$$;

CREATE OR REPLACE FUNCTION qm.enrol(p_county int, p_code_mac bytea, p_device uuid, p_key bytea,
                                    p_hard boolean, p_note bytea, p_now bigint)
RETURNS TABLE (status smallint, account text, grids bigint[], idx bigint, size bigint, old_size bigint,
               old_frontier bytea[], root bytea, tree int)
LANGUAGE plpgsql SET search_path = qm, pg_temp AS $$
DECLARE
    v_head qm.log_head := qm.lock_head(p_county);
    v_new qm.log_head := v_head;
    v_code qm.enrol_code;
    v_device qm.device;
    v_status smallint := 0;
    v_idx bigint;
BEGIN
    SELECT * INTO v_code FROM qm.enrol_code c WHERE c.county = p_county AND c.code_mac = p_code_mac;
    SELECT * INTO v_device FROM qm.device d WHERE d.county = p_county AND d.device = p_device;
    IF v_code.used_key = p_key AND EXISTS (SELECT FROM qm.device_key k
            WHERE k.county = p_county AND k.key = p_key AND k.device = p_device) THEN
        v_idx := v_device.enrolled_idx;
    ELSIF v_code.county IS NULL OR v_code.used_key IS NOT NULL OR v_code.expires_ms <= p_now THEN
        v_status := 1;
    ELSIF v_device.device IS NOT NULL
       OR EXISTS (SELECT FROM qm.device_key k WHERE k.county = p_county AND k.key = p_key) THEN
        v_status := 2;
    ELSE
        v_idx := v_head.size;
        INSERT INTO qm.device (county, device, account, key, hard, enrolled_idx)
        VALUES (p_county, p_device, v_code.account, p_key, p_hard, v_idx);
        INSERT INTO qm.device_key (county, key, device, from_idx) VALUES (p_county, p_key, p_device, v_idx);
        UPDATE qm.enrol_code c SET used_key = p_key WHERE c.county = p_county AND c.code_mac = p_code_mac;
        v_new := qm.log_commit(v_head, ARRAY[2::smallint], ARRAY[p_now], ARRAY[qm.entry_text('device/v1', p_now,
            'by ' || v_code.by_account || E'\naccount ' || v_code.account || E'\nkey '
            || CASE WHEN p_hard THEN 'hard' ELSE 'soft' END || E'\n', '') || p_note]);
    END IF;
    RETURN QUERY SELECT v_status, v_code.account,
        CASE WHEN v_status = 0 THEN qm.grids_of(p_county, v_code.account) END, v_idx, v_new.size,
        v_head.size, v_head.frontier, v_new.root, v_new.tree;
END
$$;

CREATE OR REPLACE FUNCTION qm.rotate(p_county int, p_device uuid, p_old_key bytea, p_new_key bytea,
                                     p_hard boolean, p_note bytea, p_now bigint)
RETURNS TABLE (status smallint, account text, grids bigint[], idx bigint, size bigint, old_size bigint,
               old_frontier bytea[], root bytea, tree int)
LANGUAGE plpgsql SET search_path = qm, pg_temp AS $$
DECLARE
    v_head qm.log_head := qm.lock_head(p_county);
    v_new qm.log_head := v_head;
    v_device qm.device;
    v_status smallint := 0;
    v_idx bigint;
BEGIN
    SELECT * INTO v_device FROM qm.device d WHERE d.county = p_county AND d.device = p_device FOR UPDATE;
    SELECT k.from_idx INTO v_idx FROM qm.device_key k
     WHERE k.county = p_county AND k.key = p_new_key AND k.device = p_device;
    IF v_device.revoked_idx IS NOT NULL THEN
        v_status := 4;
    ELSIF v_device.key = p_new_key AND EXISTS (SELECT FROM qm.device_key k
            WHERE k.county = p_county AND k.key = p_old_key AND k.device = p_device) THEN
        v_status := 0; -- asked again after a lost answer
    ELSIF v_device.key IS DISTINCT FROM p_old_key THEN
        v_status := 3;
    ELSIF EXISTS (SELECT FROM qm.device_key k WHERE k.county = p_county AND k.key = p_new_key) THEN
        v_status := 2;
    ELSE
        v_idx := v_head.size;
        UPDATE qm.device d SET key = p_new_key, hard = p_hard WHERE d.county = p_county AND d.device = p_device;
        INSERT INTO qm.device_key (county, key, device, from_idx) VALUES (p_county, p_new_key, p_device, v_idx);
        v_new := qm.log_commit(v_head, ARRAY[2::smallint], ARRAY[p_now], ARRAY[qm.entry_text('device/v1', p_now,
            'by ' || v_device.account || E'\naccount ' || v_device.account || E'\nkey '
            || CASE WHEN p_hard THEN 'hard' ELSE 'soft' END || E'\n', '') || p_note]);
    END IF;
    RETURN QUERY SELECT v_status, v_device.account,
        CASE WHEN v_status = 0 THEN qm.grids_of(p_county, v_device.account) END,
        CASE WHEN v_status = 0 THEN v_idx END, v_new.size,
        v_head.size, v_head.frontier, v_new.root, v_new.tree;
END
$$;

-- p_name is the device's full name, as the entry names it.  Only the first revocation counts; a
-- repeated call writes nothing.
CREATE OR REPLACE FUNCTION qm.revoke(p_county int, p_by text, p_device uuid, p_name text, p_lost bigint,
                                     p_now bigint)
RETURNS TABLE (status smallint, idx bigint, size bigint, old_size bigint, old_frontier bytea[],
               root bytea, tree int)
LANGUAGE plpgsql SET search_path = qm, pg_temp AS $$
DECLARE
    v_head qm.log_head := qm.lock_head(p_county);
    v_new qm.log_head := v_head;
    v_device qm.device;
    v_idx bigint;
BEGIN
    SELECT * INTO v_device FROM qm.device d WHERE d.county = p_county AND d.device = p_device;
    IF v_device.revoked_idx IS NOT NULL THEN
        v_idx := v_device.revoked_idx;
    ELSIF v_device.device IS NOT NULL THEN
        v_idx := v_head.size;
        UPDATE qm.device d SET revoked_idx = v_idx, revoked_recv = p_now, lost_ms = p_lost
         WHERE d.county = p_county AND d.device = p_device;
        v_new := qm.log_commit(v_head, ARRAY[3::smallint], ARRAY[p_now], ARRAY[qm.entry_text('revoke/v1', p_now,
            'by ' || p_by || E'\n', p_name || E'\nlost ' || p_lost || E'\n')]);
    END IF;
    RETURN QUERY SELECT CASE WHEN v_idx IS NULL THEN 5 ELSE 0 END::smallint, v_idx, v_new.size,
        v_head.size, v_head.frontier, v_new.root, v_new.tree;
END
$$;

-- A picture from a device.  For 14 days a revoked phone may still bring those that its recorded
-- events name.
CREATE OR REPLACE FUNCTION qm.blob_put(p_county int, p_device uuid, p_sha bytea, p_bytes int,
                                       p_media smallint, p_sealed bytea, p_now bigint, p_day date,
                                       p_budget bigint) RETURNS TABLE (status smallint)
LANGUAGE plpgsql SET search_path = qm, pg_temp AS $$
DECLARE
    v_head qm.log_head := qm.lock_head(p_county);
    v_device qm.device;
    v_blob qm.blob;
BEGIN
    SELECT * INTO v_device FROM qm.device d WHERE d.county = p_county AND d.device = p_device FOR UPDATE;
    SELECT * INTO v_blob FROM qm.blob b WHERE b.county = p_county AND b.sha256 = p_sha;
    IF v_device.revoked_idx IS NOT NULL AND (p_now > v_device.revoked_recv + 1209600000 OR NOT EXISTS (
            SELECT FROM qm.evidence x JOIN qm.event e ON e.county = x.county AND e.id = x.event
             WHERE x.county = p_county AND x.sha256 = p_sha AND e.device = p_device)) THEN
        RETURN QUERY SELECT 4::smallint;
    ELSIF v_blob.county IS NOT NULL THEN
        RETURN QUERY SELECT 1::smallint;
    ELSIF (CASE WHEN v_device.blob_day = p_day THEN v_device.blob_bytes ELSE 0 END) + p_bytes > p_budget THEN
        RETURN QUERY SELECT 2::smallint;
    ELSE
        INSERT INTO qm.blob (county, sha256, bytes, media, received, sealed)
        VALUES (p_county, p_sha, p_bytes, p_media, p_now, p_sealed);
        DELETE FROM qm.want w WHERE w.county = p_county AND w.sha256 = p_sha;
        UPDATE qm.device d
           SET blob_bytes = CASE WHEN d.blob_day = p_day THEN d.blob_bytes ELSE 0 END + p_bytes, blob_day = p_day
         WHERE d.county = p_county AND d.device = p_device;
        RETURN QUERY SELECT 0::smallint;
    END IF;
END
$$;

-- Logs the pictures that are there and named by a recorded event; their events become evidenced.
-- An entry holds at most 900 of them, so that it stays below 65,535 bytes.
CREATE OR REPLACE FUNCTION qm.blob_note(p_county int, p_now bigint)
RETURNS TABLE (listed int, size bigint, old_size bigint, old_frontier bytea[], root bytea, tree int)
LANGUAGE plpgsql SET search_path = qm, pg_temp AS $$
DECLARE
    v_head qm.log_head := qm.lock_head(p_county);
    v_new qm.log_head := v_head;
    v_shas bytea[];
    v_bodies bytea[];
BEGIN
    SELECT array_agg(b.sha256 ORDER BY b.sha256) INTO v_shas
      FROM qm.blob b
     WHERE b.county = p_county AND b.listed_idx IS NULL AND b.sealed IS NOT NULL
       AND EXISTS (SELECT FROM qm.evidence x WHERE x.county = p_county AND x.sha256 = b.sha256);
    IF v_shas IS NOT NULL THEN
        SELECT array_agg(t.body ORDER BY t.part) INTO v_bodies
          FROM (SELECT (u.o - 1) / 900 AS part,
                       qm.entry_text('blob/v1', p_now, '', string_agg(encode(u.sha, 'hex') || E'\n', '' ORDER BY u.o)) AS body
                  FROM unnest(v_shas) WITH ORDINALITY AS u (sha, o) GROUP BY 1) t;
        UPDATE qm.blob b SET listed_idx = v_head.size + (u.o - 1) / 900
          FROM unnest(v_shas) WITH ORDINALITY AS u (sha, o)
         WHERE b.county = p_county AND b.sha256 = u.sha;
        PERFORM qm.refold_events(p_county, v_head.revision + 1, ARRAY(
            SELECT DISTINCT x.event FROM qm.evidence x
             WHERE x.county = p_county AND x.sha256 = ANY (v_shas)));
        v_new := qm.log_commit(v_head, array_fill(4::smallint, ARRAY[cardinality(v_bodies)]),
                               array_fill(p_now, ARRAY[cardinality(v_bodies)]), v_bodies);
    END IF;
    RETURN QUERY SELECT coalesce(cardinality(v_shas), 0), v_new.size, v_head.size, v_head.frontier,
        v_new.root, v_new.tree;
END
$$;

-- What may go: pictures that no recorded event named for 14 days; bytes quarantined for 30 days
-- (E of lines that were good in form stays, auditors need it).
CREATE OR REPLACE FUNCTION qm.blob_sweep(p_county int, p_now bigint) RETURNS TABLE (removed int)
LANGUAGE plpgsql SET search_path = qm, pg_temp AS $$
DECLARE
    v_blobs int;
    v_lines int;
BEGIN
    PERFORM qm.lock_head(p_county);
    DELETE FROM qm.blob b
     WHERE b.county = p_county AND b.listed_idx IS NULL AND b.received < p_now - 1209600000
       AND NOT EXISTS (SELECT FROM qm.evidence x WHERE x.county = p_county AND x.sha256 = b.sha256);
    GET DIAGNOSTICS v_blobs = ROW_COUNT;
    UPDATE qm.quarantine q SET p = NULL, e = CASE WHEN q.reason IN (3, 4) THEN q.e END
     WHERE q.county = p_county AND q.recv < p_now - 2592000000
       AND (q.p IS NOT NULL OR q.e IS NOT NULL AND q.reason IN (1, 2));
    GET DIAGNOSTICS v_lines = ROW_COUNT;
    RETURN QUERY SELECT v_blobs + v_lines;
END
$$;
