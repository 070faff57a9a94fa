-- Workers' proposals: no event of theirs takes anyone out of a denominator, the office does (contract,
-- section 5.7).  A proposal of a household is its latest effective visit with an outcome of nobody there;
-- one of a resident is an event that says so; a split is the event of the new household.

-- What a visit's outcome (1) or the why of a resident's event (6) would make of the status.
CREATE OR REPLACE FUNCTION qm.proposed_status(p_kind smallint, p_code smallint, p_born date) RETURNS smallint
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE p_kind
           WHEN 1 THEN CASE p_code WHEN 5 THEN 2 WHEN 8 THEN 4 WHEN 9 THEN 3 WHEN 10 THEN 4 END
           WHEN 6 THEN CASE p_code WHEN 3 THEN 3 WHEN 4 THEN 2 WHEN 6 THEN 4 WHEN 7 THEN 3
                       WHEN 5 THEN CASE WHEN p_born IS NULL THEN 5 ELSE 1 END END
           END::smallint
$$;

-- Those of the events that are open proposals, with the subject as the register has it now.
CREATE OR REPLACE FUNCTION qm.open_proposals(p_county int, p_events uuid[])
RETURNS TABLE (event uuid, kind smallint, code smallint, subject uuid, household uuid, resident uuid,
               from_household uuid, grid bigint, status smallint, proposed smallint, account text, at bigint,
               recv bigint, idx bigint)
LANGUAGE sql STABLE SET search_path = qm, pg_temp AS $$
    SELECT p.* FROM (
        SELECT e.id, e.kind, e.code, t.household, t.household AS home, NULL::uuid AS resident, NULL::uuid AS source,
               t.grid, t.status, qm.proposed_status(e.kind, e.code, NULL) AS proposed, e.account, e.at, e.recv, e.idx
          FROM qm.event e
          JOIN qm.household h ON h.county = e.county AND h.household = e.household
          JOIN qm.household t ON t.county = e.county AND t.household = coalesce(h.merged_into, h.household)
         WHERE e.county = p_county AND e.id = ANY (p_events) AND e.kind = 1 AND e.code IN (5, 8, 9, 10)
           AND t.door_key = qm.order_key(e.at, e.recv, e.id) || chr(64 + e.code)
        UNION ALL
        SELECT e.id, e.kind, e.code, r.resident, r.household, r.resident, NULL, r.grid, r.status,
               qm.proposed_status(e.kind, e.code, r.born), e.account, e.at, e.recv, e.idx
          FROM qm.event e
          JOIN qm.resident r ON r.county = e.county AND r.resident = e.resident
         WHERE e.county = p_county AND e.id = ANY (p_events) AND e.kind = 6 AND e.code > 2
           AND qm.is_effective(e.county, e.id, e.hold, e.account, 9223372036854775807)
        UNION ALL
        SELECT e.id, e.kind, 3, h.household, h.household, NULL, coalesce(f.merged_into, f.household), h.grid, h.status,
               NULL, e.account, e.at, e.recv, e.idx
          FROM qm.event e
          JOIN qm.household h ON h.county = e.county AND h.household = e.household AND h.status <> 5
          LEFT JOIN qm.household f ON f.county = e.county AND f.household = qm.pseudonym_id(
               substring(convert_from(e.e, 'UTF8') FROM '"from":"([0-9A-Za-z_-]{22})"'))
         WHERE e.county = p_county AND e.id = ANY (p_events) AND e.kind = 5
           AND position('"why":"split"' IN convert_from(e.e, 'UTF8')) > 0
           AND qm.is_effective(e.county, e.id, e.hold, e.account, 9223372036854775807)) p
     WHERE p.proposed IS DISTINCT FROM p.status
       AND NOT EXISTS (SELECT FROM qm.register_proposal s WHERE s.county = p_county AND s.event = p.id)
$$;

-- Open proposals of an area, by grid and event.
CREATE OR REPLACE FUNCTION qm.proposal_list(p_county int, p_role text, p_prefix text, p_within text,
                                            p_after_grid bigint, p_after uuid, p_lim int)
RETURNS TABLE (event uuid, kind int, code int, household uuid, resident uuid, from_household uuid, grid bigint,
               status int, proposed int, account text, at bigint, recv bigint, idx bigint, village_group text,
               lane text, door text, head bytea, name bytea)
LANGUAGE plpgsql STABLE SET search_path = qm, pg_temp AS $$
DECLARE
    v_first bigint := qm.first_grid(p_within);
    v_last bigint := qm.last_grid(p_within);
    v_events uuid[];
BEGIN
    IF p_role IS NULL OR NOT starts_with(p_within, p_prefix) THEN
        RETURN;
    END IF;
    v_events := ARRAY(
        SELECT right(left(h.door_key, -1), 36)::uuid FROM qm.household h
         WHERE h.county = p_county AND h.grid BETWEEN greatest(v_first, p_after_grid) AND v_last AND h.status <> 5
           AND qm.key_code(h.door_key) IN (5, 8, 9, 10)
        UNION ALL
        SELECT e.id FROM qm.event e WHERE e.county = p_county AND (e.kind = 5 OR e.kind = 6 AND e.code > 2));
    RETURN QUERY
    SELECT o.event, o.kind::int, o.code::int, o.household, o.resident, o.from_household, o.grid, o.status::int,
           o.proposed::int, o.account, o.at, o.recv, o.idx, c.village_group, c.lane, c.door, c.head, rc.name
      FROM qm.open_proposals(p_county, v_events) o
      LEFT JOIN qm.household_card c ON c.county = p_county AND c.household = o.household
      LEFT JOIN qm.resident_card rc ON rc.county = p_county AND rc.resident = o.resident
     WHERE o.grid BETWEEN v_first AND v_last AND (o.grid, o.event) > (p_after_grid, p_after)
     ORDER BY o.grid, o.event LIMIT p_lim;
END
$$;

-- What one accepted proposal becomes that is not a status: p_as `move` (a household into p_grid, a resident
-- into p_target), `merge` (into p_target), `split` (residents of the old household go into the new one).
CREATE OR REPLACE FUNCTION qm.do_proposal(p_head qm.log_head, p_by text, p_now bigint, p_prefix text, p_event uuid,
    p_as text, p_target uuid, p_grid bigint, p_residents uuid[]) RETURNS smallint
LANGUAGE plpgsql SET search_path = qm, pg_temp AS $$
DECLARE
    v record;
BEGIN
    SELECT * INTO v FROM qm.open_proposals(p_head.county, ARRAY[p_event]);
    IF p_target IS NOT NULL AND NOT EXISTS (
            SELECT FROM qm.household h WHERE h.county = p_head.county AND h.household = p_target
               AND h.grid BETWEEN qm.first_grid(p_prefix) AND qm.last_grid(p_prefix)) THEN
        RETURN 8;
    ELSIF p_as = 'move' AND v.kind = 1 THEN
        RETURN CASE WHEN p_grid BETWEEN qm.first_grid(p_prefix) AND qm.last_grid(p_prefix)
               THEN qm.do_move_household(p_head, p_by, p_now, v.subject, p_grid) ELSE 6 END;
    ELSIF p_as = 'move' AND v.kind = 6 THEN
        RETURN qm.do_move_resident(p_head, p_by, p_now, v.subject, p_target);
    ELSIF p_as = 'merge' AND v.kind IN (1, 5) THEN
        RETURN CASE qm.do_merge(p_head, p_by, p_now, v.subject, p_target) WHEN 0 THEN 0 ELSE 8 END;
    ELSIF p_as = 'split' AND v.kind = 5 THEN
        IF EXISTS (SELECT FROM unnest(p_residents) AS u (id)
                    WHERE NOT EXISTS (SELECT FROM qm.resident r WHERE r.county = p_head.county AND r.resident = u.id
                                         AND r.household = v.from_household)) THEN
            RETURN 8;
        END IF;
        PERFORM qm.put_facts(p_head, p_by, p_now, NULL, ARRAY(
            SELECT qm.fact(u.id, 'household', qm.pseudonym(v.subject))
              FROM (SELECT DISTINCT unnest(p_residents) AS id) u));
        RETURN 0;
    END IF;
    RETURN 1;
END
$$;

-- Those of the events that are settled already, of subjects in an area: nothing for the others.
CREATE OR REPLACE FUNCTION qm.settled_proposals(p_county int, p_prefix text, p_events uuid[])
RETURNS SETOF qm.register_proposal LANGUAGE sql STABLE SET search_path = qm, pg_temp AS $$
    SELECT s.* FROM qm.register_proposal s
      LEFT JOIN qm.household h ON h.county = s.county AND h.household = s.subject
      LEFT JOIN qm.resident r ON r.county = s.county AND r.resident = s.subject
     WHERE s.county = p_county AND s.event = ANY (p_events)
       AND coalesce(h.grid, r.grid) BETWEEN qm.first_grid(p_prefix) AND qm.last_grid(p_prefix)
$$;

-- Settles proposals: all or none.  p_as: `decline`; `proposed`, what each proposes; `status`, p_home for
-- households and p_person for residents; or one of those of qm.do_proposal, for one event.
-- status: 0 (also when asked again), 1 it does not fit what the event is about, 4 settled otherwise before,
-- 5 no open proposal of this area, 6 grid unknown, 8 household or resident not as said; bad: the event.
CREATE OR REPLACE FUNCTION qm.proposals_settle(p_county int, p_by text, p_now bigint, p_prefix text, p_events uuid[],
    p_as text, p_home smallint, p_person smallint, p_target uuid, p_grid bigint, p_residents uuid[])
RETURNS TABLE (status smallint, bad uuid, settled int) LANGUAGE plpgsql SET search_path = qm, pg_temp AS $$
DECLARE
    v_head qm.log_head := qm.lock_head(p_county);
    v_new uuid[];
    v_subjects uuid[];
    v_bad uuid;
    v_status smallint := 0;
BEGIN
    SELECT s.event INTO v_bad FROM qm.settled_proposals(p_county, p_prefix, p_events) s
     WHERE s.accepted <> (p_as <> 'decline') LIMIT 1;
    IF v_bad IS NOT NULL THEN
        RETURN QUERY SELECT 4::smallint, v_bad, 0;
        RETURN;
    END IF;
    v_new := ARRAY(SELECT unnest(p_events)
                   EXCEPT SELECT s.event FROM qm.settled_proposals(p_county, p_prefix, p_events) s);
    SELECT u.id INTO v_bad FROM unnest(v_new) AS u (id)
     WHERE u.id NOT IN (SELECT o.event FROM qm.open_proposals(p_county, v_new) o
                         WHERE o.grid BETWEEN qm.first_grid(p_prefix) AND qm.last_grid(p_prefix)) LIMIT 1;
    IF v_bad IS NOT NULL OR v_new = '{}' THEN
        RETURN QUERY SELECT CASE WHEN v_bad IS NULL THEN 0 ELSE 5 END::smallint, v_bad, 0;
        RETURN;
    END IF;
    SELECT array_agg(o.event ORDER BY o.event), array_agg(o.subject ORDER BY o.event) INTO v_new, v_subjects
      FROM qm.open_proposals(p_county, v_new) o;
    IF p_as IN ('proposed', 'status') THEN
        v_bad := qm.proposals_status(v_head, p_by, p_now, v_new, p_as, p_home, p_person);
        v_status := CASE WHEN v_bad IS NULL THEN 0 ELSE 1 END;
    ELSIF p_as <> 'decline' THEN
        v_bad := v_new[1];
        v_status := CASE WHEN cardinality(v_new) > 1 THEN 1
                    ELSE qm.do_proposal(v_head, p_by, p_now, p_prefix, v_bad, p_as, p_target, p_grid, p_residents) END;
    END IF;
    IF v_status = 0 THEN
        INSERT INTO qm.register_proposal (county, event, accepted, rev, subject, at, by_account)
        SELECT p_county, u.event, p_as <> 'decline', v_head.revision + 1, u.subject, p_now, p_by
          FROM unnest(v_new, v_subjects) AS u (event, subject);
        PERFORM qm.log_commit(v_head, '{}', '{}', '{}');
    END IF;
    RETURN QUERY SELECT v_status, CASE WHEN v_status <> 0 THEN v_bad END,
                        CASE WHEN v_status = 0 THEN cardinality(v_new) ELSE 0 END;
END
$$;

-- The status that accepted proposals give; of several about one subject the latest.  Answers the first event
-- that the status does not fit, such as a split, which proposes none; then nothing was changed.
CREATE OR REPLACE FUNCTION qm.proposals_status(p_head qm.log_head, p_by text, p_now bigint, p_events uuid[],
    p_as text, p_home smallint, p_person smallint) RETURNS uuid
LANGUAGE plpgsql SET search_path = qm, pg_temp AS $$
DECLARE
    v_bad uuid;
    v_want qm.fact[];
BEGIN
    SELECT min(t.event::text), array_agg(qm.fact(t.subject, 'status', t.new::text)) FILTER (WHERE t.new IS NOT NULL)
      INTO v_bad, v_want
      FROM (SELECT DISTINCT ON (o.subject) o.subject,
                   CASE WHEN p_as = 'proposed' THEN o.proposed WHEN o.kind = 6 THEN p_person ELSE p_home END AS new,
                   CASE WHEN (CASE WHEN p_as = 'proposed' THEN o.proposed WHEN o.kind = 6 THEN p_person
                                   ELSE p_home END) IS NULL THEN o.event END AS event
              FROM qm.open_proposals(p_head.county, p_events) o
             ORDER BY o.subject, o.at DESC, o.event DESC) t;
    IF v_bad IS NULL AND v_want IS NOT NULL THEN
        PERFORM qm.put_facts(p_head, p_by, p_now, NULL, v_want);
    END IF;
    RETURN v_bad;
END
$$;
