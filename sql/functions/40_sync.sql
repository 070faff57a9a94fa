-- The sync of a group of batches: judge, store, apply, append to the log; one call, one commit.
-- Happy path: head lock; known batches set aside and verdicts (40_judge.sql); events; register rows
-- that events create; states and counters; entries; head.
-- Failure: any error rolls the whole call back; repeating the call gives the same entries.

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

-- Events, voids, evidence, rejected lines and batches.  Lines of a batch stand in the batch's order, and so do
-- the ids that it keeps.
CREATE OR REPLACE FUNCTION qm.sync_store(p_county int, p_batches qm.batch_in[], p_fault smallint[],
    p_dup bigint[], p_hold smallint[], p_flags smallint[], b_device uuid[], b_recv bigint[],
    l_batch int[], l_line smallint[], l_leaf bytea[], l_id uuid[], l_kind smallint[], l_seq bigint[],
    l_at bigint[], l_grid bigint[], l_household uuid[], l_resident uuid[], l_target uuid[], l_code smallint[],
    l_via smallint[], l_party smallint[], l_alerts smallint[], l_na smallint[], l_e bytea[], l_p bytea[],
    x_line int[], x_sha bytea[])
RETURNS void LANGUAGE plpgsql SET search_path = qm, pg_temp SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_nestloop = off SET enable_mergejoin = off AS $$
DECLARE
    v_idx bigint[];
    v_account text[];
BEGIN
    SELECT array_agg(b.idx ORDER BY b.b), array_agg(b.account ORDER BY b.b) INTO v_idx, v_account
      FROM unnest(p_batches) AS b;

    INSERT INTO qm.event (county, id, idx, line, kind, code, via, party, alerts, na, hold, flags,
                          evidences, device, seq, at, recv, grid, household, resident, account, e, p)
    SELECT p_county, l_id[o], v_idx[l_batch[o]], l_line[o], l_kind[o], l_code[o], l_via[o], l_party[o],
           l_alerts[o], l_na[o], p_hold[o], p_flags[o], coalesce(x.n, 0), b_device[l_batch[o]], l_seq[o],
           l_at[o], b_recv[l_batch[o]], l_grid[o], l_household[o], l_resident[o], v_account[l_batch[o]],
           l_e[o], l_p[o]
      FROM generate_series(1, cardinality(p_fault)) AS o
      LEFT JOIN (SELECT u.o, count(*)::smallint AS n FROM unnest(x_line) AS u (o) GROUP BY u.o) x USING (o)
     WHERE p_fault[o] = 0 AND p_dup[o] IS NULL;

    IF 7 = ANY (l_kind) THEN
        INSERT INTO qm.void_mark (county, target, event, account, idx)
        SELECT p_county, l_target[o], l_id[o], v_account[l_batch[o]], v_idx[l_batch[o]]
          FROM generate_series(1, cardinality(p_fault)) AS o
         WHERE p_fault[o] = 0 AND p_dup[o] IS NULL AND l_kind[o] = 7;
    END IF;

    IF x_line <> '{}' THEN
        INSERT INTO qm.evidence (county, sha256, event)
        SELECT p_county, x.sha, l_id[x.o] FROM unnest(x_line, x_sha) AS x (o, sha)
         WHERE p_fault[x.o] = 0 AND p_dup[x.o] IS NULL;
        INSERT INTO qm.want (county, sha256, event, account)
        SELECT p_county, x.sha, l_id[x.o], v_account[l_batch[x.o]] FROM unnest(x_line, x_sha) AS x (o, sha)
         WHERE p_fault[x.o] = 0 AND p_dup[x.o] IS NULL
           AND (SELECT b.bytes FROM qm.blob b WHERE b.county = p_county AND b.sha256 = x.sha) IS NULL;
    END IF;

    IF 0 <> ANY (p_fault) THEN
        INSERT INTO qm.quarantine (county, idx, line, reason, recv, leaf, e, p)
        SELECT p_county, v_idx[l_batch[o]], l_line[o], p_fault[o], b_recv[l_batch[o]], l_leaf[o], l_e[o], l_p[o]
          FROM generate_series(1, cardinality(p_fault)) AS o WHERE p_fault[o] <> 0;
    END IF;

    INSERT INTO qm.batch (county, device, batch, root, idx, ids)
    SELECT p_county, b.device, b.batch, b.root, b.idx, l.ids
      FROM unnest(p_batches) AS b
      JOIN (SELECT l_batch[o] AS b, array_agg(CASE WHEN p_fault[o] = 0 THEN l_id[o] END) AS ids
              FROM generate_series(1, cardinality(p_fault)) AS o GROUP BY 1) l USING (b)
     WHERE b.status = 0;
END
$$;

-- What the office knows of the phones: when they came and which sequence numbers, a run of lines at a time.
CREATE OR REPLACE FUNCTION qm.sync_phones(p_county int, p_fault smallint[], p_dup bigint[], b_device uuid[],
                                          b_recv bigint[], l_batch int[], l_seq bigint[])
RETURNS void LANGUAGE plpgsql SET search_path = qm, pg_temp SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    v_runs record := qm.sync_runs(l_batch, l_seq, p_fault, p_dup);
    v_device uuid[];
    v_recv bigint[];
    v_recorded int8multirange[];
    v_rejected int8multirange[];
BEGIN
    SELECT array_agg(u.device), array_agg(u.recv), array_agg(coalesce(u.recorded, '{}')),
           array_agg(coalesce(u.rejected, '{}'))
      INTO v_device, v_recv, v_recorded, v_rejected
      FROM (SELECT b_device[l_batch[r.a]] AS device, max(b_recv[l_batch[r.a]]) AS recv,
                   range_agg(int8range(l_seq[r.a], l_seq[r.z], '[]'))
                       FILTER (WHERE p_fault[r.a] = 0 AND p_dup[r.a] IS NULL) AS recorded,
                   range_agg(int8range(l_seq[r.a], l_seq[r.z], '[]'))
                       FILTER (WHERE p_fault[r.a] <> 0 AND l_seq[r.a] IS NOT NULL) AS rejected
              FROM unnest(v_runs.r_first, v_runs.r_last) AS r (a, z)
             WHERE p_fault[r.a] IS NOT NULL GROUP BY 1) u;
    UPDATE qm.device d
       SET last_recv = greatest(d.last_recv, n.recv), recorded = d.recorded + n.recorded,
           rejected = d.rejected + n.rejected
      FROM unnest(v_device, v_recv, v_recorded, v_rejected) AS n (device, recv, recorded, rejected)
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
    INSERT INTO qm.household_card (county, household, grid, door, head, phone, phone_mac)
    SELECT v_county, l.household, h.grid, coalesce(c.door, ''), c.name, c.phone, c.mac
      FROM unnest(p_lines) AS l
      JOIN qm.household h ON h.county = v_county AND h.household = l.household
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

-- The accepted events of a group as the fold sees them, without those of subjects that are folded anew.
-- m_: households that were merged, and into which.
CREATE OR REPLACE FUNCTION qm.sync_fold(p_county int, p_fault smallint[], p_dup bigint[], p_hold smallint[],
    p_voided boolean[], p_homes uuid[], p_people uuid[], m_id uuid[], m_into uuid[], b_recv bigint[],
    l_batch int[], l_id uuid[], l_kind smallint[], l_at bigint[], l_household uuid[], l_resident uuid[],
    l_code smallint[], l_via smallint[], l_party smallint[], l_alerts smallint[], l_na smallint[],
    x_line int[], x_sha bytea[])
RETURNS qm.fold_event[] LANGUAGE plpgsql STABLE SET search_path = qm, pg_temp
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_nestloop = off SET enable_mergejoin = off AS $$
BEGIN
    RETURN (
    SELECT array_agg(ROW(q.subject, l_kind[o], l_code[o], l_via[o], (l_party[o] & 1) = 1,
                         coalesce(x.proved, false), l_alerts[o], l_na[o],
                         qm.order_key(l_at[o], b_recv[l_batch[o]], l_id[o]))::qm.fold_event)
      FROM (SELECT o, CASE WHEN l_kind[o] = 4 THEN l_resident[o]
                           ELSE coalesce(m.into_id, l_household[o]) END AS subject
              FROM generate_series(1, cardinality(p_fault)) AS o
              LEFT JOIN unnest(m_id, m_into) AS m (id, into_id) ON m.id = l_household[o]
             WHERE p_fault[o] = 0 AND p_dup[o] IS NULL AND p_hold[o] = 0 AND NOT p_voided[o]
               AND l_kind[o] < 5) q
      LEFT JOIN (SELECT u.o, bool_and((SELECT b.listed_idx FROM qm.blob b
                                        WHERE b.county = p_county AND b.sha256 = u.sha) IS NOT NULL) AS proved
                   FROM unnest(x_line, x_sha) AS u (o, sha) GROUP BY u.o) x USING (o)
     WHERE CASE WHEN l_kind[o] = 4 THEN q.subject IN (SELECT unnest(p_people))
                ELSE q.subject IN (SELECT unnest(p_homes)) END IS NOT TRUE);
END
$$;

-- What the new lines do to states: merged in where that is enough, re-folded where a void reaches back.
-- Subjects of lines that are carried over, and of such that are voided, are looked at before and after.
CREATE OR REPLACE FUNCTION qm.sync_apply(p_head qm.log_head, p_rev bigint, p_batches qm.batch_in[],
    p_fault smallint[], p_dup bigint[], p_hold smallint[], p_creates boolean[], p_voided boolean[],
    m_id uuid[], m_into uuid[], b_recv bigint[], l_batch int[], l_id uuid[], l_kind smallint[], l_at bigint[],
    l_household uuid[], l_resident uuid[], l_target uuid[], l_code smallint[], l_via smallint[], l_party smallint[],
    l_alerts smallint[], l_na smallint[], x_line int[], x_sha bytea[])
RETURNS void LANGUAGE plpgsql SET search_path = qm, pg_temp SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET enable_material = off AS $$
DECLARE
    v_county int := p_head.county;
    v_account text[] := ARRAY(SELECT b.account FROM unnest(p_batches) AS b ORDER BY b.b);
    v_rows qm.fold_event[];
    v_homes uuid[];
    v_people uuid[];
    v_carried_homes uuid[];
    v_carried_people uuid[];
    v_before record;
    v_after record;
BEGIN
    IF 7 = ANY (l_kind) THEN
        SELECT array_agg(coalesce(h.merged_into, e.household)) FILTER (WHERE e.kind < 4),
               array_agg(e.resident) FILTER (WHERE e.kind = 4),
               array_agg(coalesce(h.merged_into, e.household)) FILTER (WHERE e.kind < 4 AND e.via = 5),
               array_agg(e.resident) FILTER (WHERE e.kind = 4 AND e.via = 5)
          INTO v_homes, v_people, v_carried_homes, v_carried_people
          FROM generate_series(1, cardinality(p_fault)) AS o
          JOIN LATERAL (SELECT t.kind, t.via, t.household, t.resident, t.account FROM qm.event t
                         WHERE t.county = v_county AND t.id = l_target[o] OFFSET 0) e
            ON e.account = v_account[l_batch[o]]
          LEFT JOIN LATERAL (SELECT t.merged_into FROM qm.household t
                              WHERE t.county = v_county AND t.household = e.household OFFSET 0) h ON true
         WHERE l_kind[o] = 7 AND p_fault[o] = 0 AND p_dup[o] IS NULL;
    END IF;
    IF true = ANY (p_creates) THEN
        v_homes := v_homes || ARRAY(SELECT l_household[o] FROM generate_series(1, cardinality(p_fault)) AS o
                                     WHERE p_creates[o] AND l_kind[o] = 5);
        v_people := v_people || ARRAY(SELECT l_resident[o] FROM generate_series(1, cardinality(p_fault)) AS o
                                       WHERE p_creates[o] AND l_kind[o] = 6);
    END IF;
    IF 5 = ANY (l_via) THEN
        SELECT v_carried_homes || array_agg(coalesce(m.into_id, l_household[o])) FILTER (WHERE l_kind[o] < 4),
               v_carried_people || array_agg(l_resident[o]) FILTER (WHERE l_kind[o] = 4)
          INTO v_carried_homes, v_carried_people
          FROM generate_series(1, cardinality(p_fault)) AS o
          LEFT JOIN unnest(m_id, m_into) AS m (id, into_id) ON m.id = l_household[o]
         WHERE l_via[o] = 5 AND p_fault[o] = 0 AND p_dup[o] IS NULL AND p_hold[o] = 0 AND NOT p_voided[o];
    END IF;
    IF v_carried_homes <> '{}' OR v_carried_people <> '{}' THEN
        v_before := qm.states_of(v_county, v_carried_homes, v_carried_people, -1);
    END IF;
    v_rows := qm.sync_fold(v_county, p_fault, p_dup, p_hold, p_voided, v_homes, v_people, m_id, m_into, b_recv,
        l_batch, l_id, l_kind, l_at, l_household, l_resident, l_code, l_via, l_party, l_alerts, l_na, x_line,
        x_sha);
    IF v_rows IS NOT NULL THEN
        PERFORM qm.apply_events(v_county, p_rev, v_rows);
    END IF;
    IF v_homes <> '{}' OR v_people <> '{}' THEN
        PERFORM qm.refold(v_county, p_rev, v_homes, v_people);
    END IF;
    IF v_carried_homes <> '{}' OR v_carried_people <> '{}' THEN
        v_after := qm.states_of(v_county, v_carried_homes, v_carried_people, 1);
        PERFORM qm.carried_note(v_county, p_head.age_day, v_before.h || v_after.h, v_before.r || v_after.r);
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
    v_fault smallint[];
    v_dup bigint[];
    v_hold smallint[];
    v_flags smallint[];
    v_creates boolean[];
    v_voided boolean[];
    v_merged uuid[];
    v_into uuid[];
    v_nos int[];
    v_bodies bytea[];
    v_recvs bigint[];
BEGIN
    v_batches := qm.sync_batches(v_old, b_device, b_key, b_batch, b_root, b_recv, b_note);
    IF EXISTS (SELECT FROM unnest(v_batches) AS u WHERE u.status = 0) THEN
        SELECT * INTO v_fault, v_dup, v_hold, v_flags, v_creates, v_voided, v_merged, v_into
          FROM qm.sync_judge(p_county, v_batches, b_device, b_recv, l_batch, l_fault, l_leaf, l_id, l_kind,
              l_seq, l_at, l_grid, l_household, l_resident, l_target, l_code);
        PERFORM qm.sync_store(p_county, v_batches, v_fault, v_dup, v_hold, v_flags, b_device, b_recv, l_batch,
            l_line, l_leaf, l_id, l_kind, l_seq, l_at, l_grid, l_household, l_resident, l_target, l_code,
            l_via, l_party, l_alerts, l_na, l_e, l_p, x_line, x_sha);
        PERFORM qm.sync_phones(p_county, v_fault, v_dup, b_device, b_recv, l_batch, l_seq);
        IF true = ANY (v_creates) THEN
            PERFORM qm.sync_create(v_old, v_old.revision + 1, (
                SELECT array_agg(ROW(o, u.b, l_line[o], u.idx, u.recv, u.device, u.account, v_fault[o], v_dup[o],
                                     v_hold[o], v_flags[o], true, v_voided[o], l_leaf[o], l_id[o], l_kind[o],
                                     l_seq[o], l_at[o], l_grid[o], l_household[o], l_resident[o], l_target[o],
                                     l_code[o], l_via[o], l_party[o], l_alerts[o], l_na[o])::qm.line ORDER BY o)
                  FROM generate_series(1, cardinality(v_creates)) AS o
                  JOIN unnest(v_batches) AS u ON u.b = l_batch[o]
                 WHERE v_creates[o]), c_line, c_born, c_name, c_phone, c_phone_mac, c_door);
        END IF;
        PERFORM qm.sync_apply(v_old, v_old.revision + 1, v_batches, v_fault, v_dup, v_hold, v_creates, v_voided,
            v_merged, v_into, b_recv, l_batch, l_id, l_kind, l_at, l_household, l_resident, l_target, l_code,
            l_via, l_party, l_alerts, l_na, x_line, x_sha);
        SELECT array_agg(u.b ORDER BY u.b), array_agg(u.recv ORDER BY u.b),
               array_agg(qm.entry_text('batch/v1', u.recv, coalesce(t.verdicts, ''), '') || u.note ORDER BY u.b)
          INTO v_nos, v_recvs, v_bodies
          FROM unnest(v_batches) AS u
          LEFT JOIN (SELECT l_batch[o] AS b,
                            string_agg(l_line[o] || ' ' ||
                                       qm.verdict_text(v_fault[o], v_dup[o], v_hold[o], v_flags[o]) || E'\n',
                                       '' ORDER BY l_line[o]) AS verdicts
                       FROM generate_series(1, cardinality(v_fault)) AS o
                      WHERE v_fault[o] <> 0 OR v_dup[o] IS NOT NULL OR v_hold[o] <> 0 OR v_flags[o] <> 0
                      GROUP BY 1) t ON t.b = u.b
         WHERE u.status = 0;
        v_new := qm.log_commit(v_old, array_fill(1::smallint, ARRAY[cardinality(v_nos)]), v_recvs, v_bodies);
    END IF;
    RETURN QUERY
    SELECT u.b, u.status, u.idx, v_bodies[array_position(v_nos, u.b)], coalesce(n.accepted, 0)::int,
           coalesce(n.held, 0)::int, coalesce(n.rejected, 0)::int, coalesce(n.dup, 0)::int,
           v_new.size, v_old.size, v_old.frontier, v_new.root, v_new.tree
      FROM unnest(v_batches) AS u
      LEFT JOIN (SELECT l_batch[o] AS b,
                        count(*) FILTER (WHERE v_fault[o] = 0 AND v_dup[o] IS NULL AND v_hold[o] = 0) AS accepted,
                        count(*) FILTER (WHERE v_hold[o] <> 0) AS held,
                        count(*) FILTER (WHERE v_fault[o] <> 0) AS rejected, count(v_dup[o]) AS dup
                   FROM generate_series(1, cardinality(v_fault)) AS o GROUP BY 1) n ON n.b = u.b
     ORDER BY u.b;
END
$$;
