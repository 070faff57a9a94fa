-- The verdicts of a group of batches: which batches are new, what the tables know of their lines, and
-- what each line is, as if the ones before it were committed.
-- A line is its ordinal in the arrays of the call: members are read as l_id[o], which is one step in
-- plpgsql (it keeps arrays expanded), where an unnest of twenty arrays copies each row several times.
-- Happy path: sync_batches, sync_known (look-ups only), sync_judge (no table at all).
-- Plans are made once a connection, when tables may still be empty: look-ups are held to the whole key
-- (LATERAL ... OFFSET 0) and never read a table once for all (no material, no hash); what joins arrays
-- hashes, whatever the number of rows that was guessed.

-- Sets known, foreign and late batches aside and gives the others their index.
CREATE OR REPLACE FUNCTION qm.sync_batches(p_head qm.log_head, b_device uuid[], b_key bytea[],
                                           b_batch uuid[], b_root bytea[], b_recv bigint[], b_note bytea[])
RETURNS qm.batch_in[] LANGUAGE plpgsql STABLE SET search_path = qm, pg_temp
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET enable_material = off AS $$
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
          LEFT JOIN LATERAL (SELECT t.account, t.key, t.revoked_idx, t.revoked_recv FROM qm.device t
                              WHERE t.county = p_head.county AND t.device = u.device OFFSET 0) d ON true
          LEFT JOIN LATERAL (SELECT t.root, t.idx FROM qm.batch t
                              WHERE t.county = p_head.county AND t.device = u.device
                                AND t.batch = u.batch OFFSET 0) k ON true
    ), numbered AS (
        SELECT asked.*, count(*) FILTER (WHERE status = 0) OVER (ORDER BY b) AS nth FROM asked
    )
    SELECT array_agg(ROW(b, device, account, batch, root, recv, note, status,
                         CASE WHEN status = 0 THEN p_head.size + nth - 1 ELSE known END,
                         revoked_idx IS NOT NULL)::qm.batch_in ORDER BY b)
      FROM numbered);
END
$$;

-- What the tables know of the lines.  e_: lines whose event is recorded, its entry, whether it has the
-- same bytes; v_line: lines that their own account voided before; h_, r_: households and residents of
-- the register; by batch, as sets of numbers: grids that its account has now and ever had, sequence
-- numbers that its phone has used.
CREATE OR REPLACE FUNCTION qm.sync_known(p_county int, p_batches qm.batch_in[], l_batch int[], l_leaf bytea[],
    l_id uuid[], l_household uuid[], l_resident uuid[],
    OUT e_line int[], OUT e_idx bigint[], OUT e_same boolean[], OUT v_line int[],
    OUT h_id uuid[], OUT h_grid bigint[], OUT h_into uuid[], OUT r_id uuid[],
    OUT b_now int8multirange[], OUT b_ever int8multirange[], OUT b_recorded int8multirange[])
LANGUAGE plpgsql STABLE SET search_path = qm, pg_temp SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET enable_nestloop = on SET enable_material = off AS $$
DECLARE
    v_account text[];
BEGIN
    SELECT array_agg(b.account ORDER BY b.b), array_agg(g.has ORDER BY b.b), array_agg(g.had ORDER BY b.b),
           array_agg(d.recorded ORDER BY b.b)
      INTO v_account, b_now, b_ever, b_recorded
      FROM unnest(p_batches) AS b
      LEFT JOIN LATERAL (SELECT range_agg(int8range(t.grid, t.grid, '[]')) FILTER (WHERE t.now) AS has,
                                range_agg(int8range(t.grid, t.grid, '[]')) AS had
                           FROM qm.account_grid t
                          WHERE t.county = p_county AND t.account = b.account) g ON true
      LEFT JOIN LATERAL (SELECT t.recorded FROM qm.device t
                          WHERE t.county = p_county AND t.device = b.device OFFSET 0) d ON true;
    SELECT array_agg(o), array_agg(e.idx), array_agg(sha256('\x00'::bytea || e.e) = l_leaf[o])
      INTO e_line, e_idx, e_same
      FROM generate_series(1, cardinality(l_id)) AS o
      JOIN LATERAL (SELECT t.idx, t.e FROM qm.event t
                     WHERE t.county = p_county AND t.id = l_id[o] OFFSET 0) e ON true;
    SELECT array_agg(DISTINCT o) INTO v_line
      FROM generate_series(1, cardinality(l_id)) AS o
      JOIN LATERAL (SELECT t.account FROM qm.void_mark t
                     WHERE t.county = p_county AND t.target = l_id[o] OFFSET 0) v
        ON v.account = v_account[l_batch[o]];
    SELECT array_agg(u.id), array_agg(h.grid), array_agg(h.merged_into) INTO h_id, h_grid, h_into
      FROM (SELECT DISTINCT unnest(l_household)) AS u (id)
      JOIN LATERAL (SELECT t.grid, t.merged_into FROM qm.household t
                     WHERE t.county = p_county AND t.household = u.id OFFSET 0) h ON true;
    SELECT array_agg(u.id) INTO r_id
      FROM (SELECT DISTINCT unnest(l_resident)) AS u (id)
      JOIN LATERAL (SELECT FROM qm.resident t
                     WHERE t.county = p_county AND t.resident = u.id OFFSET 0) r ON true;
END
$$;

-- Verdict of each line, by its ordinal (fault null: of a batch that is not new); and the households
-- among them that were merged, and into which.
CREATE OR REPLACE FUNCTION qm.sync_judge(p_county int, p_batches qm.batch_in[], b_device uuid[], b_recv bigint[],
    l_batch int[], l_fault smallint[], l_leaf bytea[], l_id uuid[], l_kind smallint[], l_seq bigint[],
    l_at bigint[], l_grid bigint[], l_household uuid[], l_resident uuid[], l_target uuid[], l_code smallint[],
    OUT fault smallint[], OUT dup bigint[], OUT hold smallint[], OUT flags smallint[],
    OUT creates boolean[], OUT voided boolean[], OUT merged uuid[], OUT merged_into uuid[])
LANGUAGE plpgsql STABLE SET search_path = qm, pg_temp SET plan_cache_mode = force_generic_plan
SET enable_nestloop = off SET enable_mergejoin = off AS $$
DECLARE
    v_new boolean[];
    v_idx bigint[];
    v_account text[];
    v_revoked boolean[];
    v_phone int[]; -- the first batch of the same phone
    v_now int8multirange[];
    v_ever int8multirange[];
    v_recorded int8multirange[];
    k record;
BEGIN
    SELECT array_agg(b.status = 0 ORDER BY b.b), array_agg(b.idx ORDER BY b.b), array_agg(b.account ORDER BY b.b),
           array_agg(b.hold ORDER BY b.b), array_agg(array_position(b_device, b.device) ORDER BY b.b)
      INTO v_new, v_idx, v_account, v_revoked, v_phone
      FROM unnest(p_batches) AS b;
    SELECT * INTO k FROM qm.sync_known(p_county, p_batches, l_batch, l_leaf, l_id, l_household, l_resident);
    v_now := k.b_now;
    v_ever := k.b_ever;
    v_recorded := k.b_recorded;
    SELECT array_agg(h.id), array_agg(h.into_id) INTO merged, merged_into
      FROM unnest(k.h_id, k.h_into) AS h (id, into_id) WHERE h.into_id IS NOT NULL;

    WITH raw AS MATERIALIZED (
        SELECT o AS ord, l_batch[o] AS b, l_id[o] AS id, l_kind[o] AS kind, l_seq[o] AS seq, l_grid[o] AS grid,
               CASE WHEN NOT v_new[l_batch[o]] THEN NULL WHEN l_fault[o] <> 0 THEN l_fault[o]
                    WHEN l_grid[o] / 1000000000 <> p_county THEN 3 ELSE 0 END AS fault0
          FROM generate_series(1, cardinality(l_id)) AS o
    ), twice AS MATERIALIZED (
        SELECT r.id FROM raw r WHERE r.fault0 IN (0, 3) GROUP BY r.id HAVING count(*) > 1
    ), repeated AS MATERIALIZED (
        -- Lines that share an id in this group: which of their batch comes first, which of all.
        SELECT c.ord, c.again, first_value(c.ord) OVER w AS first_ord
          FROM (SELECT r.ord, r.id,
                       CASE WHEN r.fault0 <> 0 THEN 2
                            WHEN row_number() OVER (PARTITION BY r.b, r.id ORDER BY r.ord) > 1 THEN 1
                            ELSE 0 END AS again
                  FROM raw r WHERE r.fault0 IN (0, 3) AND r.id IN (SELECT t.id FROM twice t)) c
        WINDOW w AS (PARTITION BY c.id ORDER BY c.again, c.ord)
    ), settled AS MATERIALIZED (
        SELECT r.ord, r.b, r.id, r.kind, r.seq, r.grid,
               CASE WHEN r.fault0 = 0 AND x.again = 1 THEN 4 ELSE r.fault0 END AS fault1,
               CASE WHEN e.line IS NOT NULL THEN e.idx
                    WHEN r.ord <> x.first_ord THEN v_idx[l_batch[x.first_ord]] END AS known,
               CASE WHEN e.line IS NOT NULL THEN e.same
                    WHEN r.ord <> x.first_ord THEN l_leaf[r.ord] = l_leaf[x.first_ord] END AS same
          FROM raw r
          LEFT JOIN repeated x ON x.ord = r.ord
          LEFT JOIN unnest(k.e_line, k.e_idx, k.e_same) AS e (line, idx, same) ON e.line = r.ord
    ), void_now AS MATERIALIZED (
        SELECT l_target[s.ord] AS target, v_account[s.b] AS account, min(s.ord) AS ord
          FROM settled s WHERE s.fault1 = 0 AND s.known IS NULL AND s.kind = 7
         GROUP BY 1, 2
    ), seq_twice AS MATERIALIZED (
        SELECT v_phone[s.b] AS phone, s.seq, min(s.ord) AS ord
          FROM settled s WHERE s.fault1 = 0 AND s.known IS NULL
         GROUP BY 1, 2 HAVING count(*) > 1
    ), fresh AS MATERIALIZED (
        SELECT s.ord, s.b, s.kind, s.grid, l_household[s.ord] AS household, l_resident[s.ord] AS resident,
               h.grid AS home_grid, r.id IS NOT NULL AS resident_known,
               v.ord IS NOT NULL OR n.ord < s.ord AS voided,
               q.ord < s.ord OR v_recorded[s.b] @> s.seq AS seq_seen
          FROM settled s
          LEFT JOIN unnest(k.v_line) AS v (ord) ON v.ord = s.ord
          LEFT JOIN void_now n ON n.target = s.id AND n.account = v_account[s.b]
          LEFT JOIN seq_twice q ON q.phone = v_phone[s.b] AND q.seq = s.seq
          LEFT JOIN unnest(k.h_id, k.h_grid) AS h (id, grid) ON h.id = l_household[s.ord]
          LEFT JOIN unnest(k.r_id) AS r (id) ON r.id = l_resident[s.ord]
         WHERE s.fault1 = 0 AND s.known IS NULL
    ), home_made AS MATERIALIZED (
        SELECT DISTINCT ON (f.household) f.household, f.ord, f.grid
          FROM fresh f
         WHERE f.kind = 5 AND f.home_grid IS NULL AND NOT v_revoked[f.b] AND f.voided IS NOT TRUE
           AND v_now[f.b] @> f.grid
         ORDER BY f.household, f.ord
    ), held AS MATERIALIZED (
        SELECT f.*, m.ord AS made_ord,
               CASE WHEN v_revoked[f.b] THEN 1
                    WHEN v_now[f.b] @> coalesce(f.home_grid, m.grid, f.grid) THEN 0
                    WHEN v_ever[f.b] @> coalesce(f.home_grid, m.grid, f.grid) OR v_ever[f.b] @> f.grid THEN 3
                    ELSE 2 END AS hold1
          FROM fresh f
          LEFT JOIN home_made m ON m.household = f.household AND m.ord <= f.ord
    ), person_made AS MATERIALIZED (
        SELECT DISTINCT ON (h.resident) h.resident, h.ord
          FROM held h
         WHERE h.kind = 6 AND l_code[h.ord] IN (1, 2) AND NOT h.resident_known AND h.hold1 = 0
           AND h.voided IS NOT TRUE
         ORDER BY h.resident, h.ord
    ), verdict AS (
        SELECT h.ord, 0 AS fault, NULL::bigint AS dup, h.hold1 AS hold,
               h.made_ord = h.ord OR m.ord = h.ord AS creates, h.voided,
               CASE WHEN h.hold1 <> 0 THEN 0 ELSE
                     CASE WHEN l_at[h.ord] > b_recv[h.b] + 600000 THEN 1 ELSE 0 END
                   | CASE WHEN l_at[h.ord] < b_recv[h.b] - 2592000000 THEN 2 ELSE 0 END
                   | CASE WHEN h.household IS NOT NULL AND h.home_grid IS NULL AND h.made_ord IS NULL
                            OR h.resident IS NOT NULL AND NOT h.resident_known AND m.ord IS NULL
                          THEN 4 ELSE 0 END
                   | CASE WHEN h.seq_seen THEN 8 ELSE 0 END END AS flags
          FROM held h
          LEFT JOIN person_made m ON m.resident = h.resident AND m.ord <= h.ord
        UNION ALL
        SELECT s.ord, CASE WHEN s.fault1 IS DISTINCT FROM 0 THEN s.fault1 WHEN s.same THEN 0 ELSE 4 END,
               CASE WHEN s.fault1 = 0 AND s.same THEN s.known END, 0, false, false, 0
          FROM settled s WHERE s.fault1 IS DISTINCT FROM 0 OR s.known IS NOT NULL
    )
    SELECT array_agg(u.fault::smallint), array_agg(u.dup), array_agg(u.hold::smallint), array_agg(u.flags::smallint),
           array_agg(coalesce(u.creates, false)), array_agg(coalesce(u.voided, false))
      INTO fault, dup, hold, flags, creates, voided
      FROM (SELECT * FROM verdict t ORDER BY t.ord) u;
END
$$;
