-- Freezing a ranking: the roster and the sums of a scope, read in one snapshot (contract, section 8).
--
-- Happy path: freeze_head says what range there is, freeze_roster gives the roster's bytes,
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

-- Roster lines in the order of their bytes, in chunks: all of a kind whose pseudonyms begin with the
-- same two characters.  A cursor over it streams: the sort is by chunk, and a chunk is small.
CREATE OR REPLACE FUNCTION qm.freeze_roster(p_county int, p_scope text, p_day date)
RETURNS TABLE (chunk text, lines text) LANGUAGE sql STABLE AS $$
    SELECT q.chunk, string_agg(q.line, '' ORDER BY q.line COLLATE "C")
      FROM (SELECT left(u.line, 1) || substr(u.line, strpos(u.line, ' ') + 1, 2) COLLATE "C" AS chunk, u.line
              FROM (
            SELECT 'household ' || qm.pseudonym(h.household) || ' ' || h.grid || ' '
                   || CASE WHEN h.status = 5 THEN 'merged:' || qm.pseudonym(h.merged_into)
                           ELSE qm.status_word(h.place, h.status) END || E'\n' AS line
              FROM qm.household h
             WHERE h.county = p_county AND h.grid BETWEEN qm.first_grid(p_scope) AND qm.last_grid(p_scope)
            UNION ALL
            SELECT 'resident ' || qm.pseudonym(r.resident) || ' ' || r.grid || ' '
                   || qm.status_word(r.home, r.status, qm.band_between(r.born, qm.years_before(p_day, 16),
                                                                       qm.years_before(p_day, 61))) || E'\n'
              FROM qm.resident r
             WHERE r.county = p_county AND r.grid BETWEEN qm.first_grid(p_scope) AND qm.last_grid(p_scope)) u) q
     GROUP BY q.chunk
     ORDER BY q.chunk
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

-- Events below `to` of those in the scope who changed after a revision, with what the facts below `from`
-- and below `to` make of them.  first_at: when it was done, as far as anybody can tell.
CREATE OR REPLACE FUNCTION qm.freeze_events(p_county int, p_scope text, p_rev bigint, p_from bigint, p_to bigint)
RETURNS TABLE (grid bigint, subject uuid, kind smallint, code smallint, via smallint, police boolean,
               alerts smallint, na smallint, key text, idx bigint, first_at bigint, counts_from boolean,
               counts_to boolean, proved_from boolean, proved_to boolean)
LANGUAGE sql STABLE AS $$
    SELECT e.home_grid, e.subject, e.kind, e.code, e.via, (e.party & 1) = 1, e.alerts, e.na,
           qm.order_key(e.at, e.recv, e.id), e.idx, least(e.at, e.recv),
           e.idx < p_from AND (v.first IS NULL OR v.first >= p_from) AND coalesce(d.way_from, e.hold = 0),
           v.first IS NULL AND coalesce(d.way_to, e.hold = 0),
           e.evidences > 0 AND e.evidences = coalesce(x.n, 0) AND x.last < p_from,
           e.evidences > 0 AND e.evidences = coalesce(x.n, 0)
      FROM (SELECT s.grid AS home_grid, s.household AS subject, t.*
              FROM qm.household s
              JOIN qm.household m ON m.county = p_county AND coalesce(m.merged_into, m.household) = s.household
              JOIN qm.event t ON t.county = p_county AND t.household = m.household AND t.kind IN (1, 2, 3)
             WHERE s.county = p_county AND s.status <> 5 AND s.rev > p_rev
               AND s.grid BETWEEN qm.first_grid(p_scope) AND qm.last_grid(p_scope)
               AND m.grid BETWEEN qm.first_grid(p_scope) AND qm.last_grid(p_scope)
            UNION ALL
            SELECT s.grid, s.resident, t.*
              FROM qm.resident s
              JOIN qm.event t ON t.county = p_county AND t.resident = s.resident AND t.kind = 4
             WHERE s.county = p_county AND s.rev > p_rev
               AND s.grid BETWEEN qm.first_grid(p_scope) AND qm.last_grid(p_scope)) e
      LEFT JOIN (SELECT w.target, w.account, min(w.idx) AS first
                   FROM qm.void_mark w WHERE w.county = p_county AND w.idx < p_to GROUP BY 1, 2) v
             ON v.target = e.id AND v.account = e.account
      LEFT JOIN (SELECT w.event, (array_agg(w.way ORDER BY w.idx DESC))[1] AS way_to,
                        (array_agg(w.way ORDER BY w.idx DESC) FILTER (WHERE w.idx < p_from))[1] AS way_from
                   FROM qm.decision w WHERE w.county = p_county AND w.idx < p_to GROUP BY 1) d
             ON d.event = e.id
      LEFT JOIN (SELECT w.event, count(*) AS n, max(b.listed_idx) AS last
                   FROM qm.evidence w JOIN qm.blob b ON b.county = w.county AND b.sha256 = w.sha256
                  WHERE w.county = p_county AND b.listed_idx < p_to GROUP BY 1) x
             ON x.event = e.id
     WHERE e.idx < p_to
$$;

-- What stands beside the figures of a grid at a size: recorded events that do not count, and why (voided
-- before decided before held), and households that were merged.
CREATE OR REPLACE FUNCTION qm.freeze_beside(p_county int, p_scope text, p_to bigint)
RETURNS TABLE (grid bigint, beside bigint[]) LANGUAGE sql STABLE AS $$
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
         WHERE h.county = p_county AND h.status = 5
           AND h.grid BETWEEN qm.first_grid(p_scope) AND qm.last_grid(p_scope)
    )
    SELECT j.grid, ARRAY[count(*) FILTER (WHERE j.why = 1), count(*) FILTER (WHERE j.why = 2),
                         count(*) FILTER (WHERE j.why = 3), count(*) FILTER (WHERE j.why = 4),
                         count(*) FILTER (WHERE j.why = 5), count(*) FILTER (WHERE j.why = 6)]
      FROM judged j
     WHERE j.why IS NOT NULL AND j.grid BETWEEN qm.first_grid(p_scope) AND qm.last_grid(p_scope)
     GROUP BY j.grid
$$;

-- The ten metrics of coverage out of a counter row: reported and evidenced of each, in their order.
CREATE OR REPLACE FUNCTION qm.covered(p_v bigint[]) RETURNS bigint[]
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN p_v IS NULL THEN array_fill(0::bigint, ARRAY[20]) ELSE p_v[3:12] || p_v[47:56] END
$$;

-- States of one fold and what they are summed up to.
CREATE OR REPLACE FUNCTION qm.freeze_state(h qm.household, p_flags int, p_visits int, p_police int, p_door text,
    p_signed text, p_withdrawn text, p_evidenced text, p_pledge text) RETURNS qm.household_state
LANGUAGE sql IMMUTABLE AS $$
    SELECT ROW(1, h.grid, h.place, h.status, h.worker IS NOT NULL, coalesce(p_flags, 0), coalesce(p_visits, 0),
               coalesce(p_police, 0), qm.key_code(p_door), qm.has_pledge(p_signed, p_withdrawn),
               qm.has_pledge(p_evidenced, p_withdrawn), qm.key_code(p_pledge))::qm.household_state
$$;
CREATE OR REPLACE FUNCTION qm.freeze_state(r qm.resident, p_band smallint, p_app text, p_alerts smallint,
    p_na smallint, p_evidenced boolean) RETURNS qm.resident_state
LANGUAGE sql IMMUTABLE AS $$
    SELECT ROW(1, r.grid, r.home, r.status, p_band, qm.key_code(p_app), coalesce(p_alerts, 0::smallint),
               coalesce(p_na, 0::smallint), coalesce(p_evidenced, false))::qm.resident_state
$$;

-- One row a grid that has a roster line.  v: all counters at `to`, ages on the day.  a, b, l, z: the
-- metrics of coverage (qm.covered) of the folds on this roster
--   1 a  everything below `to`
--   2 b  what `new` is counted from: below `from` by the facts below `from`, and carried ones below `to`
--   3 l  b and what was done before the period began (p_begin) but came in its range
--   4 z  everything below `from`
CREATE OR REPLACE FUNCTION qm.freeze_sums(p_county int, p_scope text, p_day date, p_from bigint, p_from_rev bigint,
                                          p_to bigint, p_to_rev bigint, p_begin bigint)
RETURNS TABLE (grid bigint, v bigint[], a bigint[], b bigint[], l bigint[], z bigint[], beside bigint[])
LANGUAGE plpgsql STABLE SET search_path = qm, pg_temp SET plan_cache_mode = force_custom_plan
SET jit = off SET work_mem = '64MB' AS $$
DECLARE
    v_first bigint := qm.first_grid(p_scope);
    v_last bigint := qm.last_grid(p_scope);
    v_16 date := qm.years_before(p_day, 16);
    v_61 date := qm.years_before(p_day, 61);
    -- Only a correction has subjects that changed after `to`.
    v_again boolean := (SELECT h.revision > p_to_rev FROM qm.log_head h WHERE h.county = p_county);
BEGIN
    RETURN QUERY
    WITH folded AS MATERIALIZED (
        SELECT e.grid, s.f, array_agg(ROW(e.subject, e.kind, e.code, e.via, e.police, s.proved, e.alerts, e.na,
                                          e.key)::qm.fold_event) AS events
          FROM qm.freeze_events(p_county, p_scope, p_from_rev, p_from, p_to) e
         CROSS JOIN LATERAL (VALUES
               (1, e.counts_to AND v_again, e.proved_to),
               (2, CASE WHEN e.via = 5 THEN e.counts_to ELSE e.counts_from END,
                   CASE WHEN e.via = 5 THEN e.proved_to ELSE e.proved_from END),
               (3, CASE WHEN e.via = 5 OR e.idx >= p_from AND e.first_at < p_begin THEN e.counts_to
                        ELSE e.counts_from END,
                   CASE WHEN e.via = 5 OR e.idx >= p_from THEN e.proved_to ELSE e.proved_from END),
               (4, e.counts_from, e.proved_from)) AS s (f, has, proved)
         WHERE s.has AND (e.idx < p_from OR e.via = 5 OR e.first_at < p_begin OR v_again)
         GROUP BY e.grid, s.f
    ), home AS MATERIALIZED (
        SELECT g.f, x.* FROM folded g CROSS JOIN LATERAL qm.fold_households(g.events) x
    ), person AS MATERIALIZED (
        SELECT g.f, x.* FROM folded g CROSS JOIN LATERAL qm.fold_residents(g.events) x
    ), homes AS MATERIALIZED ( -- states at `to` of all, and of those that changed since `from`
        SELECT h.grid, array_agg(s.state) FILTER (WHERE h.status <> 5) AS whole,
               array_agg(s.state) FILTER (WHERE h.status <> 5 AND h.rev > p_from_rev AND p_from_rev > 0) AS changed
          FROM qm.household h
          LEFT JOIN home x ON x.f = 1 AND x.household = h.household AND h.rev > p_to_rev
         CROSS JOIN LATERAL (SELECT CASE WHEN h.rev <= p_to_rev THEN qm.state_of(h, 1)
                                         ELSE qm.freeze_state(h, x.flags, x.visits, x.police, x.door_key, x.signed_key,
                                                              x.withdrawn_key, x.evidenced_key, x.pledge_key)
                                         END AS state OFFSET 0) s
         WHERE h.county = p_county AND h.grid BETWEEN v_first AND v_last
         GROUP BY h.grid
    ), people AS MATERIALIZED (
        SELECT r.grid, array_agg(s.state) AS whole,
               array_agg(s.state) FILTER (WHERE r.rev > p_from_rev AND p_from_rev > 0) AS changed
          FROM qm.resident r
          LEFT JOIN person x ON x.f = 1 AND x.resident = r.resident AND r.rev > p_to_rev
         CROSS JOIN LATERAL (SELECT CASE WHEN r.rev <= p_to_rev
                 THEN qm.freeze_state(r, qm.band_between(r.born, v_16, v_61), r.app_key, r.alerts, r.na, r.evidenced)
                 ELSE qm.freeze_state(r, qm.band_between(r.born, v_16, v_61), x.app_key, x.alerts, x.na, x.evidenced)
                 END AS state OFFSET 0) s
         WHERE r.county = p_county AND r.grid BETWEEN v_first AND v_last
         GROUP BY r.grid
    ), homes_then AS MATERIALIZED (
        SELECT h.grid, x.f, array_agg(qm.freeze_state(h, x.flags, x.visits, x.police, x.door_key, x.signed_key,
                                                      x.withdrawn_key, x.evidenced_key, x.pledge_key)) AS states
          FROM home x JOIN qm.household h ON h.county = p_county AND h.household = x.household
         WHERE x.f > 1 GROUP BY h.grid, x.f
    ), people_then AS MATERIALIZED (
        SELECT r.grid, x.f, array_agg(qm.freeze_state(r, qm.band_between(r.born, v_16, v_61), x.app_key, x.alerts,
                                                      x.na, x.evidenced)) AS states
          FROM person x JOIN qm.resident r ON r.county = p_county AND r.resident = x.resident
         WHERE x.f > 1 GROUP BY r.grid, x.f
    ), past AS MATERIALIZED (
        SELECT coalesce(h.grid, r.grid) AS grid, coalesce(h.f, r.f) AS f, qm.covered(t.v) AS c
          FROM homes_then h FULL JOIN people_then r ON r.grid = h.grid AND r.f = h.f
         CROSS JOIN LATERAL qm.sum_states(h.states, r.states) t
    ), present AS MATERIALIZED (
        SELECT coalesce(h.grid, r.grid) AS grid, w.v,
               CASE WHEN p_from_rev > 0 THEN qm.add(qm.covered(w.v), ARRAY(SELECT -u FROM unnest(qm.covered(c.v)) u))
                    ELSE qm.covered(NULL) END AS same -- of those that did not change
          FROM homes h FULL JOIN people r ON r.grid = h.grid
          LEFT JOIN LATERAL qm.sum_states(h.whole, r.whole) w ON true
          LEFT JOIN LATERAL qm.sum_states(h.changed, r.changed) c ON true
    )
    SELECT n.grid, coalesce(n.v, array_fill(0::bigint, ARRAY[68])), qm.covered(n.v),
           qm.add(n.same, coalesce(t2.c, qm.covered(NULL))), qm.add(n.same, coalesce(t3.c, qm.covered(NULL))),
           qm.add(n.same, coalesce(t4.c, qm.covered(NULL))), coalesce(o.beside, array_fill(0::bigint, ARRAY[6]))
      FROM present n
      LEFT JOIN past t2 ON t2.grid = n.grid AND t2.f = 2
      LEFT JOIN past t3 ON t3.grid = n.grid AND t3.f = 3
      LEFT JOIN past t4 ON t4.grid = n.grid AND t4.f = 4
      LEFT JOIN qm.freeze_beside(p_county, p_scope, p_to) o ON o.grid = n.grid
     ORDER BY n.grid;
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
