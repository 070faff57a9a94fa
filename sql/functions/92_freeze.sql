-- Freezing a ranking: the roster and the sums of a scope, read in one snapshot (contract, section 8).
--
-- Happy path: freeze_head says what range there is, freeze_lines what the roster's lines are made of,
-- freeze_sums the figures grid by grid; the caller ranks them and hands all to freeze_commit.
-- A subject whose rev is not above the revision at a size has at that size the fold that is stored:
-- every fact that can change a fold raises the rev of whom it is about.  Only those that changed later
-- are folded again, from events, voids, decisions and listed pictures, by the same fold_households and
-- fold_residents as everywhere, in one pass over their events.
-- These are sums over a whole scope: plans are made for the scope that is asked for, and hash joins
-- over sequential scans are right here.
-- Failure: none of its own; a changed register or log does not matter within the snapshot.

-- The newest published bulletin of a scope and kind that is not replaced and ends below a size.
CREATE OR REPLACE FUNCTION qm.bulletin_newest(p_county int, p_scope text, p_kind smallint, p_below bigint)
RETURNS SETOF qm.bulletin LANGUAGE sql STABLE AS $$
    SELECT b.*
      FROM qm.bulletin b
     WHERE b.county = p_county AND b.scope = p_scope AND b.kind = p_kind AND b.state = 1 AND b.to_size < p_below
       AND NOT EXISTS (SELECT FROM qm.bulletin r
                        WHERE r.county = b.county AND r.state = 1 AND r.replaces = b.idx)
     ORDER BY b.to_size DESC LIMIT 1
$$;

-- What can be frozen: one row.  status 0; 4 the bulletin to replace is not the newest of its chain (or
-- is none of this scope and kind); 8 nobody set a rule.  period: of the bulletin to replace.
CREATE OR REPLACE FUNCTION qm.freeze_head(p_county int, p_scope text, p_kind smallint, p_replaces bigint)
RETURNS TABLE (status smallint, size bigint, recv bigint, revision bigint, tree int, age_day date, period text,
               from_idx bigint, from_rev bigint, to_size bigint, to_rev bigint, root bytea, before_draft uuid,
               before_period text, rule_sha bytea, rule bytea)
LANGUAGE plpgsql STABLE SET search_path = qm, pg_temp AS $$
DECLARE
    v_head qm.log_head;
    v_old qm.bulletin;
    v_before qm.bulletin;
    v_sha bytea;
    v_rule bytea;
    v_status smallint := 0;
BEGIN
    SELECT * INTO STRICT v_head FROM qm.log_head h WHERE h.county = p_county;
    SELECT s.sha256, o.body INTO v_sha, v_rule
      FROM qm.setting s JOIN qm.object o ON o.county = s.county AND o.sha256 = s.sha256
     WHERE s.county = p_county AND s.kind = 'rule';
    IF v_sha IS NULL THEN
        v_status := 8;
    END IF;
    IF p_replaces IS NOT NULL THEN
        SELECT b.* INTO v_old FROM qm.bulletin b
         WHERE b.county = p_county AND b.scope = p_scope AND b.kind = p_kind AND b.idx = p_replaces
           AND NOT EXISTS (SELECT FROM qm.bulletin r
                            WHERE r.county = p_county AND r.state = 1 AND r.replaces = p_replaces);
        IF v_old.draft IS NULL THEN
            v_status := 4;
        END IF;
    END IF;
    SELECT * INTO v_before
      FROM qm.bulletin_newest(p_county, p_scope, p_kind, coalesce(v_old.to_size, 9223372036854775807));
    RETURN QUERY SELECT v_status, v_head.size,
        (SELECT e.recv FROM qm.log_entry e WHERE e.county = p_county AND e.idx = v_head.size - 1),
        v_head.revision, v_head.tree, v_head.age_day, v_old.period,
        coalesce(v_old.from_idx, v_before.to_size, 0), coalesce(v_old.from_rev, v_before.to_rev, 0),
        coalesce(v_old.to_size, v_head.size), coalesce(v_old.to_rev, v_head.revision),
        coalesce(v_old.root, v_head.root), v_before.draft, v_before.period, v_sha, v_rule;
END
$$;

-- ---------------------------------------------------------------- the roster

-- Full years on a day, as two birthdays: born after the first is under 16, after the second under 61.
CREATE OR REPLACE FUNCTION qm.band_between(p_born date, p_16 date, p_61 date) RETURNS smallint
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN p_born IS NULL THEN 0 WHEN p_born > p_16 THEN 1 WHEN p_born > p_61 THEN 2 ELSE 3 END::smallint
$$;
CREATE OR REPLACE FUNCTION qm.years_before(p_day date, p_years int) RETURNS date
LANGUAGE sql IMMUTABLE AS $$
    SELECT (p_day - make_interval(years => p_years))::date
$$;

CREATE OR REPLACE FUNCTION qm.status_word(p_place smallint, p_status smallint) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN p_place <> 1 THEN 'other'
                ELSE (ARRAY['counted', 'away', 'vacant', 'gone', 'merged', 'other'])[p_status] END
$$;

-- The effective status of a resident: one whose household is not in the register is counted nowhere.
CREATE OR REPLACE FUNCTION qm.status_word(p_home smallint, p_status smallint, p_band smallint) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE p_status WHEN 2 THEN 'away' WHEN 3 THEN 'gone' WHEN 4 THEN 'dead' WHEN 5 THEN 'unknown_age'
           ELSE CASE WHEN p_home IS DISTINCT FROM 1
                     THEN coalesce((ARRAY['', 'away', 'vacant', 'gone', 'gone', 'other'])[p_home], 'other')
                     WHEN p_band = 0 THEN 'unknown_age' WHEN p_band <> 2 THEN 'age' ELSE 'counted' END END
$$;

-- What the roster's lines are made of, in no order.  kind 1: households, 2: residents; merged: the one that
-- a merged household, whose status is null, is merged into.
CREATE OR REPLACE FUNCTION qm.freeze_lines(p_county int, p_scope text, p_day date)
RETURNS TABLE (kind int, id uuid, grid bigint, status text, merged uuid) LANGUAGE sql STABLE AS $$
    SELECT 1, h.household, h.grid, CASE WHEN h.status <> 5 THEN qm.status_word(h.place, h.status) END, h.merged_into
      FROM qm.household h
     WHERE h.county = p_county AND h.grid BETWEEN qm.first_grid(p_scope) AND qm.last_grid(p_scope)
    UNION ALL
    SELECT 2, r.resident, r.grid,
           qm.status_word(r.home, r.status, qm.band_between(r.born, qm.years_before(p_day, 16),
                                                            qm.years_before(p_day, 61))), NULL
      FROM qm.resident r
     WHERE r.county = p_county AND r.grid BETWEEN qm.first_grid(p_scope) AND qm.last_grid(p_scope)
$$;

-- Roster lines in the order of their bytes, in chunks: all of a kind whose pseudonyms begin with the
-- same two characters.  For a village: a server that freezes makes the lines of freeze_lines itself, which
-- costs less by far.
CREATE OR REPLACE FUNCTION qm.freeze_roster(p_county int, p_scope text, p_day date)
RETURNS TABLE (chunk text, lines text) LANGUAGE sql STABLE AS $$
    SELECT q.kind || left(q.name, 2) COLLATE "C",
           string_agg(q.kind || q.name || q.rest, '' ORDER BY q.name COLLATE "C")
      FROM (SELECT CASE l.kind WHEN 1 THEN 'household ' ELSE 'resident ' END AS kind, qm.pseudonym(l.id) AS name,
                   ' ' || l.grid || ' ' || coalesce(l.status, 'merged:' || qm.pseudonym(l.merged)) || E'\n' AS rest
              FROM qm.freeze_lines(p_county, p_scope, p_day) l
            OFFSET 0) q -- so that each name is made once
     GROUP BY 1
     ORDER BY 1
$$;

-- All lines of one village, for its sign-off.
CREATE OR REPLACE FUNCTION qm.freeze_village(p_county int, p_village text, p_day date)
RETURNS TABLE (size bigint, lines text)
LANGUAGE plpgsql STABLE SET search_path = qm, pg_temp SET plan_cache_mode = force_custom_plan AS $$
BEGIN
    RETURN QUERY
    SELECT h.size, coalesce((SELECT string_agg(r.lines, '' ORDER BY r.chunk COLLATE "C")
                               FROM qm.freeze_roster(p_county, p_village, p_day) r), '')
      FROM qm.log_head h WHERE h.county = p_county;
END
$$;

-- ---------------------------------------------------------------- the sums

-- Subjects with a fact that folds 2 and 3 of freeze_folds judge otherwise than fold 4: a carried or late one
-- of the range, or a carried one that something of the range voids, decides or proves.  It may name more.
CREATE OR REPLACE FUNCTION qm.freeze_touched(p_county int, p_from bigint, p_to bigint, p_begin bigint)
RETURNS TABLE (subject uuid)
LANGUAGE plpgsql STABLE SET search_path = qm, pg_temp SET plan_cache_mode = force_custom_plan
SET jit = off SET enable_nestloop = on SET enable_bitmapscan = on AS $$ -- bitmaps: event_range has no other way
BEGIN
    RETURN QUERY
    WITH fact AS (
        SELECT e.kind, e.household, e.resident
          FROM qm.event e
         WHERE e.county = p_county AND e.idx >= p_from AND e.idx < p_to AND e.kind IN (1, 2, 3, 4)
           AND (e.via = 5 OR least(e.at, e.recv) < p_begin)
        UNION ALL
        SELECT e.kind, e.household, e.resident
          FROM (SELECT w.target AS id FROM qm.void_mark w
                 WHERE w.county = p_county AND w.idx >= p_from AND w.idx < p_to
                UNION
                SELECT w.event FROM qm.decision w WHERE w.county = p_county AND w.idx >= p_from AND w.idx < p_to
                UNION
                SELECT x.event
                  FROM qm.blob b JOIN qm.evidence x ON x.county = b.county AND x.sha256 = b.sha256
                 WHERE b.county = p_county AND b.listed_idx >= p_from AND b.listed_idx < p_to) o
          JOIN qm.event e ON e.county = p_county AND e.id = o.id
         WHERE e.via = 5 AND e.kind IN (1, 2, 3, 4)
    )
    SELECT DISTINCT CASE WHEN f.kind = 4 THEN f.resident ELSE coalesce(h.merged_into, f.household) END
      FROM fact f
      LEFT JOIN qm.household h ON f.kind < 4 AND h.county = p_county AND h.household = f.household;
END
$$;

-- Events below `to` of those in the scope who changed after `from`, as far as a fold wants them; in the
-- divisions p_known (freeze_sums) only of p_ids and of those whom freeze_touched names.  proved: where the
-- last of its pictures was listed; null unless all were, below `to`.
-- Every join is one by a key that has an index: revisions are newer than the planner's statistics, and a
-- plan for too few rows must be slow at worst, not quadratic; one for too many would read all events.
CREATE OR REPLACE FUNCTION qm.freeze_facts(p_county int, p_scope text, p_from bigint, p_from_rev bigint,
                                            p_to bigint, p_begin bigint, p_again boolean, p_step bigint,
                                            p_known bigint[], p_ids uuid[])
RETURNS TABLE (grid bigint, subject uuid, id uuid, kind smallint, code smallint, via smallint, party smallint,
               alerts smallint, na smallint, idx bigint, at bigint, recv bigint, hold smallint, account text,
               proved bigint)
LANGUAGE plpgsql STABLE SET search_path = qm, pg_temp SET plan_cache_mode = force_custom_plan
SET jit = off SET work_mem = '64MB' SET enable_nestloop = on SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    v_first bigint := qm.first_grid(p_scope);
    v_last bigint := qm.last_grid(p_scope);
    -- Where all is known nobody is looked for.
    v_look boolean := EXISTS (SELECT FROM qm.grid_counter c
                               WHERE c.county = p_county AND c.grid BETWEEN v_first AND v_last
                                 AND NOT c.grid / p_step = ANY (p_known));
BEGIN
    RETURN QUERY
    WITH named AS MATERIALIZED (
        SELECT t.subject FROM qm.freeze_touched(p_county, p_from, p_to, p_begin) t WHERE p_known <> '{}'
        UNION
        SELECT unnest(p_ids)
    ), homes AS MATERIALIZED (
        SELECT s.grid, s.household
          FROM qm.household s
         WHERE v_look AND s.county = p_county AND s.grid BETWEEN v_first AND v_last AND s.status <> 5
           AND s.rev > p_from_rev AND NOT s.grid / p_step = ANY (p_known)
        UNION ALL
        SELECT s.grid, s.household
          FROM named n JOIN qm.household s ON s.county = p_county AND s.household = n.subject
         WHERE s.grid BETWEEN v_first AND v_last AND s.status <> 5 AND s.grid / p_step = ANY (p_known)
    ), people AS MATERIALIZED (
        SELECT s.grid, s.resident
          FROM qm.resident s
         WHERE v_look AND s.county = p_county AND s.grid BETWEEN v_first AND v_last
           AND s.rev > p_from_rev AND NOT s.grid / p_step = ANY (p_known)
        UNION ALL
        SELECT s.grid, s.resident
          FROM named n JOIN qm.resident s ON s.county = p_county AND s.resident = n.subject
         WHERE s.grid BETWEEN v_first AND v_last AND s.grid / p_step = ANY (p_known)
    )
    SELECT f.home_grid, f.counts_for, f.id, f.kind, f.code, f.via, f.party, f.alerts, f.na, f.idx, f.at, f.recv,
           f.hold, f.account, p.last
      FROM (SELECT s.grid AS home_grid, s.household AS counts_for, e.*
              FROM homes s
              JOIN qm.event e ON e.county = p_county AND e.household = s.household AND e.kind IN (1, 2, 3)
            UNION ALL
            SELECT s.grid, s.household, e.*
              FROM homes s
              JOIN LATERAL (SELECT m.household FROM qm.household m
                             WHERE m.county = p_county AND m.merged_into = s.household OFFSET 0) m ON true
              JOIN qm.event e ON e.county = p_county AND e.household = m.household AND e.kind IN (1, 2, 3)
            UNION ALL
            SELECT s.grid, s.resident, e.*
              FROM people s
              JOIN qm.event e ON e.county = p_county AND e.resident = s.resident AND e.kind = 4) f
      LEFT JOIN LATERAL (SELECT CASE WHEN count(*) = f.evidences THEN max(b.listed_idx) END AS last
                           FROM qm.evidence x JOIN qm.blob b ON b.county = x.county AND b.sha256 = x.sha256
                          WHERE f.evidences > 0 AND x.county = p_county AND x.event = f.id
                            AND b.listed_idx < p_to) p ON true
     WHERE f.idx < p_to AND (f.idx < p_from OR f.via = 5 OR least(f.at, f.recv) < p_begin OR p_again);
END
$$;

-- What stands beside the figures of a grid at a size: recorded events that do not count, and why (voided
-- before decided before held), and households that were merged.
CREATE OR REPLACE FUNCTION qm.freeze_beside(p_county int, p_scope text, p_to bigint)
RETURNS TABLE (grid bigint, beside bigint[])
LANGUAGE plpgsql STABLE SET search_path = qm, pg_temp SET plan_cache_mode = force_custom_plan SET jit = off
SET enable_nestloop = on AS $$
BEGIN
    RETURN QUERY
    WITH odd AS (
        SELECT e.id FROM qm.event e WHERE e.county = p_county AND e.hold <> 0
        UNION SELECT w.event FROM qm.decision w WHERE w.county = p_county
        UNION SELECT w.target FROM qm.void_mark w WHERE w.county = p_county
    ), judged AS (
        SELECT coalesce(CASE WHEN e.kind IN (4, 6) THEN r.grid END, h.grid, e.grid) AS grid,
               CASE WHEN EXISTS (SELECT FROM qm.void_mark w WHERE w.county = p_county AND w.target = e.id
                                    AND w.account = e.account AND w.idx < p_to) THEN 5
                    WHEN NOT d.way THEN 4
                    WHEN d.way IS NULL AND e.hold <> 0 THEN e.hold END AS why
          FROM odd o
          JOIN qm.event e ON e.county = p_county AND e.id = o.id
          LEFT JOIN qm.household h ON h.county = p_county AND h.household = e.household
          LEFT JOIN qm.resident r ON r.county = p_county AND r.resident = e.resident
          LEFT JOIN LATERAL (SELECT w.way FROM qm.decision w
                              WHERE w.county = p_county AND w.event = e.id AND w.idx < p_to
                              ORDER BY w.idx DESC LIMIT 1) d ON true
         WHERE e.idx < p_to AND e.kind <> 7
        UNION ALL
        SELECT h.grid, 6 FROM qm.household h
         WHERE h.county = p_county AND h.status = 5 AND h.merged_into IS NOT NULL -- for the index
           AND h.grid BETWEEN qm.first_grid(p_scope) AND qm.last_grid(p_scope)
    )
    SELECT j.grid, ARRAY[count(*) FILTER (WHERE j.why = 1), count(*) FILTER (WHERE j.why = 2),
                         count(*) FILTER (WHERE j.why = 3), count(*) FILTER (WHERE j.why = 4),
                         count(*) FILTER (WHERE j.why = 5), count(*) FILTER (WHERE j.why = 6)]
      FROM judged j
     WHERE j.why IS NOT NULL AND j.grid BETWEEN qm.first_grid(p_scope) AND qm.last_grid(p_scope)
     GROUP BY j.grid;
END
$$;

-- The ten metrics of coverage out of a counter row: reported and evidenced of each, in their order.
CREATE OR REPLACE FUNCTION qm.covered(p_v bigint[]) RETURNS bigint[]
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN p_v IS NULL THEN array_fill(0::bigint, ARRAY[20]) ELSE p_v[3:12] || p_v[47:56] END
$$;

-- A state that a fold gives a subject of the register; sign as in qm.household_state.
CREATE OR REPLACE FUNCTION qm.freeze_state(h qm.household, p_sign int, p_flags int, p_visits int, p_police int,
    p_door text, p_signed text, p_withdrawn text, p_evidenced text, p_pledge text) RETURNS qm.household_state
LANGUAGE sql IMMUTABLE AS $$
    SELECT ROW(p_sign, h.grid, h.place, h.status, h.worker IS NOT NULL, coalesce(p_flags, 0), coalesce(p_visits, 0),
               coalesce(p_police, 0), qm.key_code(p_door), qm.has_pledge(p_signed, p_withdrawn),
               qm.has_pledge(p_evidenced, p_withdrawn), qm.key_code(p_pledge))::qm.household_state
$$;
CREATE OR REPLACE FUNCTION qm.freeze_state(r qm.resident, p_sign int, p_band smallint, p_app text, p_alerts smallint,
    p_na smallint, p_evidenced boolean) RETURNS qm.resident_state
LANGUAGE sql IMMUTABLE AS $$
    SELECT ROW(p_sign, r.grid, r.home, r.status, p_band, qm.key_code(p_app), coalesce(p_alerts, 0::smallint),
               coalesce(p_na, 0::smallint), coalesce(p_evidenced, false))::qm.resident_state
$$;

-- Folds of those who changed after `from`, by grid, as what they add to the grid's counters:
--   1  what `to` differs by from the counters: people whose age on the day is another one than on the
--      county's age_day and, for a correction (p_again), those who changed after `to`
--   2  b: below `from` by the facts below `from`, and carried ones below `to`
--   3  l: b and what was done before the period began (p_begin) but came in its range
--   4  z: everything below `from`
--   5  minus the states at `to` of those who changed since `from`; not in the divisions p_known (freeze_sums)
--   6  where there are such, fold 4 of all who are folded, on their lines of the bulletin before
-- Folds 3 and 4 of a grid in which nothing came late, or nothing is carried, are its fold 2: they are not
-- folded and summed again.  Who was folded is looked up by key, one by one: in most weeks these are few.
CREATE OR REPLACE FUNCTION qm.freeze_folds(p_county int, p_scope text, p_day date, p_from bigint, p_from_rev bigint,
                                           p_to bigint, p_to_rev bigint, p_begin bigint, p_again boolean,
                                           p_step bigint, p_known bigint[], p_kinds smallint[], p_ids uuid[],
                                           p_grids bigint[], p_words smallint[])
RETURNS TABLE (grid bigint, f int, v bigint[])
LANGUAGE plpgsql STABLE SET search_path = qm, pg_temp SET plan_cache_mode = force_custom_plan
SET jit = off SET work_mem = '64MB' SET enable_nestloop = off AS $$
DECLARE
    v_first bigint := qm.first_grid(p_scope);
    v_last bigint := qm.last_grid(p_scope);
    v_16 date := qm.years_before(p_day, 16);
    v_61 date := qm.years_before(p_day, 61);
    -- Of a first bulletin nothing stood before: fold 5 takes nothing out.
    v_since bigint := CASE WHEN p_from_rev > 0 THEN p_from_rev ELSE 9223372036854775807 END;
    v_look boolean := p_from_rev > 0 AND EXISTS (SELECT FROM qm.grid_counter c
                                                  WHERE c.county = p_county AND c.grid BETWEEN v_first AND v_last
                                                    AND NOT c.grid / p_step = ANY (p_known));
BEGIN
    RETURN QUERY
    WITH voided AS (
        SELECT w.target, w.account, min(w.idx) AS first
          FROM qm.void_mark w WHERE w.county = p_county AND w.idx < p_to GROUP BY w.target, w.account
    ), decided AS (
        SELECT w.event, (array_agg(w.way ORDER BY w.idx DESC))[1] AS way_to,
               (array_agg(w.way ORDER BY w.idx DESC) FILTER (WHERE w.idx < p_from))[1] AS way_from
          FROM qm.decision w WHERE w.county = p_county AND w.idx < p_to GROUP BY w.event
    ), keyed AS (
        SELECT e.*, qm.order_key(e.at, e.recv, e.id) AS key
          FROM qm.freeze_facts(p_county, p_scope, p_from, p_from_rev, p_to, p_begin, p_again, p_step, p_known, p_ids) e
        OFFSET 0 -- so that each key is made once
    ), judged AS ( -- by the facts below `from` and below `to`
        SELECT e.grid, e.via = 5 AS carried, e.idx >= p_from AND least(e.at, e.recv) < p_begin AS late,
               ROW(e.subject, e.kind, e.code, e.via, (e.party & 1) = 1, coalesce(e.proved < p_from, false), e.alerts,
                   e.na, e.key)::qm.fold_event AS as_from,
               ROW(e.subject, e.kind, e.code, e.via, (e.party & 1) = 1, e.proved IS NOT NULL, e.alerts,
                   e.na, e.key)::qm.fold_event AS as_to,
               e.idx < p_from AND coalesce(v.first >= p_from, true) AND coalesce(d.way_from, e.hold = 0) AS counts_from,
               v.first IS NULL AND coalesce(d.way_to, e.hold = 0) AS counts_to
          FROM keyed e
          LEFT JOIN voided v ON v.target = e.id AND v.account = e.account
          LEFT JOIN decided d ON d.event = e.id
    ), folded AS MATERIALIZED (
        SELECT j.grid, bool_or(j.late AND NOT j.carried) AS any_late, bool_or(j.carried) AS any_carried,
               array_agg(j.as_to) FILTER (WHERE p_again AND j.counts_to) AS e1,
               array_agg(CASE WHEN j.carried THEN j.as_to ELSE j.as_from END)
                   FILTER (WHERE CASE WHEN j.carried THEN j.counts_to ELSE j.counts_from END) AS e2,
               array_agg(CASE WHEN j.carried OR j.late THEN j.as_to ELSE j.as_from END)
                   FILTER (WHERE CASE WHEN j.carried OR j.late THEN j.counts_to ELSE j.counts_from END) AS e3,
               array_agg(j.as_from) FILTER (WHERE j.counts_from) AS e4
          FROM judged j GROUP BY j.grid
    ), chosen AS MATERIALIZED (
        SELECT u.f, u.events
          FROM folded g
         CROSS JOIN LATERAL (VALUES (1, g.e1, p_again), (2, g.e2, true), (3, g.e3, g.any_late), (4, g.e4, g.any_carried),
                                    (6, g.e4, p_known <> '{}')) AS u (f, events, own)
         WHERE u.own
    ), home AS MATERIALIZED (
        SELECT g.f, x.* FROM chosen g CROSS JOIN LATERAL qm.fold_households(g.events) x
    ), person AS MATERIALIZED (
        SELECT g.f, x.* FROM chosen g CROSS JOIN LATERAL qm.fold_residents(g.events) x
    ), moved AS MATERIALIZED ( -- residents with another state than at `from`, at `to` or on the day
        SELECT r AS now, r.resident, qm.band_between(r.born, v_16, v_61) AS band
          FROM qm.resident r
         WHERE r.county = p_county AND r.grid BETWEEN v_first AND v_last
           AND (r.rev > v_since AND NOT r.grid / p_step = ANY (p_known) OR r.rev > p_to_rev
                OR qm.band_between(r.born, v_16, v_61) <> r.band)
    ), before AS MATERIALIZED (
        SELECT b.* FROM unnest(p_kinds, p_ids, p_grids, p_words) AS b (kind, id, grid, word)
    ), state_h AS (
        SELECT h.grid, 1 AS f, qm.state_of(h, -1) AS state
          FROM qm.household h
         WHERE p_again AND h.county = p_county AND h.grid BETWEEN v_first AND v_last AND h.status <> 5
           AND h.rev > p_to_rev
        UNION ALL
        SELECT h.grid, s.f, qm.freeze_state(h, s.sign, x.flags, x.visits, x.police, x.door_key, x.signed_key,
                                            x.withdrawn_key, x.evidenced_key, x.pledge_key)
          FROM qm.household h
         CROSS JOIN (VALUES (1, 1, p_to_rev), (5, -1, v_since)) AS s (f, sign, rev)
          LEFT JOIN home x ON x.f = 1 AND x.household = h.household
         WHERE p_again AND h.county = p_county AND h.grid BETWEEN v_first AND v_last AND h.status <> 5
           AND h.rev > p_to_rev AND h.rev > s.rev
        UNION ALL
        SELECT h.grid, 5, qm.state_of(h, -1)
          FROM qm.household h
         WHERE v_look AND h.county = p_county AND h.grid BETWEEN v_first AND v_last AND h.status <> 5
           AND h.rev > v_since AND h.rev <= p_to_rev AND NOT h.grid / p_step = ANY (p_known)
        UNION ALL
        SELECT (h.now).grid, x.f, qm.freeze_state(h.now, 1, x.flags, x.visits, x.police, x.door_key, x.signed_key,
                                            x.withdrawn_key, x.evidenced_key, x.pledge_key)
          FROM home x
         CROSS JOIN LATERAL (SELECT t AS now FROM qm.household t
                              WHERE t.county = p_county AND t.household = x.household OFFSET 0) h
         WHERE x.f IN (2, 3, 4)
        UNION ALL
        SELECT coalesce(b.grid, (h.now).grid), 6,
               ROW(1, coalesce(b.grid, (h.now).grid), CASE WHEN b.id IS NULL THEN (h.now).place WHEN b.word > 0 THEN 1 ELSE 2 END,
                   coalesce(b.word, (h.now).status), false, x.flags, x.visits, x.police, qm.key_code(x.door_key),
                   qm.has_pledge(x.signed_key, x.withdrawn_key), qm.has_pledge(x.evidenced_key, x.withdrawn_key),
                   qm.key_code(x.pledge_key))::qm.household_state
          FROM home x
         CROSS JOIN LATERAL (SELECT t AS now FROM qm.household t
                              WHERE t.county = p_county AND t.household = x.household OFFSET 0) h
          LEFT JOIN before b ON b.kind = 1 AND b.id = x.household
         WHERE x.f = 6 AND (b.id IS NULL OR b.grid IS NOT NULL)
    ), state_r AS (
        SELECT (m.now).grid, 1 AS f, qm.state_of(m.now, -1) AS state
          FROM moved m
         WHERE m.band <> (m.now).band OR (m.now).rev > p_to_rev
        UNION ALL
        SELECT (m.now).grid, s.f, qm.freeze_state(m.now, s.sign, m.band, (m.now).app_key, (m.now).alerts, (m.now).na,
                                                  (m.now).evidenced)
          FROM moved m
         CROSS JOIN (VALUES (1, 1), (5, -1)) AS s (f, sign)
         WHERE (m.now).rev <= p_to_rev AND CASE s.f WHEN 1 THEN m.band <> (m.now).band
                                          ELSE (m.now).rev > v_since AND NOT (m.now).grid / p_step = ANY (p_known) END
        UNION ALL
        SELECT (m.now).grid, s.f, qm.freeze_state(m.now, s.sign, m.band, x.app_key, x.alerts, x.na, x.evidenced)
          FROM moved m
         CROSS JOIN (VALUES (1, 1, p_to_rev), (5, -1, v_since)) AS s (f, sign, rev)
          LEFT JOIN person x ON x.f = 1 AND x.resident = m.resident
         WHERE p_again AND (m.now).rev > p_to_rev AND (m.now).rev > s.rev
        UNION ALL
        SELECT (r.now).grid, x.f, qm.freeze_state(r.now, 1, qm.band_between((r.now).born, v_16, v_61), x.app_key, x.alerts,
                                            x.na, x.evidenced)
          FROM person x
         CROSS JOIN LATERAL (SELECT t AS now FROM qm.resident t
                              WHERE t.county = p_county AND t.resident = x.resident OFFSET 0) r
         WHERE x.f IN (2, 3, 4)
        UNION ALL
        SELECT coalesce(b.grid, (r.now).grid), 6,
               ROW(1, coalesce(b.grid, (r.now).grid), CASE WHEN b.id IS NULL THEN (r.now).home ELSE 1 END,
                   CASE WHEN b.id IS NULL THEN (r.now).status WHEN b.word = 1 THEN 1 ELSE 3 END,
                   CASE WHEN b.id IS NULL THEN qm.band_between((r.now).born, v_16, v_61) ELSE 2 END, qm.key_code(x.app_key),
                   x.alerts, x.na, x.evidenced)::qm.resident_state
          FROM person x
         CROSS JOIN LATERAL (SELECT t AS now FROM qm.resident t
                              WHERE t.county = p_county AND t.resident = x.resident OFFSET 0) r
          LEFT JOIN before b ON b.kind = 2 AND b.id = x.resident
         WHERE x.f = 6 AND (b.id IS NULL OR b.grid IS NOT NULL)
    ), homes AS (
        SELECT s.grid, s.f, array_agg(s.state) AS states FROM state_h s GROUP BY s.grid, s.f
    ), people AS (
        SELECT s.grid, s.f, array_agg(s.state) AS states FROM state_r s GROUP BY s.grid, s.f
    ), summed AS (
        SELECT coalesce(h.grid, r.grid) AS grid, coalesce(h.f, r.f) AS f, t.v
          FROM homes h FULL JOIN people r ON r.grid = h.grid AND r.f = h.f
         CROSS JOIN LATERAL qm.sum_states(h.states, r.states) t
    )
    SELECT s.grid, u.f, s.v
      FROM summed s
      LEFT JOIN folded g ON g.grid = s.grid
     CROSS JOIN LATERAL (VALUES (s.f, true), (3, s.f = 2 AND NOT g.any_late), (4, s.f = 2 AND NOT g.any_carried))
                     AS u (f, stands)
     WHERE u.stands;
END
$$;

-- The metrics of coverage in a fold of those who changed (p_v) and in the same of those who did not (p_same).
CREATE OR REPLACE FUNCTION qm.covered_with(p_v bigint[], p_same bigint[]) RETURNS bigint[]
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN p_v IS NULL THEN coalesce(p_same, qm.covered(NULL)) ELSE qm.add(qm.covered(p_v), p_same) END
$$;

-- One row a grid that has a roster line.  v: all counters at `to`, ages on the day: the grid's counters,
-- which are the sum of the stored states, and what `to` differs by.  a, b, l, z: the metrics of coverage
-- (qm.covered) of everything below `to`, and of folds 2, 3 and 4 of freeze_folds, on this roster.
-- p_known: divisions (a grid is of the one grid / p_step) of which the caller knows what stood in them at
-- `from`, on the roster of the bulletin before.  There only subjects with late or carried records are folded
-- and those whose line is another now: p_ids, each with kind (1 household, 2 resident), and grid and word
-- (1 counted, 2 away, 0 any other) of its line then, null if it had none.  w: what all of these counted then, on those lines.  So what stood there less
-- w is what the others count in all of b, l and z.  Not for lines of merges that are new or undone, nor for
-- lines that left the scope: of these, what counted then is not folded.
CREATE OR REPLACE FUNCTION qm.freeze_sums(p_county int, p_scope text, p_day date, p_from bigint, p_from_rev bigint,
                                          p_to bigint, p_to_rev bigint, p_begin bigint, p_step bigint DEFAULT 1,
                                          p_known bigint[] DEFAULT '{}', p_kinds smallint[] DEFAULT '{}',
                                          p_ids uuid[] DEFAULT '{}', p_grids bigint[] DEFAULT '{}',
                                          p_words smallint[] DEFAULT '{}')
RETURNS TABLE (grid bigint, v bigint[], a bigint[], b bigint[], l bigint[], z bigint[], beside bigint[], w bigint[])
LANGUAGE plpgsql STABLE SET search_path = qm, pg_temp SET plan_cache_mode = force_custom_plan
SET jit = off SET enable_nestloop = off AS $$
DECLARE
    v_again boolean := (SELECT h.revision > p_to_rev FROM qm.log_head h WHERE h.county = p_county);
    -- Of a correction whoever changed after `to` is folded anyway.
    v_known bigint[] := CASE WHEN v_again THEN '{}' ELSE p_known END;
BEGIN
    RETURN QUERY
    WITH fold AS MATERIALIZED (
        SELECT * FROM qm.freeze_folds(p_county, p_scope, p_day, p_from, p_from_rev, p_to, p_to_rev, p_begin, v_again,
                                        p_step, v_known, p_kinds, p_ids, p_grids, p_words)
    ), whole AS (
        SELECT c.grid, CASE WHEN d.v IS NULL THEN c.v ELSE qm.add(c.v, d.v) END AS v
          FROM qm.grid_counter c LEFT JOIN fold d ON d.grid = c.grid AND d.f = 1
         WHERE c.county = p_county AND c.grid BETWEEN qm.first_grid(p_scope) AND qm.last_grid(p_scope)
           AND (EXISTS (SELECT FROM qm.household h WHERE h.county = p_county AND h.grid = c.grid)
             OR EXISTS (SELECT FROM qm.resident r WHERE r.county = p_county AND r.grid = c.grid))
        OFFSET 0 -- so that each sum is made once
    ), same AS ( -- those who did not change since `from` count in every fold
        SELECT w.grid, w.v, CASE WHEN p_from_rev > 0 AND NOT w.grid / p_step = ANY (v_known)
                                   THEN qm.covered_with(d.v, qm.covered(w.v)) END AS v20
          FROM whole w LEFT JOIN fold d ON d.grid = w.grid AND d.f = 5
        OFFSET 0
    )
    SELECT coalesce(s.grid, f6.grid), coalesce(s.v, array_fill(0::bigint, ARRAY[68])), qm.covered(s.v),
           qm.covered_with(f2.v, s.v20), qm.covered_with(f3.v, s.v20), qm.covered_with(f4.v, s.v20),
           coalesce(o.beside, array_fill(0::bigint, ARRAY[6])), qm.covered(f6.v)
      FROM same s
      LEFT JOIN fold f2 ON f2.grid = s.grid AND f2.f = 2
      LEFT JOIN fold f3 ON f3.grid = s.grid AND f3.f = 3
      LEFT JOIN fold f4 ON f4.grid = s.grid AND f4.f = 4
      LEFT JOIN qm.freeze_beside(p_county, p_scope, p_to) o ON o.grid = s.grid
      FULL JOIN (SELECT d.grid, d.v FROM fold d WHERE d.f = 6) f6 ON f6.grid = s.grid
     ORDER BY 1;
END
$$;

-- Figures from elsewhere for the divisions of a scope, sorted as their lines are.
CREATE OR REPLACE FUNCTION qm.freeze_figures(p_county int, p_scope text, p_period text, p_metrics text[])
RETURNS TABLE (metric text, code text, value bigint, source bytea)
LANGUAGE sql STABLE SET search_path = qm, pg_temp AS $$
    SELECT f.metric, f.code, f.value, f.source
      FROM qm.figure f
     WHERE f.county = p_county AND f.period = p_period AND f.metric = ANY (p_metrics) AND starts_with(f.code, p_scope)
     ORDER BY f.metric || ' ' || f.code || ' ' COLLATE "C"
$$;
