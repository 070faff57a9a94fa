-- What the office corrects at a card: fields, splits, and taking a change back.

-- Fields of a household (place, group, lane, door, ref, head, phone) or of a resident (name, phone, born,
-- groups), each with its new value: place as text, all others as bytes, phone with its MAC.
-- status: 0, 1 no such field or value, 5 unknown, 12 another household of the village has this number.
CREATE OR REPLACE FUNCTION qm.register_edit(p_county int, p_by text, p_now bigint, p_what text, p_subject uuid,
    p_field text[], p_text text[], p_bytes bytea[], p_mac bytea[])
RETURNS TABLE (status smallint, changed int) LANGUAGE plpgsql SET search_path = qm, pg_temp AS $$
DECLARE
    v_head qm.log_head := qm.lock_head(p_county);
    v_fields text[] := CASE p_what WHEN 'household' THEN ARRAY['place', 'group', 'lane', 'door', 'ref', 'head', 'phone']
                                   ELSE ARRAY['name', 'phone', 'born', 'groups'] END;
    v_want qm.fact[];
    v_born text;
    v_home qm.household;
    v_person qm.resident;
BEGIN
    SELECT * INTO v_home FROM qm.household h
     WHERE h.county = p_county AND h.household = p_subject AND h.status <> 5 AND p_what = 'household';
    SELECT * INTO v_person FROM qm.resident r
     WHERE r.county = p_county AND r.resident = p_subject AND p_what = 'resident';
    IF v_home.household IS NULL AND v_person.resident IS NULL THEN
        RETURN QUERY SELECT 5::smallint, 0;
        RETURN;
    ELSIF NOT p_field <@ v_fields OR cardinality(p_field) <> (SELECT count(DISTINCT f) FROM unnest(p_field) AS f) THEN
        RETURN QUERY SELECT 1::smallint, 0;
        RETURN;
    ELSIF 'ref' = ANY (p_field) AND EXISTS (
            SELECT FROM qm.refs_taken(p_county, ARRAY[p_subject], ARRAY[v_home.grid],
                ARRAY[convert_from(p_bytes[array_position(p_field, 'ref')], 'UTF8')])) THEN
        RETURN QUERY SELECT 12::smallint, 0;
        RETURN;
    END IF;
    SELECT array_agg(ROW(p_subject, u.field, NULL, coalesce(u.new, ''), NULL, u.bytes, NULL, u.mac)::qm.fact)
      INTO v_want FROM unnest(p_field, p_text, p_bytes, p_mac) AS u (field, new, bytes, mac);
    IF 'born' = ANY (p_field) THEN
        v_born := convert_from(p_bytes[array_position(p_field, 'born')], 'UTF8');
        IF v_person.status = (CASE v_born WHEN '' THEN 1 ELSE 5 END) THEN
            v_want := v_want || qm.fact(p_subject, 'status', CASE v_born WHEN '' THEN '5' ELSE '1' END);
        END IF;
    END IF;
    RETURN QUERY SELECT 0::smallint, qm.put_facts(v_head, p_by, p_now, NULL, v_want);
    PERFORM qm.log_commit(v_head, '{}', '{}', '{}');
END
$$;

-- Chosen residents of a household go to a new one; what was recorded stays with the old one.
-- status: 0 (also when asked again), 1 the new pseudonym is in use or no resident was chosen, 5 unknown,
-- 6 grid unknown, 8 a resident lives elsewhere.
CREATE OR REPLACE FUNCTION qm.split_household(p_county int, p_by text, p_now bigint, p_from uuid, p_new uuid,
    p_residents uuid[], p_grid bigint, p_place smallint, p_group text, p_lane text, p_door text, p_head bytea,
    p_phone bytea, p_phone_mac bytea)
RETURNS TABLE (status smallint) LANGUAGE plpgsql SET search_path = qm, pg_temp AS $$
DECLARE
    v_head qm.log_head := qm.lock_head(p_county);
    v_status smallint;
BEGIN
    IF EXISTS (SELECT FROM qm.register_change c
                WHERE c.county = p_county AND c.subject = p_new AND c.what = 'split' AND c.old = qm.pseudonym(p_from)) THEN
        RETURN QUERY SELECT 0::smallint; -- asked again after a lost answer
        RETURN;
    END IF;
    v_status := qm.do_split(v_head, p_by, p_now, p_from, p_new, p_residents, p_grid, p_place, p_group, p_lane,
                            p_door, p_head, p_phone, p_phone_mac);
    IF v_status = 0 THEN
        PERFORM qm.log_commit(v_head, '{}', '{}', '{}');
    END IF;
    RETURN QUERY SELECT v_status;
END
$$;

CREATE OR REPLACE FUNCTION qm.do_split(p_head qm.log_head, p_by text, p_now bigint, p_from uuid, p_new uuid,
    p_residents uuid[], p_grid bigint, p_place smallint, p_group text, p_lane text, p_door text, p_head_name bytea,
    p_phone bytea, p_phone_mac bytea)
RETURNS smallint LANGUAGE plpgsql SET search_path = qm, pg_temp AS $$
DECLARE
    v_rev bigint := p_head.revision + 1;
    v_from qm.household;
    v_new qm.household_state[];
BEGIN
    SELECT * INTO v_from FROM qm.household h WHERE h.county = p_head.county AND h.household = p_from;
    IF v_from.household IS NULL OR v_from.status = 5 THEN
        RETURN 5;
    ELSIF NOT EXISTS (SELECT FROM qm.grid g WHERE g.county = p_head.county AND g.grid = p_grid) THEN
        RETURN 6;
    ELSIF cardinality(p_residents) = 0 OR p_place NOT BETWEEN 1 AND 6
       OR EXISTS (SELECT FROM qm.household h WHERE h.county = p_head.county AND h.household = p_new) THEN
        RETURN 1;
    ELSIF EXISTS (SELECT FROM unnest(p_residents) AS u (id)
                   WHERE NOT EXISTS (SELECT FROM qm.resident r WHERE r.county = p_head.county
                                        AND r.resident = u.id AND r.household = p_from)) THEN
        RETURN 8;
    END IF;
    INSERT INTO qm.household AS h (county, household, grid, place, status, worker, rev)
    VALUES (p_head.county, p_new, p_grid, p_place, 1, CASE p_grid WHEN v_from.grid THEN v_from.worker END, v_rev)
    RETURNING ARRAY[qm.state_of(h, 1)] INTO v_new;
    INSERT INTO qm.household_card (county, household, grid, village_group, lane, door, head, phone, phone_mac)
    VALUES (p_head.county, p_new, p_grid, p_group, p_lane, p_door, p_head_name, p_phone, p_phone_mac);
    INSERT INTO qm.register_change (county, rev, subject, what, old, new, at, by_account)
    VALUES (p_head.county, v_rev, p_new, 'split', qm.pseudonym(p_from), '', p_now, p_by);
    PERFORM qm.post(p_head.county, v_new, NULL);
    PERFORM qm.put_facts(p_head, p_by, p_now, NULL, ARRAY(
        SELECT qm.fact(u.id, 'household', qm.pseudonym(p_new)) FROM (SELECT DISTINCT unnest(p_residents) AS id) u));
    PERFORM qm.refold(p_head.county, v_rev, ARRAY[p_new], '{}');
    RETURN 0;
END
$$;

-- ---- taking back

-- The lines of a change that belong together: a move, a merge or a split is one thing; a file of claims, or
-- the status that many got at once, is as many as it has subjects.  p_subject null: all of them.
CREATE OR REPLACE FUNCTION qm.change_lines(p_county int, p_rev bigint, p_subject uuid) RETURNS SETOF qm.register_change
LANGUAGE sql STABLE SET search_path = qm, pg_temp AS $$
    SELECT c.* FROM qm.register_change c
     WHERE c.county = p_county AND c.rev = p_rev
       AND (p_subject IS NULL OR c.subject = p_subject
            OR EXISTS (SELECT FROM qm.register_change s WHERE s.county = p_county AND s.rev = p_rev
                          AND s.subject = p_subject)
           AND EXISTS (SELECT FROM qm.register_change j WHERE j.county = p_county AND j.rev = p_rev
                          AND j.what NOT IN ('worker', 'status')))
$$;

-- The facts that a change would have to become again; a split is taken back as a merge into the household
-- that it came from, because what was recorded at the new one since must count somewhere.
CREATE OR REPLACE FUNCTION qm.undo_facts(p_county int, p_rev bigint, p_subject uuid) RETURNS qm.fact[]
LANGUAGE sql STABLE SET search_path = qm, pg_temp AS $$
    WITH c AS MATERIALIZED (SELECT * FROM qm.change_lines(p_county, p_rev, p_subject))
    SELECT array_agg(f) FROM (
        SELECT ROW(c.subject, c.what, c.new, c.old, k.new, k.old, k.new_mac, k.old_mac)::qm.fact AS f
          FROM c LEFT JOIN qm.register_kept k ON k.county = c.county AND k.rev = c.rev
                AND k.subject = c.subject AND k.what = c.what
         WHERE c.what <> 'split'
        UNION ALL
        SELECT ROW(u.subject, u.what, n.old, u.new, NULL, NULL, NULL, NULL)::qm.fact
          FROM c, LATERAL unnest(qm.merge_facts(p_county, c.subject, qm.pseudonym_id(c.old))) AS u,
               LATERAL qm.facts_of(p_county, ARRAY[u.subject]) AS n
         WHERE c.what = 'split' AND n.what = u.what AND u.what <> 'household') t
$$;

-- Why a change cannot be taken back: 0 it can, 5 not in this area, 7 taken back before, 8 the household
-- from then does not stand any more, 9 something changed since, 10 it is a taking back itself, or not all
-- that it replaced is known any more, 12 another household of the village has its number now.
CREATE OR REPLACE FUNCTION qm.undo_verdict(p_county int, p_prefix text, p_rev bigint, p_subject uuid) RETURNS smallint
LANGUAGE plpgsql STABLE SET search_path = qm, pg_temp AS $$
DECLARE
    v_lines qm.register_change[] := ARRAY(SELECT c FROM qm.change_lines(p_county, p_rev, p_subject) c);
    v_facts qm.fact[] := qm.undo_facts(p_county, p_rev, p_subject);
    v_subjects uuid[] := ARRAY(SELECT DISTINCT l.subject FROM unnest(v_lines) AS l);
    v_first bigint := qm.first_grid(p_prefix);
    v_last bigint := qm.last_grid(p_prefix);
BEGIN
    IF v_lines = '{}' OR EXISTS (
            SELECT FROM unnest(v_subjects) AS u (id)
             WHERE NOT EXISTS (SELECT FROM qm.household h WHERE h.county = p_county AND h.household = u.id
                                  AND h.grid BETWEEN v_first AND v_last)
               AND NOT EXISTS (SELECT FROM qm.resident r WHERE r.county = p_county AND r.resident = u.id
                                  AND r.grid BETWEEN v_first AND v_last))
       OR EXISTS (SELECT FROM unnest(v_facts) AS f
                   WHERE f.what = 'grid' AND f.new::bigint NOT BETWEEN v_first AND v_last) THEN
        RETURN 5;
    ELSIF EXISTS (SELECT FROM unnest(v_lines) AS l WHERE l.undone IS NOT NULL) THEN
        RETURN 7;
    ELSIF EXISTS (SELECT FROM unnest(v_lines) AS l WHERE l.undoes IS NOT NULL)
       OR EXISTS (SELECT FROM unnest(v_facts) AS f
                   WHERE f.what IN ('group', 'lane', 'door', 'ref', 'head', 'phone', 'name', 'born', 'groups')
                     AND f.old_bytes IS NULL AND f.new_bytes IS NULL)
       OR EXISTS (SELECT FROM unnest(v_facts) AS f WHERE f.what = 'merged' AND f.new = ''
                     AND NOT EXISTS (SELECT FROM unnest(v_facts) AS s
                                      WHERE s.subject = f.subject AND s.what = 'status')) THEN
        RETURN 10;
    ELSIF EXISTS (SELECT FROM qm.register_change c
                   WHERE c.county = p_county AND c.subject = ANY (v_subjects) AND c.rev > p_rev
                     AND c.undone IS NULL AND c.undoes IS NULL)
       OR EXISTS (SELECT FROM unnest(v_facts) AS f
                    JOIN qm.facts_of(p_county, v_subjects) n ON n.subject = f.subject AND n.what = f.what
                   WHERE (f.old, f.old_bytes) IS DISTINCT FROM (n.old, n.old_bytes))
       OR EXISTS (SELECT FROM unnest(v_lines) AS l
                   WHERE l.what = 'split'
                     AND (EXISTS (SELECT FROM qm.household m WHERE m.county = p_county AND m.merged_into = l.subject)
                          OR EXISTS (SELECT FROM qm.resident r WHERE r.county = p_county AND r.household = l.subject
                                        AND r.resident <> ALL (v_subjects)))) THEN
        RETURN 9;
    END IF;
    RETURN qm.undo_place(p_county, v_first, v_last, v_facts);
END
$$;

-- Does what a change is to become again have its place?
CREATE OR REPLACE FUNCTION qm.undo_place(p_county int, p_first bigint, p_last bigint, p_facts qm.fact[])
RETURNS smallint LANGUAGE plpgsql STABLE SET search_path = qm, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM unnest(p_facts) AS f
                 LEFT JOIN qm.household h ON h.county = p_county AND h.household = qm.pseudonym_id(f.new)
                WHERE f.what IN ('household', 'merged') AND f.new <> ''
                  AND (h.household IS NULL OR h.status = 5)
                  AND NOT EXISTS (SELECT FROM unnest(p_facts) AS s WHERE s.subject = qm.pseudonym_id(f.new)
                                     AND s.what = 'status' AND s.new <> '5')) THEN
        RETURN 8;
    ELSIF EXISTS (SELECT FROM unnest(p_facts) AS f
                    JOIN qm.household h ON h.county = p_county AND h.household = qm.pseudonym_id(f.new)
                   WHERE f.what = 'household' AND f.new <> '' AND h.grid NOT BETWEEN p_first AND p_last) THEN
        RETURN 5;
    ELSIF EXISTS (SELECT FROM unnest(p_facts) AS f
                    JOIN qm.household h ON h.county = p_county AND h.household = f.subject,
                         LATERAL qm.refs_taken(p_county, ARRAY[f.subject], ARRAY[h.grid],
                                               ARRAY[convert_from(f.new_bytes, 'UTF8')])
                   WHERE f.what = 'ref') THEN
        RETURN 12;
    END IF;
    RETURN 0;
END
$$;

-- Takes a change back; itself a change.  A proposal that it came from is open again.
CREATE OR REPLACE FUNCTION qm.register_undo(p_county int, p_by text, p_now bigint, p_prefix text, p_rev bigint,
                                            p_subject uuid)
RETURNS TABLE (status smallint) LANGUAGE plpgsql SET search_path = qm, pg_temp AS $$
DECLARE
    v_head qm.log_head := qm.lock_head(p_county);
    v_status smallint := qm.undo_verdict(p_county, p_prefix, p_rev, p_subject);
    v_facts qm.fact[] := qm.undo_facts(p_county, p_rev, p_subject);
    v_subjects uuid[] := ARRAY(SELECT DISTINCT l.subject FROM qm.change_lines(p_county, p_rev, p_subject) l);
BEGIN
    IF v_status = 0 THEN
        PERFORM qm.put_facts(v_head, p_by, p_now, p_rev, v_facts);
        UPDATE qm.register_change c SET undone = v_head.revision + 1
         WHERE c.county = p_county AND c.rev = p_rev AND c.subject = ANY (v_subjects);
        DELETE FROM qm.register_proposal p
         WHERE p.county = p_county AND p.rev = p_rev AND p.accepted
           AND (p.subject = ANY (v_subjects)
                OR NOT EXISTS (SELECT FROM qm.register_change c
                                WHERE c.county = p_county AND c.rev = p_rev AND c.undone IS NULL));
        PERFORM qm.log_commit(v_head, '{}', '{}', '{}');
    END IF;
    RETURN QUERY SELECT CASE v_status WHEN 7 THEN 0 ELSE v_status END::smallint; -- taken back before: so it is
END
$$;
