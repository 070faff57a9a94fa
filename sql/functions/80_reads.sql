-- Reads of figures and of what a phone must know.  Scope is an argument: nothing outside the caller's
-- prefix comes back.

-- What rows of counters are as of, in one value, because it stands on each of them: log size, time of
-- the last entry (0: none), day of the ages as days of Unix, number of the log's key.
CREATE OR REPLACE FUNCTION qm.as_of(p_size bigint, p_recv bigint, p_age_day date, p_tree int) RETURNS bytea
LANGUAGE sql IMMUTABLE AS $$
    SELECT int8send(p_size) || int8send(coalesce(p_recv, 0)) || int4send(p_age_day - '1970-01-01'::date)
           || int4send(p_tree)
$$;

-- Rows of counters with names; on each row what they are as of.
CREATE OR REPLACE FUNCTION qm.coverage(p_county int, p_role text, p_prefix text, p_level text, p_within text)
RETURNS TABLE (code text, name text, v bigint[], size bigint, recv bigint, age_day date, tree int)
LANGUAGE plpgsql STABLE SET search_path = qm, pg_temp SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    v_head qm.log_head;
    v_recv bigint;
    v_first bigint := qm.first_grid(p_within);
    v_last bigint := qm.last_grid(p_within);
BEGIN
    IF NOT starts_with(p_within, p_prefix) OR NOT starts_with(p_within, p_county::text) OR p_role IS NULL
       OR length(p_within) > (CASE p_level WHEN 'grid' THEN 15 WHEN 'village' THEN 12 WHEN 'township' THEN 9 ELSE 6 END) THEN
        RETURN; -- the last: a row of a coarser level would show more than what was asked within
    END IF;
    SELECT * INTO v_head FROM qm.log_head h WHERE h.county = p_county;
    SELECT e.recv INTO v_recv FROM qm.log_entry e WHERE e.county = p_county AND e.idx = v_head.size - 1;
    IF p_level = 'grid' THEN
        RETURN QUERY
        SELECT c.grid::text, g.name, c.v, v_head.size, v_recv, v_head.age_day, v_head.tree
          FROM qm.grid_counter c LEFT JOIN qm.grid g ON g.county = c.county AND g.grid = c.grid
         WHERE c.county = p_county AND c.grid BETWEEN v_first AND v_last ORDER BY c.grid;
    ELSIF p_level = 'village' THEN
        RETURN QUERY
        SELECT u.village::text, u.name, u.v, v_head.size, v_recv, v_head.age_day, v_head.tree
          FROM (SELECT c.village, c.name, c.v FROM qm.village_counter c
                 WHERE c.county = p_county AND c.village BETWEEN v_first / 1000 AND v_last / 1000
                UNION ALL -- those without a grid have no counters
                SELECT d.code::bigint, d.name, NULL FROM qm.division d
                 WHERE d.code BETWEEN p_within AND p_within || ':' AND length(d.code) = 12
                   AND NOT EXISTS (SELECT FROM qm.village_counter c
                                    WHERE c.county = p_county AND c.village = d.code::bigint)) u
         ORDER BY u.v IS NULL, u.village;
    ELSE
        RETURN QUERY
        SELECT s.code, d.name, s.v, v_head.size, v_recv, v_head.age_day, v_head.tree
          FROM (SELECT u.code, array_agg(u.x ORDER BY u.o)::bigint[] AS v
                  FROM (SELECT left(c.village::text, CASE p_level WHEN 'township' THEN 9 ELSE 6 END) AS code,
                               t.o, sum(t.x) AS x
                          FROM qm.village_counter c, unnest(c.v) WITH ORDINALITY AS t (x, o)
                         WHERE c.county = p_county AND c.village BETWEEN v_first / 1000 AND v_last / 1000
                         GROUP BY 1, t.o) u
                 GROUP BY u.code) s
          LEFT JOIN qm.division d ON d.code = s.code ORDER BY s.code;
    END IF;
END
$$;

-- Metrics that the rule ranks, or a target of that day at one of these grids counts, only by what has evidence.
CREATE OR REPLACE FUNCTION qm.evidence_asked(p_county int, p_day date, p_grids bigint[]) RETURNS text[]
LANGUAGE plpgsql STABLE SET search_path = qm, pg_temp SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    RETURN (
    WITH kept AS (
        SELECT s.kind, convert_from(o.body, 'UTF8')::jsonb AS body
          FROM qm.setting s JOIN qm.object o ON o.county = s.county AND o.sha256 = s.sha256
         WHERE s.county = p_county AND s.kind IN ('rule', 'targets')
    ), asked AS (
        SELECT m.metric ->> 'name' AS name
          FROM kept k, LATERAL jsonb_array_elements(k.body -> 'metrics') AS m (metric)
         WHERE k.kind = 'rule' AND k.body ->> 'assurance' = 'evidenced' AND (m.metric ->> 'ranked')::boolean
        UNION
        SELECT t.target ->> 'metric'
          FROM kept k, LATERAL jsonb_array_elements(k.body) AS t (target)
         WHERE k.kind = 'targets' AND t.target ->> 'assurance' = 'evidenced'
           AND p_day BETWEEN (t.target ->> 'from')::date AND (t.target ->> 'due')::date
           AND EXISTS (SELECT FROM unnest(p_grids) AS g WHERE starts_with(g::text, t.target ->> 'prefix'))
    )
    SELECT coalesce(array_agg(a.name ORDER BY a.name), '{}') FROM asked a);
END
$$;

-- What an account's phone must know, as a difference since a revision (-1: all).  Rows by t:
--   head       n revision, grid size, place tree, flags 1 = full
--   household  a household, grid, place, status, flags, door, pledge, x1 group, x2 lane, x3 door, s1 head, s2 phone
--   resident   a resident, b household, status, app, alerts, born, s1 name, s2 phone, groups
--   gone       a household
--   gone_resident  a resident, whose household the account has or does not have
--   want       b event, s1 sha256
--   verdict    b event, flags 1 = in, x1 code
--   directive  a directive, flags 1 = acknowledged, born when it is due, x1 title, x2 body, n when it was published
--   evidence   groups: metrics for which only what has a photo counts; no row: there are none
--   grid       grid: those the account has now (for the cursor)
-- p_known are the grids of the cursor; one that is new is sent whole.
CREATE OR REPLACE FUNCTION qm.changes(p_county int, p_account text, p_since bigint, p_known bigint[])
RETURNS TABLE (t text, a uuid, b uuid, grid bigint, place int, status int, flags int, door int, pledge int,
               app int, alerts int, born date, s1 bytea, s2 bytea, x1 text, x2 text, x3 text,
               groups text[], n bigint)
LANGUAGE plpgsql STABLE SET search_path = qm, pg_temp SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    v_head qm.log_head;
    v_now bigint[] := qm.grids_of(p_county, p_account);
    v_since bigint := p_since;
BEGIN
    SELECT * INTO v_head FROM qm.log_head h WHERE h.county = p_county;
    IF p_since > v_head.revision THEN
        v_since := -1;
    END IF;
    RETURN QUERY SELECT 'head', NULL::uuid, NULL::uuid, v_head.size, v_head.tree, 0,
        CASE WHEN v_since < 0 THEN 1 ELSE 0 END, 0, 0, 0, 0, NULL::date, NULL::bytea, NULL::bytea, '', '', '',
        '{}'::text[], v_head.revision;
    RETURN QUERY SELECT 'grid', NULL::uuid, NULL::uuid, g, 0, 0, 0, 0, 0, 0, 0, NULL::date, NULL::bytea,
        NULL::bytea, '', '', '', '{}'::text[], 0::bigint FROM unnest(v_now) AS g;
    RETURN QUERY
    SELECT 'household', h.household, NULL::uuid, h.grid, h.place::int, h.status::int, h.flags,
           qm.key_code(h.door_key)::int,
           CASE WHEN qm.has_pledge(h.signed_key, h.withdrawn_key) THEN 1 ELSE qm.key_code(h.pledge_key) END::int,
           0, 0, NULL::date, c.head, c.phone, c.village_group, c.lane, c.door, '{}'::text[], 0::bigint
      FROM (SELECT u.g, u.g <> ALL (p_known) AS fresh FROM unnest(v_now) AS u (g) OFFSET 0) g -- once a grid
      JOIN qm.household h ON h.county = p_county AND h.grid = g.g
      JOIN qm.household_card c ON c.county = p_county AND c.household = h.household
     WHERE h.status NOT IN (4, 5) AND (h.rev > v_since OR g.fresh);
    RETURN QUERY
    SELECT 'resident', r.resident, r.household, r.grid, 0, r.status::int, 0, 0, 0, qm.key_code(r.app_key)::int,
           r.alerts::int, r.born, c.name, c.phone, '', '', '', c.groups, 0::bigint
      FROM (SELECT u.g, u.g <> ALL (p_known) AS fresh FROM unnest(v_now) AS u (g) OFFSET 0) g -- once a grid
      JOIN qm.resident r ON r.county = p_county AND r.grid = g.g
      JOIN qm.resident_card c ON c.county = p_county AND c.resident = r.resident
     WHERE (r.rev > v_since OR g.fresh)
       AND CASE WHEN r.home IN (1, 2, 3) THEN true -- then that is the status of the household
                ELSE (SELECT h.status NOT IN (4, 5) FROM qm.household h
                       WHERE h.county = p_county AND h.household = r.household) END;
    IF v_since >= 0 THEN
        RETURN QUERY
        SELECT DISTINCT 'gone', q.household, NULL::uuid, 0::bigint, 0, 0, 0, 0, 0, 0, 0, NULL::date, NULL::bytea,
               NULL::bytea, '', '', '', '{}'::text[], 0::bigint
          FROM (SELECT l.household FROM qm.household_left l
                  JOIN qm.household h ON h.county = l.county AND h.household = l.household
                 WHERE l.county = p_county AND l.rev > v_since AND l.grid = ANY (p_known)
                   AND (h.status IN (4, 5) OR h.grid <> ALL (v_now))
                UNION ALL
                SELECT h.household FROM unnest(p_known) AS k
                  JOIN qm.household h ON h.county = p_county AND h.grid = k
                 WHERE k <> ALL (v_now)) q;
        RETURN QUERY
        SELECT DISTINCT 'gone_resident', l.resident, NULL::uuid, 0::bigint, 0, 0, 0, 0, 0, 0, 0, NULL::date,
               NULL::bytea, NULL::bytea, '', '', '', '{}'::text[], 0::bigint
          FROM unnest(p_known) AS k
          JOIN qm.resident_left l ON l.county = p_county AND l.grid = k AND l.rev > v_since
          JOIN qm.resident r ON r.county = p_county AND r.resident = l.resident
          JOIN qm.household h ON h.county = p_county AND h.household = r.household
         WHERE h.status IN (4, 5) OR h.grid <> ALL (v_now);
    END IF;
    RETURN QUERY
    SELECT 'want', NULL::uuid, w.event, 0::bigint, 0, 0, 0, 0, 0, 0, 0, NULL::date, w.sha256, NULL::bytea, '', '',
           '', '{}'::text[], 0::bigint
      FROM qm.want w WHERE w.county = p_county AND w.account = p_account;
    RETURN QUERY
    SELECT DISTINCT ON (d.event) 'verdict', NULL::uuid, d.event, 0::bigint, 0, 0, CASE WHEN d.way THEN 1 ELSE 0 END,
           0, 0, 0, 0, NULL::date, NULL::bytea, NULL::bytea, d.code, '', '', '{}'::text[], 0::bigint
      FROM qm.decision d JOIN qm.event e ON e.county = d.county AND e.id = d.event
     WHERE d.county = p_county AND d.rev > v_since AND e.account = p_account
     ORDER BY d.event, d.idx DESC;
    RETURN QUERY
    SELECT 'directive', d.directive, NULL::uuid, 0::bigint, 0, 0,
           (EXISTS (SELECT FROM qm.directive_ack k WHERE k.county = p_county AND k.directive = d.directive
                       AND k.account = p_account))::int,
           0, 0, 0, 0, d.due, NULL::bytea, NULL::bytea, d.title, d.body, '', '{}'::text[], d.at
      FROM qm.directive d
     WHERE d.county = p_county
       AND EXISTS (SELECT FROM unnest(v_now) AS g
                    WHERE starts_with(g::text, d.scope) AND (d.rev > v_since OR g <> ALL (p_known)));
    RETURN QUERY
    SELECT 'evidence', NULL::uuid, NULL::uuid, 0::bigint, 0, 0, 0, 0, 0, 0, 0, NULL::date, NULL::bytea, NULL::bytea, '', '',
           '', q.asked, 0::bigint
      FROM (SELECT qm.evidence_asked(p_county, v_head.age_day, v_now) AS asked) q
     WHERE cardinality(q.asked) > 0;
END
$$;

-- Masked P is opened by the caller: one event with what its proofs are made of.
CREATE OR REPLACE FUNCTION qm.batch_lines(p_county int, p_idx bigint)
RETURNS TABLE (line int, id uuid, e bytea, leaf bytea, reason smallint)
LANGUAGE sql STABLE SET search_path = qm, pg_temp AS $$
    SELECT (u.o - 1)::int, u.id, coalesce(k.e, q.e), q.leaf, coalesce(q.reason, 0::smallint)
      FROM qm.batch b, unnest(b.ids) WITH ORDINALITY AS u (id, o)
      LEFT JOIN qm.event k ON k.county = p_county AND k.id = u.id
      LEFT JOIN qm.quarantine q ON q.county = p_county AND q.idx = p_idx AND q.line = u.o - 1
     WHERE b.county = p_county AND b.idx = p_idx AND b.idx >= 0 -- as the index says
     ORDER BY u.o
$$;
