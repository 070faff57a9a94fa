-- The sync of a group of batches: judge, store, apply, append to the log; one call, one commit.
-- Happy path: head lock; known batches set aside; verdicts, each line as if the ones before it were
-- committed; events; register rows that events create; states and counters; entries; head.
-- Plans are made once a connection, when tables may still be empty: they are held to index look-ups by
-- the whole key (LATERAL ... OFFSET 0), which stay right when the tables have grown.
-- Failure: any error rolls the whole call back; repeating the call gives the same entries.

-- Sets known, foreign and late batches aside and gives the others their index.
CREATE OR REPLACE FUNCTION qm.sync_batches(p_head qm.log_head, b_device uuid[], b_key bytea[],
                                           b_batch uuid[], b_root bytea[], b_recv bigint[], b_note bytea[])
RETURNS qm.batch_in[] LANGUAGE plpgsql STABLE SET search_path = qm, pg_temp
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
    RETURN (
    WITH asked AS (
        SELECT u.*, d.account, d.revoked_idx, k.idx AS known,
               CASE WHEN d.key IS DISTINCT FROM u.key THEN 3
                    WHEN k.root = u.root THEN 1
                    WHEN k.root IS NOT NULL THEN 2
                    WHEN d.revoked_idx IS NOT NULL AND u.recv > d.revoked_recv + 1209600000 THEN 4
                    ELSE 0 END AS status
          FROM unnest(b_device, b_key, b_batch, b_root, b_recv, b_note) WITH ORDINALITY
               AS u (device, key, batch, root, recv, note, b)
          LEFT JOIN qm.device d ON d.county = p_head.county AND d.device = u.device
          LEFT JOIN qm.batch k ON k.county = p_head.county AND k.device = u.device AND k.batch = u.batch
    ), numbered AS (
        SELECT asked.*, count(*) FILTER (WHERE status = 0) OVER (ORDER BY b) AS nth FROM asked
    )
    SELECT array_agg(ROW(b, device, account, batch, root, recv, note, status,
                         CASE WHEN status = 0 THEN p_head.size + nth - 1 ELSE known END,
                         revoked_idx IS NOT NULL)::qm.batch_in ORDER BY b)
      FROM numbered);
END
$$;

-- Verdict of each line of the new batches.
CREATE OR REPLACE FUNCTION qm.sync_judge(p_county int, p_batches qm.batch_in[], l_batch int[],
    l_line smallint[], l_fault smallint[], l_leaf bytea[], l_id uuid[], l_kind smallint[],
    l_seq bigint[], l_at bigint[], l_grid bigint[], l_household uuid[], l_resident uuid[],
    l_target uuid[], l_code smallint[], l_via smallint[], l_party smallint[], l_alerts smallint[],
    l_na smallint[])
RETURNS qm.line[] LANGUAGE plpgsql STABLE SET search_path = qm, pg_temp
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_bitmapscan = off AS $$
BEGIN
    RETURN (
    WITH raw AS MATERIALIZED (
        SELECT l.*, b.idx, b.recv, b.device, b.account, b.hold AS revoked,
               CASE WHEN fault <> 0 THEN fault WHEN grid / 1000000000 <> p_county THEN 3 ELSE 0 END AS fault0
          FROM unnest(l_batch, l_line, l_fault, l_leaf, l_id, l_kind, l_seq, l_at, l_grid, l_household,
                      l_resident, l_target, l_code, l_via, l_party, l_alerts, l_na)
               WITH ORDINALITY AS l (b, line, fault, leaf, id, kind, seq, at, grid, household, resident,
                                     target, code, via, party, alerts, na, ord)
          JOIN unnest(p_batches) AS b ON b.b = l.b AND b.status = 0
    ), twice AS MATERIALIZED (
        SELECT id FROM raw WHERE fault = 0 GROUP BY id HAVING count(*) > 1
    ), repeated AS MATERIALIZED (
        -- Lines that share an id in this group: which of their batch comes first, which of all.
        SELECT c.ord, c.again, first_value(ord) OVER w AS first_ord, first_value(leaf) OVER w AS first_leaf,
               first_value(idx) OVER w AS first_idx
          FROM (SELECT r.ord, r.id, r.leaf, r.idx,
                       CASE WHEN r.fault0 <> 0 THEN 2
                            WHEN row_number() OVER (PARTITION BY r.b, r.id ORDER BY r.ord) > 1 THEN 1
                            ELSE 0 END AS again
                  FROM raw r WHERE r.fault = 0 AND r.id IN (SELECT t.id FROM twice t)) c
        WINDOW w AS (PARTITION BY id ORDER BY again, ord)
    ), candidate AS (
        SELECT r.*, CASE WHEN r.fault0 = 0 AND x.again = 1 THEN 4 ELSE r.fault0 END AS fault1,
               coalesce(x.first_ord, r.ord) AS first_ord, x.first_leaf, x.first_idx
          FROM raw r LEFT JOIN repeated x ON x.ord = r.ord
    ), settled AS MATERIALIZED (
        SELECT c.*,
               CASE WHEN k.id IS NOT NULL THEN k.idx WHEN c.ord <> c.first_ord THEN c.first_idx END AS known,
               CASE WHEN k.id IS NOT NULL THEN sha256('\x00'::bytea || k.e) = c.leaf
                    WHEN c.ord <> c.first_ord THEN c.leaf = c.first_leaf END AS same
          FROM candidate c
          LEFT JOIN LATERAL (SELECT e.id, e.idx, e.e FROM qm.event e
                              WHERE e.county = p_county AND e.id = c.id AND c.fault1 = 0 OFFSET 0) k ON true
    ), void_now AS MATERIALIZED (
        SELECT ord, target, account FROM settled WHERE fault1 = 0 AND known IS NULL AND kind = 7
    ), seq_twice AS MATERIALIZED (
        SELECT device, seq FROM settled WHERE fault1 = 0 AND known IS NULL
         GROUP BY device, seq HAVING count(*) > 1
    ), fresh AS MATERIALIZED (
        SELECT s.*,
               EXISTS (SELECT FROM qm.void_mark v
                        WHERE v.county = p_county AND v.target = s.id AND v.account = s.account)
               OR EXISTS (SELECT FROM void_now v
                           WHERE v.target = s.id AND v.account = s.account AND v.ord < s.ord) AS voided,
               (s.device, s.seq) IN (SELECT t.device, t.seq FROM seq_twice t)
               AND EXISTS (SELECT FROM settled o
                            WHERE o.fault1 = 0 AND o.known IS NULL AND o.device = s.device AND o.seq = s.seq
                              AND o.ord < s.ord)
               OR EXISTS (SELECT FROM qm.device d
                           WHERE d.county = p_county AND d.device = s.device
                             AND d.recorded @> s.seq) AS seq_seen,
               h.grid AS home_grid
          FROM settled s
          LEFT JOIN LATERAL (SELECT t.grid FROM qm.household t
                              WHERE t.county = p_county AND t.household = s.household OFFSET 0) h ON true
         WHERE s.fault1 = 0 AND s.known IS NULL
    ), home_made AS MATERIALIZED (
        SELECT DISTINCT ON (household) household, ord, grid
          FROM fresh f
         WHERE kind = 5 AND home_grid IS NULL AND NOT revoked AND NOT voided
           AND EXISTS (SELECT FROM qm.account_grid g
                        WHERE g.county = p_county AND g.account = f.account AND g.grid = f.grid AND g.now)
         ORDER BY household, ord
    ), placed AS (
        SELECT f.*, m.ord AS made_ord, x.now AS has_now, x.grid IS NOT NULL AS had_g,
               y.grid IS NOT NULL AS had_e
          FROM fresh f
          LEFT JOIN home_made m ON m.household = f.household AND m.ord <= f.ord
          LEFT JOIN LATERAL (SELECT g.grid, g.now FROM qm.account_grid g
                              WHERE g.county = p_county AND g.account = f.account
                                AND g.grid = coalesce(f.home_grid, m.grid, f.grid) OFFSET 0) x ON true
          LEFT JOIN LATERAL (SELECT g.grid FROM qm.account_grid g
                              WHERE g.county = p_county AND g.account = f.account
                                AND g.grid = f.grid OFFSET 0) y ON true
    ), held AS MATERIALIZED (
        SELECT p.*,
               CASE WHEN revoked THEN 1 WHEN has_now THEN 0 WHEN had_g OR had_e THEN 3 ELSE 2 END AS hold1,
               r.resident IS NOT NULL AS resident_known
          FROM placed p
          LEFT JOIN LATERAL (SELECT t.resident FROM qm.resident t
                              WHERE t.county = p_county AND t.resident = p.resident OFFSET 0) r ON true
    ), person_made AS MATERIALIZED (
        SELECT DISTINCT ON (resident) resident, ord
          FROM held
         WHERE kind = 6 AND code IN (1, 2) AND NOT resident_known AND hold1 = 0 AND NOT voided
         ORDER BY resident, ord
    ), judged AS (
        SELECT h.*, h.made_ord = h.ord OR coalesce(m.ord = h.ord, false) AS makes,
               CASE WHEN hold1 <> 0 THEN 0 ELSE
                     CASE WHEN at > recv + 600000 THEN 1 ELSE 0 END
                   | CASE WHEN at < recv - 2592000000 THEN 2 ELSE 0 END
                   | CASE WHEN h.household IS NOT NULL AND home_grid IS NULL AND made_ord IS NULL
                            OR h.resident IS NOT NULL AND NOT resident_known AND m.ord IS NULL
                          THEN 4 ELSE 0 END
                   | CASE WHEN seq_seen THEN 8 ELSE 0 END END AS flags1
          FROM held h
          LEFT JOIN person_made m ON m.resident = h.resident AND m.ord <= h.ord
    ), verdict AS (
        SELECT ord, b, line, idx, recv, device, account, 0 AS fault1, NULL::bigint AS dup, hold1, flags1,
               coalesce(makes, false) AS makes, voided, leaf, id, kind, seq, at, grid, household, resident, target,
               code, via, party, alerts, na
          FROM judged
        UNION ALL
        SELECT ord, b, line, idx, recv, device, account, CASE WHEN same THEN 0 ELSE 4 END,
               CASE WHEN same THEN known END, 0, 0, false, false, leaf, id, kind, seq, at, grid, household,
               resident, target, code, via, party, alerts, na
          FROM settled WHERE fault1 = 0 AND known IS NOT NULL
        UNION ALL
        SELECT ord, b, line, idx, recv, device, account, fault1, NULL, 0, 0, false, false, leaf, id, kind,
               seq, at, grid, household, resident, target, code, via, party, alerts, na
          FROM settled WHERE fault1 <> 0
    )
    SELECT array_agg(ROW(ord, b, line, idx, recv, device, account, fault1, dup, hold1, flags1, makes,
                         voided, leaf, id, kind, seq, at, grid, household, resident, target, code, via,
                         party, alerts, na)::qm.line)
      FROM verdict);
END
$$;

-- Words of one verdict line, behind the line's number; null for an accepted event.
CREATE OR REPLACE FUNCTION qm.verdict_text(p_fault smallint, p_dup bigint, p_hold smallint, p_flags smallint)
RETURNS text LANGUAGE sql STABLE AS $$
    SELECT CASE
        WHEN p_fault <> 0 THEN 'reject ' || (ARRAY['schema', 'private', 'county', 'conflict'])[p_fault]
        WHEN p_dup IS NOT NULL THEN 'dup ' || p_dup
        WHEN p_hold <> 0 THEN 'hold ' || (ARRAY['revoked', 'scope', 'moved'])[p_hold]
        WHEN p_flags <> 0 THEN 'flag ' || array_to_string(array_remove(ARRAY[
            CASE WHEN p_flags & 1 <> 0 THEN 'future' END, CASE WHEN p_flags & 2 <> 0 THEN 'late' END,
            CASE WHEN p_flags & 4 <> 0 THEN 'unknown' END, CASE WHEN p_flags & 8 <> 0 THEN 'seq' END],
            NULL), ',')
        END
$$;

-- Events, voids, evidence, rejected lines, batches and what the office knows of the phones.
CREATE OR REPLACE FUNCTION qm.sync_store(p_county int, p_batches qm.batch_in[], p_lines qm.line[],
                                         l_e bytea[], l_p bytea[], x_line int[], x_sha bytea[])
RETURNS void LANGUAGE plpgsql SET search_path = qm, pg_temp SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off AS $$
BEGIN
    INSERT INTO qm.event (county, id, idx, line, kind, code, via, party, alerts, na, hold, flags,
                          evidences, device, seq, at, recv, grid, household, resident, account, e, p)
    SELECT p_county, l.id, l.idx, l.line, l.kind, l.code, l.via, l.party, l.alerts, l.na, l.hold, l.flags,
           coalesce(x.n, 0), l.device, l.seq, l.at, l.recv, l.grid, l.household, l.resident, l.account,
           w.e, w.p
      FROM unnest(p_lines) AS l
      JOIN unnest(l_e, l_p) WITH ORDINALITY AS w (e, p, ord) ON w.ord = l.ord
      LEFT JOIN (SELECT u.ord, count(*)::smallint AS n FROM unnest(x_line) AS u (ord) GROUP BY u.ord) x
             ON x.ord = l.ord
     WHERE l.fault = 0 AND l.dup IS NULL;

    INSERT INTO qm.void_mark (county, target, event, account, idx)
    SELECT p_county, l.target, l.id, l.account, l.idx
      FROM unnest(p_lines) AS l WHERE l.fault = 0 AND l.dup IS NULL AND l.kind = 7;

    IF x_line <> '{}' THEN
        INSERT INTO qm.evidence (county, sha256, event)
        SELECT p_county, x.sha, l.id
          FROM unnest(x_line, x_sha) AS x (ord, sha)
          JOIN unnest(p_lines) AS l ON l.ord = x.ord AND l.fault = 0 AND l.dup IS NULL;
        INSERT INTO qm.want (county, sha256, event, account)
        SELECT p_county, x.sha, l.id, l.account
          FROM unnest(x_line, x_sha) AS x (ord, sha)
          JOIN unnest(p_lines) AS l ON l.ord = x.ord AND l.fault = 0 AND l.dup IS NULL
         WHERE (SELECT b.bytes FROM qm.blob b WHERE b.county = p_county AND b.sha256 = x.sha) IS NULL;
    END IF;

    INSERT INTO qm.quarantine (county, idx, line, reason, recv, leaf, e, p)
    SELECT p_county, l.idx, l.line, l.fault, l.recv, l.leaf, w.e, w.p
      FROM unnest(p_lines) AS l
      JOIN unnest(l_e, l_p) WITH ORDINALITY AS w (e, p, ord) ON w.ord = l.ord
     WHERE l.fault <> 0;

    INSERT INTO qm.batch (county, device, batch, root, idx, ids)
    SELECT p_county, b.device, b.batch, b.root, b.idx, l.ids
      FROM unnest(p_batches) AS b
      JOIN (SELECT u.b, array_agg(CASE WHEN u.fault = 0 THEN u.id END ORDER BY u.line) AS ids
              FROM unnest(p_lines) AS u GROUP BY u.b) l ON l.b = b.b
     WHERE b.status = 0;

    UPDATE qm.device d
       SET last_recv = greatest(d.last_recv, n.recv),
           recorded = d.recorded + coalesce(n.recorded, '{}'),
           rejected = d.rejected + coalesce(n.rejected, '{}')
      FROM (SELECT u.device, max(u.recv) AS recv,
                   range_agg(int8range(u.seq, u.seq, '[]')) FILTER (WHERE u.fault = 0 AND u.dup IS NULL) AS recorded,
                   range_agg(int8range(u.seq, u.seq, '[]')) FILTER (WHERE u.fault <> 0 AND u.seq IS NOT NULL) AS rejected
              FROM unnest(p_lines) AS u GROUP BY u.device) n
     WHERE d.county = p_county AND d.device = n.device;
END
$$;

-- Register rows that accepted events create.
CREATE OR REPLACE FUNCTION qm.sync_create(p_head qm.log_head, p_rev bigint, p_lines qm.line[],
    c_line int[], c_born date[], c_name bytea[], c_phone bytea[], c_phone_mac bytea[], c_door text[])
RETURNS void LANGUAGE plpgsql SET search_path = qm, pg_temp SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    v_county int := p_head.county;
    v_h qm.household_state[];
    v_r qm.resident_state[];
    v_homes uuid[];
    v_people uuid[];
BEGIN
    WITH made AS (
        INSERT INTO qm.household AS h (county, household, grid, place, status, worker, rev)
        SELECT v_county, l.household, l.grid, l.code, 1, l.account, p_rev
          FROM unnest(p_lines) AS l WHERE l.creates AND l.kind = 5
        ON CONFLICT (county, household) DO NOTHING
        RETURNING h.household, qm.state_of(h, 1) AS s
    )
    SELECT array_agg(household), array_agg(s) INTO v_homes, v_h FROM made;
    INSERT INTO qm.household_card (county, household, door, head, phone, phone_mac)
    SELECT v_county, l.household, coalesce(c.door, ''), c.name, c.phone, c.mac
      FROM unnest(p_lines) AS l
      LEFT JOIN unnest(c_line, c_name, c_phone, c_phone_mac, c_door) AS c (ord, name, phone, mac, door)
             ON c.ord = l.ord
     WHERE l.creates AND l.kind = 5
    ON CONFLICT (county, household) DO NOTHING;

    WITH made AS (
        INSERT INTO qm.resident AS r (county, resident, household, grid, home, status, born, band, rev)
        SELECT v_county, l.resident, coalesce(h.merged_into, l.household), coalesce(h.grid, l.grid),
               CASE WHEN h.status = 5 THEN qm.home_of(t.place, t.status)
                    ELSE qm.home_of(h.place, h.status) END,
               CASE WHEN c.born IS NULL THEN 5 ELSE 1 END, c.born,
               qm.age_band(c.born, p_head.age_day), p_rev
          FROM unnest(p_lines) AS l
          LEFT JOIN qm.household h ON h.county = v_county AND h.household = l.household
          LEFT JOIN qm.household t ON t.county = v_county AND t.household = h.merged_into
          LEFT JOIN unnest(c_line, c_born) AS c (ord, born) ON c.ord = l.ord
         WHERE l.creates AND l.kind = 6
        ON CONFLICT (county, resident) DO NOTHING
        RETURNING r.resident, qm.state_of(r, 1) AS s
    )
    SELECT array_agg(resident), array_agg(s) INTO v_people, v_r FROM made;
    INSERT INTO qm.resident_card (county, resident, name, phone, phone_mac)
    SELECT v_county, l.resident, c.name, c.phone, c.mac
      FROM unnest(p_lines) AS l
      LEFT JOIN unnest(c_line, c_name, c_phone, c_phone_mac) AS c (ord, name, phone, mac) ON c.ord = l.ord
     WHERE l.creates AND l.kind = 6
    ON CONFLICT (county, resident) DO NOTHING;

    PERFORM qm.post(v_county, v_h, v_r);
    PERFORM qm.rehome(v_county, p_rev, v_homes);
    PERFORM qm.refold(v_county, p_rev, v_homes, v_people);
END
$$;

-- What the new lines do to states: merged in where that is enough, re-folded where a void reaches back.
CREATE OR REPLACE FUNCTION qm.sync_apply(p_head qm.log_head, p_rev bigint, p_lines qm.line[],
                                         x_line int[], x_sha bytea[])
RETURNS void LANGUAGE plpgsql SET search_path = qm, pg_temp SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_bitmapscan = off AS $$
DECLARE
    v_county int := p_head.county;
    v_rows qm.fold_event[];
    v_homes uuid[];
    v_people uuid[];
BEGIN
    IF EXISTS (SELECT FROM unnest(p_lines) AS l WHERE l.kind = 7 AND l.fault = 0 AND l.dup IS NULL) THEN
        SELECT array_agg(coalesce(h.merged_into, e.household)) FILTER (WHERE e.kind < 4),
               array_agg(e.resident) FILTER (WHERE e.kind = 4)
          INTO v_homes, v_people
          FROM unnest(p_lines) AS l
          JOIN LATERAL (SELECT t.kind, t.household, t.resident FROM qm.event t
                         WHERE t.county = v_county AND t.id = l.target AND t.account = l.account OFFSET 0) e ON true
          LEFT JOIN LATERAL (SELECT t.merged_into FROM qm.household t
                              WHERE t.county = v_county AND t.household = e.household OFFSET 0) h ON true
         WHERE l.kind = 7 AND l.fault = 0 AND l.dup IS NULL;
    END IF;
    v_homes := coalesce(v_homes, '{}') || coalesce((SELECT array_agg(l.household) FROM unnest(p_lines) AS l
                                                    WHERE l.creates AND l.kind = 5), '{}');
    v_people := coalesce(v_people, '{}') || coalesce((SELECT array_agg(l.resident) FROM unnest(p_lines) AS l
                                                      WHERE l.creates AND l.kind = 6), '{}');
    SELECT array_agg(ROW(q.subject, q.kind, q.code, q.via, (q.party & 1) = 1, coalesce(q.proved, false),
                         q.alerts, q.na, qm.order_key(q.at, q.recv, q.id))::qm.fold_event)
      INTO v_rows
      FROM (SELECT l.*, x.proved,
                   CASE WHEN l.kind = 4 THEN l.resident ELSE coalesce(h.merged_into, l.household) END AS subject
              FROM unnest(p_lines) AS l
              LEFT JOIN LATERAL (SELECT t.merged_into FROM qm.household t
                                  WHERE t.county = v_county AND t.household = l.household OFFSET 0) h ON true
              LEFT JOIN (SELECT u.ord, bool_and((SELECT b.listed_idx FROM qm.blob b
                                                  WHERE b.county = v_county AND b.sha256 = u.sha) IS NOT NULL) AS proved
                           FROM unnest(x_line, x_sha) AS u (ord, sha) GROUP BY u.ord) x ON x.ord = l.ord
             WHERE l.fault = 0 AND l.dup IS NULL AND l.hold = 0 AND NOT l.voided AND l.kind < 5) q
     WHERE NOT (CASE WHEN q.kind = 4 THEN q.subject = ANY (v_people) ELSE q.subject = ANY (v_homes) END);
    IF v_rows IS NOT NULL THEN
        PERFORM qm.apply_events(v_county, p_rev, v_rows);
    END IF;
    IF v_homes <> '{}' OR v_people <> '{}' THEN
        PERFORM qm.refold(v_county, p_rev, v_homes, v_people);
    END IF;
END
$$;

CREATE OR REPLACE FUNCTION qm.sync(p_county int, b_device uuid[], b_key bytea[], b_batch uuid[],
    b_root bytea[], b_recv bigint[], b_note bytea[], b_lines int[],
    l_batch int[], l_line smallint[], l_fault smallint[], l_leaf bytea[], l_id uuid[], l_kind smallint[],
    l_seq bigint[], l_at bigint[], l_grid bigint[], l_household uuid[], l_resident uuid[],
    l_target uuid[], l_code smallint[], l_why smallint[], l_via smallint[], l_party smallint[],
    l_alerts smallint[], l_na smallint[], l_e bytea[], l_p bytea[], x_line int[], x_sha bytea[],
    c_line int[], c_born date[], c_name bytea[], c_phone bytea[], c_phone_mac bytea[], c_door text[])
RETURNS TABLE (b int, status smallint, idx bigint, entry bytea, accepted int, held int, rejected int,
               dup int, size bigint, old_size bigint, old_frontier bytea[], root bytea, tree int)
LANGUAGE plpgsql SET search_path = qm, pg_temp SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    v_old qm.log_head := qm.lock_head(p_county);
    v_new qm.log_head := v_old;
    v_batches qm.batch_in[];
    v_lines qm.line[] := '{}';
    v_nos int[];
    v_bodies bytea[];
    v_recvs bigint[];
BEGIN
    v_batches := qm.sync_batches(v_old, b_device, b_key, b_batch, b_root, b_recv, b_note);
    IF EXISTS (SELECT FROM unnest(v_batches) AS u WHERE u.status = 0) THEN
        v_lines := qm.sync_judge(p_county, v_batches, l_batch, l_line, l_fault, l_leaf, l_id, l_kind,
            l_seq, l_at, l_grid, l_household, l_resident, l_target, l_code, l_via, l_party, l_alerts,
            l_na);
        PERFORM qm.sync_store(p_county, v_batches, v_lines, l_e, l_p, x_line, x_sha);
        IF EXISTS (SELECT FROM unnest(v_lines) AS u WHERE u.creates) THEN
            PERFORM qm.sync_create(v_old, v_old.revision + 1, v_lines, c_line, c_born, c_name, c_phone,
                                   c_phone_mac, c_door);
        END IF;
        PERFORM qm.sync_apply(v_old, v_old.revision + 1, v_lines, x_line, x_sha);
        SELECT array_agg(u.b ORDER BY u.b), array_agg(u.recv ORDER BY u.b),
               array_agg(qm.entry_text('batch/v1', u.recv, coalesce(t.verdicts, ''), '') || u.note ORDER BY u.b)
          INTO v_nos, v_recvs, v_bodies
          FROM unnest(v_batches) AS u
          LEFT JOIN (SELECT q.b, string_agg(q.line || ' ' || q.verdict || E'\n', '' ORDER BY q.line) AS verdicts
                       FROM (SELECT l.b, l.line, qm.verdict_text(l.fault, l.dup, l.hold, l.flags) AS verdict
                               FROM unnest(v_lines) AS l
                              WHERE l.fault <> 0 OR l.dup IS NOT NULL OR l.hold <> 0 OR l.flags <> 0) q
                      GROUP BY q.b) t ON t.b = u.b
         WHERE u.status = 0;
        v_new := qm.log_commit(v_old, array_fill(1::smallint, ARRAY[cardinality(v_nos)]), v_recvs, v_bodies);
    END IF;
    RETURN QUERY
    SELECT u.b, u.status, u.idx, v_bodies[array_position(v_nos, u.b)], coalesce(n.accepted, 0)::int,
           coalesce(n.held, 0)::int, coalesce(n.rejected, 0)::int, coalesce(n.dup, 0)::int,
           v_new.size, v_old.size, v_old.frontier, v_new.root, v_new.tree
      FROM unnest(v_batches) AS u
      LEFT JOIN (SELECT l.b, count(*) FILTER (WHERE l.fault = 0 AND l.dup IS NULL AND l.hold = 0) AS accepted,
                        count(*) FILTER (WHERE l.hold <> 0) AS held,
                        count(*) FILTER (WHERE l.fault <> 0) AS rejected, count(l.dup) AS dup
                   FROM unnest(v_lines) AS l GROUP BY l.b) n ON n.b = u.b
     ORDER BY u.b;
END
$$;
