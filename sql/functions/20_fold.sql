-- The fold: from effective events to the states of households and residents (contract, section 5).
-- SQL functions without a search_path of their own name everything in full: they are inlined into the
-- statements that call them, whose plans are kept; a SQL function that is not inlined is planned anew
-- at every call.  One definition serves the syncs (new events merged into a state), re-folds and the recount.
-- States are joins of a semilattice, so merging gives the same in any order.

-- Order key of an event: min(at, recv), at, id; as text it compares as the contract's triple.  Made and taken
-- apart as bytes: functions of text count characters, which takes several times as long.
CREATE OR REPLACE FUNCTION qm.order_key(p_at bigint, p_recv bigint, p_id uuid) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT encode(substr(int8send(least(p_at, p_recv)), 2) || substr(int8send(p_at), 2), 'hex') || p_id::text
$$;

-- The state behind a key: its last letter; 0 without a key.
CREATE OR REPLACE FUNCTION qm.key_code(p_key text) RETURNS smallint
LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(get_byte(decode(p_key, 'escape'), octet_length(p_key) - 1) - 64, 0)::smallint
$$;

CREATE OR REPLACE FUNCTION qm.fold_households(p_rows qm.fold_event[])
RETURNS TABLE (household uuid, flags int, visits int, police int, door_key text, signed_key text,
               withdrawn_key text, evidenced_key text, pledge_key text)
LANGUAGE sql IMMUTABLE AS $$
    SELECT f.subject,
           bit_or(CASE
               WHEN kind = 1 AND code = 1 THEN 2 | CASE WHEN via IN (1, 4, 5) THEN 1 ELSE 0 END
               WHEN kind = 2 AND code = 1 THEN 12 | CASE WHEN evidenced THEN 96 ELSE 0 END
               WHEN kind = 2 AND code = 2 THEN 4 | CASE WHEN evidenced THEN 32 ELSE 0 END
               WHEN kind = 2 AND code = 3 THEN 16
               ELSE 0 END),
           (count(*) FILTER (WHERE kind = 1))::int,
           (count(*) FILTER (WHERE kind = 1 AND f.police))::int,
           max(key || chr(64 + code)) FILTER (WHERE kind = 1),
           max(key || chr(64 + code)) FILTER (WHERE kind = 3 AND code = 1),
           max(key || chr(64 + code)) FILTER (WHERE kind = 3 AND code = 4),
           max(key || chr(64 + code)) FILTER (WHERE kind = 3 AND code = 1 AND evidenced),
           max(key || chr(64 + code)) FILTER (WHERE kind = 3)
      FROM unnest(p_rows) AS f
     WHERE kind IN (1, 2, 3)
     GROUP BY f.subject
$$;

CREATE OR REPLACE FUNCTION qm.fold_residents(p_rows qm.fold_event[])
RETURNS TABLE (resident uuid, app_key text, alerts smallint, na smallint, evidenced boolean)
LANGUAGE sql IMMUTABLE AS $$
    SELECT DISTINCT ON (f.subject) f.subject, f.key || chr(64 + f.code), f.alerts, f.na, f.evidenced
      FROM unnest(p_rows) AS f
     WHERE f.kind = 4
     ORDER BY f.subject, f.key DESC
$$;

CREATE OR REPLACE FUNCTION qm.is_effective(p_county int, p_id uuid, p_hold smallint, p_account text,
                                           p_below bigint) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT NOT EXISTS (SELECT FROM qm.void_mark v
                        WHERE v.county = p_county AND v.target = p_id AND v.account = p_account
                          AND v.idx < p_below)
       AND coalesce((SELECT d.way FROM qm.decision d
                      WHERE d.county = p_county AND d.event = p_id AND d.idx < p_below
                      ORDER BY d.idx DESC LIMIT 1), p_hold = 0)
$$;

CREATE OR REPLACE FUNCTION qm.is_evidenced(p_county int, p_id uuid, p_evidences smallint,
                                           p_below bigint) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT p_evidences > 0 AND p_evidences = (
        SELECT count(*) FROM qm.evidence x
          JOIN qm.blob b ON b.county = x.county AND b.sha256 = x.sha256
         WHERE x.county = p_county AND x.event = p_id AND b.listed_idx < p_below)
$$;

-- Effective events below a log size, from the facts alone: events, voids, decisions, evidence.  Those recorded
-- at p_homes[i] count for p_subjects[i].
-- is_effective and is_evidenced stand here in full: functions with sub-selects are not inlined, and their calls
-- cost several times what they look up.  Each look-up is a sub-select of one value: the planner can neither go
-- through a county's voids for it nor join by less than the whole key.
CREATE OR REPLACE FUNCTION qm.events_below(p_county int, p_subjects uuid[], p_homes uuid[], p_residents uuid[],
                                           p_below bigint) RETURNS qm.fold_event[]
LANGUAGE plpgsql STABLE SET search_path = qm, pg_temp SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
    RETURN (
    WITH found AS (
        SELECT n.subject, e.*
          FROM unnest(p_subjects, p_homes) AS n (subject, household)
          JOIN qm.event e ON e.county = p_county AND e.household = n.household AND e.kind IN (1, 2, 3)
         WHERE e.idx < p_below
        UNION ALL
        SELECT u, e.*
          FROM unnest(p_residents) AS u
          JOIN qm.event e ON e.county = p_county AND e.resident = u AND e.kind = 4
         WHERE e.idx < p_below
    )
    SELECT array_agg(ROW(f.subject, f.kind, f.code, f.via, (f.party & 1) = 1,
                         f.evidences > 0 AND f.evidences = (
                             SELECT count(*) FROM qm.evidence x
                              WHERE x.county = p_county AND x.event = f.id
                                AND (SELECT b.listed_idx FROM qm.blob b
                                      WHERE b.county = p_county AND b.sha256 = x.sha256) < p_below),
                         f.alerts, f.na, qm.order_key(f.at, f.recv, f.id))::qm.fold_event)
      FROM found f
     WHERE coalesce((SELECT false FROM qm.void_mark v
                      WHERE v.county = p_county AND v.target = f.id AND v.account = f.account AND v.idx < p_below
                      LIMIT 1),
                    (SELECT d.way FROM qm.decision d
                      WHERE d.county = p_county AND d.event = f.id AND d.idx < p_below
                      ORDER BY d.idx DESC LIMIT 1),
                    f.hold = 0));
END
$$;

-- The same of the given households and residents.  Events of a merged household count for the one it is now.
CREATE OR REPLACE FUNCTION qm.effective_events(p_county int, p_households uuid[], p_residents uuid[],
                                               p_below bigint) RETURNS qm.fold_event[]
LANGUAGE plpgsql STABLE SET search_path = qm, pg_temp SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    v_subjects uuid[];
    v_homes uuid[];
BEGIN
    SELECT array_agg(n.subject), array_agg(n.household) INTO v_subjects, v_homes
      FROM (SELECT u AS subject, u AS household FROM unnest(p_households) AS u
            UNION -- not ALL: callers may name a household twice, its visits count once
            SELECT h.merged_into, h.household
              FROM unnest(p_households) AS u
              JOIN qm.household h ON h.county = p_county AND h.merged_into = u) n;
    RETURN qm.events_below(p_county, v_subjects, v_homes, p_residents, p_below);
END
$$;
