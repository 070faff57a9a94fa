-- What the office does on the record: counties, settings, decisions, erasures, restores, tokens.

CREATE OR REPLACE FUNCTION qm.county_add(p_county int, p_name text, p_by text, p_now bigint, p_vkey text,
                                         p_day date)
RETURNS TABLE (status smallint, idx bigint, size bigint, old_size bigint, old_frontier bytea[],
               root bytea, tree int)
LANGUAGE plpgsql SET search_path = qm, pg_temp AS $$
DECLARE
    v_head qm.log_head;
    v_new qm.log_head;
    v_status smallint := 0;
BEGIN
    IF NOT EXISTS (SELECT FROM qm.division d WHERE d.code = p_county::text AND d.level = 'county') THEN
        RETURN QUERY SELECT 6::smallint, NULL::bigint, NULL::bigint, NULL::bigint, NULL::bytea[],
            NULL::bytea, NULL::int;
        RETURN;
    END IF;
    INSERT INTO qm.log_head (county, name, root, age_day) VALUES (p_county, p_name, sha256(''), p_day)
    ON CONFLICT (county) DO NOTHING;
    v_head := qm.lock_head(p_county);
    v_new := v_head;
    IF v_head.size > 0 THEN
        v_status := 1;
    ELSE
        INSERT INTO qm.log_tree (county, tree, vkey, from_size) VALUES (p_county, 1, p_vkey, 0);
        INSERT INTO qm.account (county, account) VALUES (p_county, p_by) ON CONFLICT (county, account) DO NOTHING;
        INSERT INTO qm.account_role (county, account, role, prefix)
        VALUES (p_county, p_by, 'admin', p_county::text) ON CONFLICT (county, account, role, prefix) DO NOTHING;
        v_new := qm.log_commit(v_head, ARRAY[7::smallint], ARRAY[p_now], ARRAY[qm.entry_text('config/v1', p_now,
            'by ' || p_by || E'\n', 'key ' || p_vkey || E'\n')]);
    END IF;
    RETURN QUERY SELECT v_status, 0::bigint, v_new.size, v_head.size, v_head.frontier, v_new.root, v_new.tree;
END
$$;

-- After a restore: the same tree under a new name and key; the first entry says what it follows.
CREATE OR REPLACE FUNCTION qm.log_continue(p_county int, p_by text, p_now bigint, p_old_origin text,
                                           p_new_vkey text)
RETURNS TABLE (status smallint, idx bigint, size bigint, old_size bigint, old_frontier bytea[],
               root bytea, tree int)
LANGUAGE plpgsql SET search_path = qm, pg_temp AS $$
DECLARE
    v_head qm.log_head := qm.lock_head(p_county);
    v_next qm.log_head := v_head;
    v_new qm.log_head;
BEGIN
    IF EXISTS (SELECT FROM qm.log_tree l
                WHERE l.county = p_county AND l.tree = v_head.tree AND l.vkey = p_new_vkey) THEN
        RETURN QUERY SELECT 0::smallint, l.from_size, v_head.size, v_head.size, v_head.frontier, v_head.root, v_head.tree
                       FROM qm.log_tree l WHERE l.county = p_county AND l.tree = v_head.tree;
        RETURN; -- asked again after a lost answer
    END IF;
    v_next.tree := v_head.tree + 1;
    INSERT INTO qm.log_tree (county, tree, vkey, from_size)
    VALUES (p_county, v_next.tree, p_new_vkey, v_head.size);
    v_new := qm.log_commit(v_next, ARRAY[7::smallint], ARRAY[p_now], ARRAY[qm.entry_text('config/v1', p_now,
        'by ' || p_by || E'\n', 'after ' || p_old_origin || ' ' || v_head.size || ' '
        || encode(v_head.root, 'base64') || E'\n')]);
    RETURN QUERY SELECT 0::smallint, v_head.size, v_new.size, v_head.size, v_head.frontier, v_new.root, v_new.tree;
END
$$;

-- Rule, targets, texts or topics: the bytes are kept, the log names their hash.
CREATE OR REPLACE FUNCTION qm.set_config(p_county int, p_by text, p_now bigint, p_kind text, p_sha bytea,
                                         p_body bytea, p_open boolean)
RETURNS TABLE (status smallint, idx bigint, size bigint, old_size bigint, old_frontier bytea[],
               root bytea, tree int)
LANGUAGE plpgsql SET search_path = qm, pg_temp AS $$
DECLARE
    v_head qm.log_head := qm.lock_head(p_county);
    v_new qm.log_head := v_head;
    v_now qm.setting;
    v_status smallint := 1;
BEGIN
    SELECT * INTO v_now FROM qm.setting s WHERE s.county = p_county AND s.kind = p_kind;
    IF v_now.sha256 IS DISTINCT FROM p_sha THEN
        v_status := 0;
        v_now.idx := v_head.size;
        INSERT INTO qm.object (county, sha256, kind, open, body)
        VALUES (p_county, p_sha, p_kind, p_open, p_body) ON CONFLICT (county, sha256) DO NOTHING;
        INSERT INTO qm.setting AS s (county, kind, sha256, idx) VALUES (p_county, p_kind, p_sha, v_head.size)
        ON CONFLICT (county, kind) DO UPDATE SET sha256 = excluded.sha256, idx = excluded.idx;
        v_new := qm.log_commit(v_head, ARRAY[7::smallint], ARRAY[p_now], ARRAY[qm.entry_text('config/v1', p_now,
            'by ' || p_by || E'\n', p_kind || ' sha256:' || encode(p_sha, 'hex') || E'\n')]);
    END IF;
    RETURN QUERY SELECT v_status, v_now.idx, v_new.size, v_head.size, v_head.frontier, v_new.root, v_new.tree;
END
$$;

-- Of events that are to count, those that bring a household or resident that the register does not
-- have: the first of each.
CREATE OR REPLACE FUNCTION qm.decide_new(p_county int, p_events uuid[]) RETURNS SETOF qm.event
LANGUAGE sql STABLE SET search_path = qm, pg_temp AS $$
    SELECT DISTINCT ON (e.kind, CASE e.kind WHEN 5 THEN e.household ELSE e.resident END) e.*
      FROM qm.event e
     WHERE e.county = p_county AND e.id = ANY (p_events)
       AND (e.kind = 5 AND NOT EXISTS (SELECT FROM qm.household h
                                        WHERE h.county = e.county AND h.household = e.household)
         OR e.kind = 6 AND e.code IN (1, 2) AND NOT EXISTS (SELECT FROM qm.resident r
                                        WHERE r.county = e.county AND r.resident = e.resident))
       AND NOT EXISTS (SELECT FROM qm.void_mark v
                        WHERE v.county = p_county AND v.target = e.id AND v.account = e.account)
     ORDER BY e.kind, CASE e.kind WHEN 5 THEN e.household ELSE e.resident END, e.idx, e.line
$$;

-- The first of them that would stand in a grid that was not imported: its counters would have no name.
-- A resident stands where the household stands, and in the event's grid only without one.
CREATE OR REPLACE FUNCTION qm.decide_astray(p_county int, p_events uuid[]) RETURNS uuid
LANGUAGE sql STABLE SET search_path = qm, pg_temp AS $$
    WITH new AS MATERIALIZED (SELECT * FROM qm.decide_new(p_county, p_events))
    SELECT n.id FROM new n
     WHERE NOT EXISTS (SELECT FROM qm.grid g WHERE g.county = p_county AND g.grid = n.grid)
       AND (n.kind = 5
            OR NOT EXISTS (SELECT FROM qm.household h WHERE h.county = p_county AND h.household = n.household)
           AND NOT EXISTS (SELECT FROM new o WHERE o.kind = 5 AND o.household = n.household))
     ORDER BY n.idx, n.line LIMIT 1
$$;

-- Decisions on recorded events.  Names, telephone and birthday of what an event would create come
-- opened from its P and sealed again by the caller, in the c_ arrays.
CREATE OR REPLACE FUNCTION qm.decide(p_county int, p_by text, p_now bigint, p_events uuid[], p_ways boolean[],
    p_codes text[], c_event uuid[], c_born date[], c_name bytea[], c_phone bytea[], c_phone_mac bytea[],
    c_door text[])
RETURNS TABLE (status smallint, idx bigint, bad uuid, size bigint, old_size bigint, old_frontier bytea[],
               root bytea, tree int)
LANGUAGE plpgsql SET search_path = qm, pg_temp AS $$
DECLARE
    v_head qm.log_head := qm.lock_head(p_county);
    v_new qm.log_head := v_head;
    v_rev bigint := v_head.revision + 1;
    v_bad uuid;
    v_status smallint := 0;
    v_in uuid[] := ARRAY(SELECT u.id FROM unnest(p_events, p_ways) AS u (id, way) WHERE u.way);
BEGIN
    SELECT u.id INTO v_bad FROM unnest(p_events) AS u (id)
     WHERE NOT EXISTS (SELECT FROM qm.event e WHERE e.county = p_county AND e.id = u.id)
        OR (SELECT count(*) FROM unnest(p_events) AS o (id) WHERE o.id = u.id) > 1 LIMIT 1;
    IF v_bad IS NOT NULL OR cardinality(p_events) NOT BETWEEN 1 AND 600 THEN
        v_status := 5;
    ELSE
        v_bad := qm.decide_astray(p_county, v_in);
        v_status := CASE WHEN v_bad IS NULL THEN 0 ELSE 6 END;
    END IF;
    IF v_status = 0 THEN
        INSERT INTO qm.decision (county, event, idx, way, code, rev)
        SELECT p_county, u.id, v_head.size, u.way, u.code, v_rev
          FROM unnest(p_events, p_ways, p_codes) AS u (id, way, code);
        PERFORM qm.decide_create(v_head, v_rev, v_in, c_event, c_born, c_name, c_phone, c_phone_mac, c_door);
        PERFORM qm.refold_events(p_county, v_rev, p_events);
        v_new := qm.log_commit(v_head, ARRAY[5::smallint], ARRAY[p_now], (
            SELECT ARRAY[qm.entry_text('decide/v1', p_now, 'by ' || p_by || E'\n',
                   string_agg(t.line || E'\n', '' ORDER BY t.line COLLATE "C"))]
              FROM (SELECT CASE WHEN u.way THEN 'in ' ELSE 'out ' END || u.id || ' ' || u.code AS line
                      FROM unnest(p_events, p_ways, p_codes) AS u (id, way, code)) t));
    END IF;
    RETURN QUERY SELECT v_status, v_head.size, v_bad, v_new.size, v_head.size, v_head.frontier, v_new.root,
        v_new.tree;
END
$$;

-- An event that a decision made effective creates its household or resident as an accepted one does.
CREATE OR REPLACE FUNCTION qm.decide_create(p_head qm.log_head, p_rev bigint, p_events uuid[], c_event uuid[],
    c_born date[], c_name bytea[], c_phone bytea[], c_phone_mac bytea[], c_door text[])
RETURNS void LANGUAGE plpgsql SET search_path = qm, pg_temp AS $$
DECLARE
    v_lines qm.line[];
BEGIN
    SELECT array_agg(ROW(t.ord, 1, t.line, t.idx, t.recv, t.device, t.account, 0, NULL, 0, 0, true, false,
                         NULL, t.id, t.kind, t.seq, t.at, t.grid, t.household, t.resident, NULL, t.code,
                         t.via, t.party, t.alerts, t.na)::qm.line ORDER BY t.ord)
      INTO v_lines
      FROM (SELECT array_position(p_events, e.id) AS ord, e.*
              FROM qm.decide_new(p_head.county, p_events) e) t;
    IF v_lines IS NOT NULL THEN
        PERFORM qm.sync_create(p_head, p_rev, v_lines,
            ARRAY(SELECT array_position(p_events, u.id) FROM unnest(c_event) WITH ORDINALITY AS u (id, o) ORDER BY u.o),
            c_born, c_name, c_phone, c_phone_mac, c_door);
    END IF;
END
$$;

-- The subjects of an erasure: those that are named, and of a household all that were merged into it, whose
-- records its card shows.  merged_into names the one that stands in the end, so nobody follows chains.
CREATE OR REPLACE FUNCTION qm.erase_subjects(p_county int, p_subjects uuid[]) RETURNS uuid[]
LANGUAGE sql STABLE SET search_path = qm, pg_temp AS $$
    SELECT coalesce(array_agg(t.id), '{}')
      FROM (SELECT unnest(p_subjects) AS id
            UNION SELECT h.household FROM qm.household h
                   WHERE h.county = p_county AND h.merged_into = ANY (p_subjects)) t
$$;

-- The events whose private parts go with them.
CREATE OR REPLACE FUNCTION qm.erase_events(p_county int, p_events uuid[], p_subjects uuid[]) RETURNS uuid[]
LANGUAGE sql STABLE SET search_path = qm, pg_temp AS $$
    SELECT coalesce(array_agg(t.id), '{}') FROM (
        SELECT unnest(p_events) AS id
        UNION SELECT e.id FROM qm.event e
               WHERE e.county = p_county AND e.household = ANY (p_subjects) AND e.kind IN (1, 2, 3)
        UNION SELECT e.id FROM qm.event e
               WHERE e.county = p_county AND e.resident = ANY (p_subjects) AND e.kind IN (3, 4)
        UNION SELECT e.id FROM qm.event e
               WHERE e.county = p_county AND e.kind IN (5, 6)
                 AND (e.household = ANY (p_subjects) AND e.kind = 5 OR e.resident = ANY (p_subjects))) t
$$;

-- P and pictures of recorded events, and what is kept of rejected lines that name one of them or a subject:
-- of these E goes too where the form was bad, because what it says is anything.
CREATE OR REPLACE FUNCTION qm.erase_parts(p_county int, p_now bigint, p_events uuid[], p_subjects uuid[])
RETURNS void LANGUAGE plpgsql SET search_path = qm, pg_temp AS $$
DECLARE
    v_names bytea[] := ARRAY(SELECT convert_to(u.id::text, 'UTF8') FROM unnest(p_events) AS u (id)
                             UNION ALL
                             SELECT convert_to(qm.pseudonym(s.id), 'UTF8') FROM unnest(p_subjects) AS s (id));
BEGIN
    UPDATE qm.event e SET p = NULL WHERE e.county = p_county AND e.id = ANY (p_events) AND e.p IS NOT NULL;
    UPDATE qm.blob b SET sealed = NULL
     WHERE b.county = p_county
       AND b.sha256 IN (SELECT x.sha256 FROM qm.evidence x WHERE x.county = p_county AND x.event = ANY (p_events));
    DELETE FROM qm.want w WHERE w.county = p_county AND w.event = ANY (p_events);
    -- A phone that brings one of them later is told that it was there: nothing is kept again.
    INSERT INTO qm.blob (county, sha256, bytes, media, received)
    SELECT DISTINCT p_county, x.sha256, 0, 1::smallint, p_now
      FROM qm.evidence x WHERE x.county = p_county AND x.event = ANY (p_events)
    ON CONFLICT (county, sha256) DO NOTHING;
    UPDATE qm.quarantine q SET p = NULL, e = CASE WHEN q.reason IN (3, 4) THEN q.e END
     WHERE q.county = p_county AND (q.p IS NOT NULL OR q.reason IN (1, 2)) AND q.e IS NOT NULL
       AND EXISTS (SELECT FROM unnest(v_names) AS n (name) WHERE position(n.name IN q.e) > 0);
END
$$;

-- Sealed fields of subjects, also those that an edit replaced.
CREATE OR REPLACE FUNCTION qm.erase_cards(p_county int, p_rev bigint, p_subjects uuid[]) RETURNS void
LANGUAGE plpgsql SET search_path = qm, pg_temp AS $$
BEGIN
    UPDATE qm.household_card c SET head = NULL, phone = NULL, phone_mac = NULL
     WHERE c.county = p_county AND c.household = ANY (p_subjects);
    UPDATE qm.resident_card c SET name = NULL, phone = NULL, phone_mac = NULL, groups = '{}'
     WHERE c.county = p_county AND c.resident = ANY (p_subjects);
    DELETE FROM qm.register_kept k WHERE k.county = p_county AND k.subject = ANY (p_subjects);
    UPDATE qm.household h SET rev = p_rev WHERE h.county = p_county AND h.household = ANY (p_subjects);
    UPDATE qm.resident r SET rev = p_rev WHERE r.county = p_county AND r.resident = ANY (p_subjects);
END
$$;

-- Takes P, pictures and sealed fields away; E stays, counts and proves.  The entry names all subjects that were
-- erased, also the merged ones.
CREATE OR REPLACE FUNCTION qm.erase(p_county int, p_by text, p_now bigint, p_events uuid[], p_subjects uuid[])
RETURNS TABLE (status smallint, idx bigint, bad uuid, size bigint, old_size bigint, old_frontier bytea[],
               root bytea, tree int)
LANGUAGE plpgsql SET search_path = qm, pg_temp AS $$
DECLARE
    v_head qm.log_head := qm.lock_head(p_county);
    v_new qm.log_head := v_head;
    v_bad uuid;
    v_subjects uuid[];
    v_status smallint := 0;
BEGIN
    SELECT u.id INTO v_bad FROM unnest(p_events) AS u (id)
     WHERE NOT EXISTS (SELECT FROM qm.event e WHERE e.county = p_county AND e.id = u.id) LIMIT 1;
    IF v_bad IS NULL THEN
        SELECT u.id INTO v_bad FROM unnest(p_subjects) AS u (id)
         WHERE NOT EXISTS (SELECT FROM qm.household h WHERE h.county = p_county AND h.household = u.id)
           AND NOT EXISTS (SELECT FROM qm.resident r WHERE r.county = p_county AND r.resident = u.id) LIMIT 1;
    END IF;
    v_subjects := qm.erase_subjects(p_county, p_subjects);
    IF v_bad IS NOT NULL OR cardinality(p_events) + cardinality(v_subjects) NOT BETWEEN 1 AND 1000 THEN
        v_status := 5;
    ELSE
        PERFORM qm.erase_parts(p_county, p_now, qm.erase_events(p_county, p_events, v_subjects), v_subjects);
        PERFORM qm.erase_cards(p_county, v_head.revision + 1, v_subjects);
        v_new := qm.log_commit(v_head, ARRAY[6::smallint], ARRAY[p_now], (
            SELECT ARRAY[qm.entry_text('erase/v1', p_now, 'by ' || p_by || E'\n',
                   string_agg(t.line || E'\n', '' ORDER BY t.line COLLATE "C"))]
              FROM (SELECT DISTINCT u.id::text AS line FROM unnest(p_events) AS u (id)
                    UNION SELECT qm.pseudonym(s.id) FROM unnest(v_subjects) AS s (id)) t));
    END IF;
    RETURN QUERY SELECT v_status, v_head.size, v_bad, v_new.size, v_head.size, v_head.frontier, v_new.root,
        v_new.tree;
END
$$;

CREATE OR REPLACE FUNCTION qm.token_new(p_county int, p_account text, p_role text, p_prefix text,
                                        p_token_mac bytea, p_expires bigint)
RETURNS TABLE (status smallint) LANGUAGE plpgsql SET search_path = qm, pg_temp AS $$
BEGIN
    PERFORM qm.lock_head(p_county);
    IF NOT EXISTS (SELECT FROM qm.account_role r JOIN qm.account a USING (county, account)
                    WHERE r.county = p_county AND r.account = p_account AND r.role = p_role AND NOT a.closed
                      AND starts_with(p_prefix, r.prefix)) THEN
        RETURN QUERY SELECT 5::smallint;
        RETURN;
    END IF;
    INSERT INTO qm.token (county, token_mac, account, role, prefix, expires_ms)
    VALUES (p_county, p_token_mac, p_account, p_role, p_prefix, p_expires)
    ON CONFLICT (county, token_mac) DO NOTHING;
    RETURN QUERY SELECT 0::smallint;
END
$$;

-- Closes the county's day and moves its ages to a later one: people turn 16 and 61, and
-- roles begin or end.  Everybody is compared with two birthdays that are made once: syncs wait meanwhile.
-- Ages never go back: of two servers, one may have waited for the head while the other went further.
CREATE OR REPLACE FUNCTION qm.birthdays(p_county int, p_day date) RETURNS TABLE (moved int)
LANGUAGE plpgsql SET search_path = qm, pg_temp AS $$
DECLARE
    v_head qm.log_head := qm.lock_head(p_county);
    v_16 date := qm.years_before(p_day, 16);
    v_61 date := qm.years_before(p_day, 61);
    v_r qm.resident_state[];
BEGIN
    IF p_day <= v_head.age_day THEN
        RETURN QUERY SELECT 0;
        RETURN;
    END IF;
    PERFORM qm.day_close(v_head);
    WITH old AS MATERIALIZED (
        SELECT r.resident AS id, qm.band_between(r.born, v_16, v_61) AS band, qm.state_of(r, -1) AS s
          FROM qm.resident r
         WHERE r.county = p_county AND r.band <> qm.band_between(r.born, v_16, v_61)
    ), new AS (
        UPDATE qm.resident r SET band = o.band, rev = v_head.revision + 1
          FROM old o WHERE r.county = p_county AND r.resident = o.id
        RETURNING qm.state_of(r, 1) AS s
    )
    SELECT array_agg(u.s) INTO v_r FROM (SELECT s FROM old UNION ALL SELECT s FROM new) u;
    PERFORM qm.post(p_county, NULL, v_r);
    PERFORM qm.account_grids(p_county, ARRAY(SELECT DISTINCT r.account FROM qm.account_role r
        WHERE r.county = p_county AND (r.from_day IS NOT NULL OR r.until_day IS NOT NULL)), p_day);
    v_head.age_day := p_day;
    PERFORM qm.log_commit(v_head, '{}', '{}', '{}');
    RETURN QUERY SELECT coalesce(cardinality(v_r), 0) / 2;
END
$$;
