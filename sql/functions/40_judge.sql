-- The verdicts of a group of batches: which batches are new, what the tables know of their lines, and
-- what each line is, as if the ones before it were committed.
-- A line is its ordinal in the arrays of the call: members are read as l_id[o], which is one step in
-- plpgsql (it keeps arrays expanded), where an unnest of twenty arrays copies each row several times.
-- Happy path: sync_batches; sync_known (look-ups only); sync_doubtful (the few lines that anything may speak
-- against); sync_judge (these alone, and no table at all).
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

-- What the tables know of the lines.  e_: events of this call that are recorded, with entry and leaf; v_: voids
-- that name one of its events; h_: households of the register; h_odd, r_odd: households and residents that speak
-- against a line that names them, because the register has them not, or not in a grid of the line's account; by
-- batch, as sets of numbers: grids that its account has now and ever had, sequence numbers that its phone has used.
CREATE OR REPLACE FUNCTION qm.sync_known(p_county int, p_batches qm.batch_in[], l_batch int[], l_id uuid[],
    l_household uuid[], l_resident uuid[],
    OUT e_id uuid[], OUT e_idx bigint[], OUT e_leaf bytea[], OUT v_id uuid[], OUT v_account text[],
    OUT h_id uuid[], OUT h_grid bigint[], OUT h_into uuid[], OUT h_odd uuid[], OUT r_odd uuid[],
    OUT b_now int8multirange[], OUT b_ever int8multirange[], OUT b_recorded int8multirange[])
LANGUAGE plpgsql STABLE SET search_path = qm, pg_temp SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET enable_nestloop = on SET enable_material = off AS $$
BEGIN
    SELECT array_agg(g.has ORDER BY b.b), array_agg(g.had ORDER BY b.b), array_agg(d.recorded ORDER BY b.b)
      INTO b_now, b_ever, b_recorded
      FROM unnest(p_batches) AS b
      LEFT JOIN LATERAL (SELECT range_agg(int8range(t.grid, t.grid, '[]')) FILTER (WHERE t.now) AS has,
                                range_agg(int8range(t.grid, t.grid, '[]')) AS had
                           FROM qm.account_grid t
                          WHERE t.county = p_county AND t.account = b.account) g ON true
      LEFT JOIN LATERAL (SELECT t.recorded FROM qm.device t
                          WHERE t.county = p_county AND t.device = b.device OFFSET 0) d ON true;
    SELECT array_agg(t.id), array_agg(t.idx), array_agg(sha256('\x00'::bytea || t.e)) INTO e_id, e_idx, e_leaf
      FROM (SELECT DISTINCT l_id[o] AS id, e.idx, e.e
              FROM generate_series(1, cardinality(l_id)) AS o
              JOIN LATERAL (SELECT t.idx, t.e FROM qm.event t
                             WHERE t.county = p_county AND t.id = l_id[o] OFFSET 0) e ON true) t;
    SELECT array_agg(t.id), array_agg(t.account) INTO v_id, v_account
      FROM (SELECT DISTINCT l_id[o] AS id, v.account
              FROM generate_series(1, cardinality(l_id)) AS o
              JOIN LATERAL (SELECT t.account FROM qm.void_mark t
                             WHERE t.county = p_county AND t.target = l_id[o] OFFSET 0) v ON true) t;
    -- Lines of one door mostly follow each other: only the first of them is looked up.
    SELECT array_agg(u.id) FILTER (WHERE u.grid IS NOT NULL), array_agg(u.grid) FILTER (WHERE u.grid IS NOT NULL),
           array_agg(u.merged_into) FILTER (WHERE u.grid IS NOT NULL), array_agg(u.id) FILTER (WHERE u.odd)
      INTO h_id, h_grid, h_into, h_odd
      FROM (SELECT l_household[o] AS id, h.grid, h.merged_into,
                   bool_or((b_now[l_batch[o]] @> h.grid) IS NOT TRUE) AS odd
              FROM generate_series(1, cardinality(l_id)) AS o
              LEFT JOIN LATERAL (SELECT t.grid, t.merged_into FROM qm.household t
                                  WHERE t.county = p_county AND t.household = l_household[o] OFFSET 0) h ON true
             WHERE l_household[o] IS DISTINCT FROM l_household[o - 1] OR l_batch[o] <> l_batch[o - 1]
             GROUP BY 1, 2, 3) u
     WHERE u.id IS NOT NULL;
    SELECT array_agg(l_resident[o]) INTO r_odd
      FROM generate_series(1, cardinality(l_id)) AS o
      LEFT JOIN LATERAL (SELECT t.resident FROM qm.resident t
                          WHERE t.county = p_county AND t.resident = l_resident[o] OFFSET 0) r ON true
     WHERE l_resident[o] IS DISTINCT FROM l_resident[o - 1] AND l_resident[o] IS NOT NULL AND r.resident IS NULL;
END
$$;

-- The first and the last line of each run of lines of one batch whose sequence numbers go up by one, and that
-- became the same.
CREATE OR REPLACE FUNCTION qm.sync_runs(l_batch int[], l_seq bigint[], p_fault smallint[], p_dup bigint[],
                                        OUT r_first int[], OUT r_last int[])
LANGUAGE plpgsql IMMUTABLE SET search_path = qm, pg_temp SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    SELECT array_agg(r.o ORDER BY r.o), array_agg(r.upto ORDER BY r.o) INTO r_first, r_last
      FROM (SELECT o, lead(o, 1, cardinality(l_seq) + 1) OVER (ORDER BY o) - 1 AS upto
              FROM generate_series(1, cardinality(l_seq)) AS o
             WHERE (l_batch[o] = l_batch[o - 1] AND l_seq[o] = l_seq[o - 1] + 1 AND p_fault[o] = p_fault[o - 1]
                    AND (p_dup[o] IS NULL) = (p_dup[o - 1] IS NULL)) IS NOT TRUE) r;
END
$$;

-- Phones of these batches that use a sequence number again, each as its first batch.
CREATE OR REPLACE FUNCTION qm.sync_reused(b_phone int[], b_recorded int8multirange[], l_batch int[], l_seq bigint[],
                                          l_fault smallint[])
RETURNS int[] LANGUAGE plpgsql IMMUTABLE SET search_path = qm, pg_temp SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    v record := qm.sync_runs(l_batch, l_seq, l_fault, NULL);
BEGIN
    RETURN ARRAY(
    SELECT t.phone
      FROM (SELECT b_phone[l_batch[r.a]] AS phone, l_batch[r.a] AS b, l_seq[r.a] AS lo, l_seq[r.z] AS hi,
                   max(l_seq[r.z]) OVER (PARTITION BY b_phone[l_batch[r.a]] ORDER BY l_seq[r.a], r.a
                                         ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
              FROM unnest(v.r_first, v.r_last) AS r (a, z) WHERE l_seq[r.a] IS NOT NULL) t
     WHERE t.lo <= t.before OR b_recorded[t.b] && int8range(t.lo, t.hi, '[]'));
END
$$;

-- The lines that something may speak against, in any order; none of the others bears on them.  b_plain: batches
-- that are new, of a phone that is in use, with numbers of their own; p_ids: events that are recorded or voided
-- or come twice.
CREATE OR REPLACE FUNCTION qm.sync_doubtful(p_county int, b_plain boolean[], b_recv bigint[], p_ids uuid[],
    p_homes uuid[], p_people uuid[], l_batch int[], l_fault smallint[], l_id uuid[], l_kind smallint[], l_at bigint[],
    l_grid bigint[], l_household uuid[], l_resident uuid[])
RETURNS int[] LANGUAGE plpgsql IMMUTABLE SET search_path = qm, pg_temp SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    RETURN ARRAY(
    SELECT o
      FROM generate_series(1, cardinality(l_id)) AS o
     WHERE (b_plain[l_batch[o]] AND l_fault[o] = 0 AND l_kind[o] < 5 AND l_grid[o] / 1000000000 = p_county
            AND l_at[o] BETWEEN b_recv[l_batch[o]] - 2592000000 AND b_recv[l_batch[o]] + 600000
            AND l_household[o] IS NOT NULL AND l_household[o] NOT IN (SELECT unnest(p_homes))
            AND (l_resident[o] IS NULL OR l_resident[o] NOT IN (SELECT unnest(p_people)))
            AND l_id[o] NOT IN (SELECT unnest(p_ids))) IS NOT TRUE);
END
$$;

-- Verdict of each line, by its ordinal (fault null: of a batch that is not new); and the households
-- among them that were merged, and into which.  A line is accepted unless something speaks against it: only
-- the doubtful ones are judged one by one.
CREATE OR REPLACE FUNCTION qm.sync_judge(p_county int, p_batches qm.batch_in[], b_device uuid[], b_recv bigint[],
    l_batch int[], l_fault smallint[], l_leaf bytea[], l_id uuid[], l_kind smallint[], l_seq bigint[],
    l_at bigint[], l_grid bigint[], l_household uuid[], l_resident uuid[], l_target uuid[], l_code smallint[],
    OUT fault smallint[], OUT dup bigint[], OUT hold smallint[], OUT flags smallint[],
    OUT creates boolean[], OUT voided boolean[], OUT merged uuid[], OUT merged_into uuid[])
LANGUAGE plpgsql STABLE SET search_path = qm, pg_temp SET plan_cache_mode = force_generic_plan
SET enable_nestloop = off SET enable_mergejoin = off AS $$
DECLARE
    v_lines int[] := ARRAY[cardinality(l_id)];
    v_new boolean[];
    v_idx bigint[];
    v_account text[];
    v_revoked boolean[];
    v_phone int[]; -- the first batch of the same phone
    v_reused int[];
    v_now int8multirange[];
    v_ever int8multirange[];
    v_recorded int8multirange[];
    v_ids uuid[];
    v_doubtful int[];
    k record;
    one record;
BEGIN
    SELECT array_agg(b.status = 0 ORDER BY b.b), array_agg(b.idx ORDER BY b.b), array_agg(b.account ORDER BY b.b),
           array_agg(b.hold ORDER BY b.b), array_agg(array_position(b_device, b.device) ORDER BY b.b)
      INTO v_new, v_idx, v_account, v_revoked, v_phone
      FROM unnest(p_batches) AS b;
    SELECT * INTO k FROM qm.sync_known(p_county, p_batches, l_batch, l_id, l_household, l_resident);
    v_now := k.b_now;
    v_ever := k.b_ever;
    v_recorded := k.b_recorded;
    SELECT array_agg(h.id), array_agg(h.into_id) INTO merged, merged_into
      FROM unnest(k.h_id, k.h_into) AS h (id, into_id) WHERE h.into_id IS NOT NULL;

    v_reused := qm.sync_reused(v_phone, v_recorded, l_batch, l_seq, l_fault);
    v_ids := k.e_id || k.v_id || array_remove(l_target, NULL)
        || ARRAY(SELECT u.id FROM unnest(l_id) AS u (id) WHERE u.id IS NOT NULL GROUP BY u.id HAVING count(*) > 1);
    v_doubtful := qm.sync_doubtful(p_county,
        ARRAY(SELECT u.new AND NOT u.revoked AND u.phone <> ALL (v_reused)
                FROM unnest(v_new, v_revoked, v_phone) AS u (new, revoked, phone)),
        b_recv, v_ids, k.h_odd, k.r_odd, l_batch, l_fault, l_id, l_kind, l_at, l_grid, l_household, l_resident);
    fault := array_fill(0::smallint, v_lines);
    dup := array_fill(NULL::bigint, v_lines);
    hold := fault;
    flags := fault;
    creates := array_fill(false, v_lines);
    voided := creates;
    IF v_doubtful = '{}' THEN
        RETURN;
    END IF;

    FOR one IN
    WITH raw AS MATERIALIZED (
        SELECT o AS ord, l_batch[o] AS b, l_id[o] AS id, l_kind[o] AS kind, l_seq[o] AS seq, l_grid[o] AS grid,
               CASE WHEN NOT v_new[l_batch[o]] THEN NULL WHEN l_fault[o] <> 0 THEN l_fault[o]
                    WHEN l_grid[o] / 1000000000 <> p_county THEN 3 ELSE 0 END AS fault0
          FROM unnest(v_doubtful) AS o
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
               CASE WHEN e.id IS NOT NULL THEN e.idx
                    WHEN r.ord <> x.first_ord THEN v_idx[l_batch[x.first_ord]] END AS known,
               CASE WHEN e.id IS NOT NULL THEN l_leaf[r.ord] = e.leaf
                    WHEN r.ord <> x.first_ord THEN l_leaf[r.ord] = l_leaf[x.first_ord] END AS same
          FROM raw r
          LEFT JOIN repeated x ON x.ord = r.ord
          LEFT JOIN unnest(k.e_id, k.e_idx, k.e_leaf) AS e (id, idx, leaf) ON e.id = r.id
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
               h.grid AS home_grid,
               (l_resident[s.ord] IN (SELECT unnest(k.r_odd))) IS NOT TRUE AS resident_known,
               v.id IS NOT NULL OR n.ord < s.ord AS voided,
               q.ord < s.ord OR v_recorded[s.b] @> s.seq AS seq_seen
          FROM settled s
          LEFT JOIN unnest(k.v_id, k.v_account) AS v (id, account) ON v.id = s.id AND v.account = v_account[s.b]
          LEFT JOIN void_now n ON n.target = s.id AND n.account = v_account[s.b]
          LEFT JOIN seq_twice q ON q.phone = v_phone[s.b] AND q.seq = s.seq
          LEFT JOIN unnest(k.h_id, k.h_grid) AS h (id, grid) ON h.id = l_household[s.ord]
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
    SELECT * FROM verdict
    LOOP
        fault[one.ord] := one.fault;
        dup[one.ord] := one.dup;
        hold[one.ord] := one.hold;
        flags[one.ord] := one.flags;
        creates[one.ord] := coalesce(one.creates, false);
        voided[one.ord] := coalesce(one.voided, false);
    END LOOP;
END
$$;
