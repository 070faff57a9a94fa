-- Plans that are made while the tables are empty, even when somebody has them analysed then, are those
-- that a full county needs: connections keep them.  With the settings of the server's connections
-- (server/drivers/pg_private.h) and, for the insides of the sync, of qm.sync_batches.  At the end: what a
-- page of a list reads when rows are there.
BEGIN;
SELECT no_plan();
ANALYZE qm.batch, qm.household, qm.household_card, qm.resident, qm.resident_card, qm.village_counter, qm.log_head, qm.log_entry;
SELECT is((SELECT count(*) FROM qm.batch) + (SELECT count(*) FROM qm.household), 0::bigint, 'nothing is there');

CREATE FUNCTION pg_temp.plan(p_execute text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v_line text;
    v_plan text := '';
BEGIN
    FOR v_line IN EXECUTE 'EXPLAIN (COSTS OFF) EXECUTE ' || p_execute LOOP
        v_plan := v_plan || trim(v_line) || E'\n';
    END LOOP;
    RETURN v_plan;
END
$$;

SET LOCAL plan_cache_mode = force_generic_plan;
SET LOCAL enable_seqscan = off;
SET LOCAL enable_bitmapscan = off;

PREPARE board(int, text) AS SELECT c.packed FROM qm.village_counter c
     WHERE c.county = $1 AND c.village BETWEEN qm.first_grid($2) / 1000 AND qm.last_grid($2) / 1000 ORDER BY c.village;
SELECT matches(pg_temp.plan($$ board(1, '') $$), 'Index Scan using village_counter_pkey on village_counter c\n'
    'Index Cond: \(\(county = \$1\) AND \(village >= .* AND \(village <= ', 'a board is a range of the key');
SELECT doesnt_match(pg_temp.plan($$ board(1, '') $$), 'Sort', 'in its order');

PREPARE households(int) AS SELECT * FROM qm.list_households($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12);
PREPARE residents(int) AS SELECT * FROM qm.list_residents($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14);
CREATE FUNCTION pg_temp.list(p_what text) RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.plan(p_what || '(1' || repeat(', NULL', CASE p_what WHEN 'residents' THEN 13 ELSE 11 END) || ')')
$$;
SELECT doesnt_match(pg_temp.list(p), 'Function Scan|Seq Scan', p || ': the list is part of the query, and reads no table as a whole')
  FROM unnest(ARRAY['households', 'residents']) AS p;
SELECT matches(pg_temp.list(p), 'using household_grid on household h\nIndex Cond: \(\(county = \$1\) AND \(ROW\(grid, household\) >=? ROW\(GREATEST\(.* AND \(grid <= ',
    p || ': a range of grids from the place where the page begins')
  FROM unnest(ARRAY['households', 'residents']) AS p;
SELECT doesnt_match(pg_temp.list(p), 'grid >= \(', p || ': that place is the only beginning')
  FROM unnest(ARRAY['households', 'residents']) AS p;
SELECT doesnt_match(pg_temp.list('households'), 'Sort', 'households: in their order, so that a page ends early');

PREPARE lines(int, bigint) AS SELECT b.ids FROM qm.batch b WHERE b.county = $1 AND b.idx = $2 AND b.idx >= 0;
SELECT matches(pg_temp.plan('lines(1, 1)'), 'using batch_idx on batch b\nIndex Cond: \(\(county = \$1\) AND \(idx = \$2\)\)', 'a batch by its entry');

SET LOCAL enable_hashjoin = off;
SET LOCAL enable_mergejoin = off;
PREPARE known(int, uuid[], uuid[]) AS
    SELECT k.idx FROM unnest($2, $3) AS u (device, batch)
      LEFT JOIN LATERAL (SELECT t.idx FROM qm.batch t WHERE t.county = $1 AND t.device = u.device AND t.batch = u.batch OFFSET 0) k ON true;
SELECT matches(pg_temp.plan('known(1, NULL, NULL)'),
    'using batch_pkey on batch t\nIndex Cond: \(\(county = \$1\) AND \(device = u.device\) AND \(batch = u.batch\)\)', 'a batch by its phone and name: by the whole key');

-- With rows, once they are analysed, as they are after an import: the first page of the last of twenty grids
-- costs no more than that of the first, and cards need no look-ups.
INSERT INTO qm.household (county, household, grid, place, status, rev)
SELECT 1, md5('h' || i)::uuid, 100000000000001 + i / 400, 1, 1, 1 FROM generate_series(0, 7999) i;
INSERT INTO qm.household_card (county, household, grid) SELECT county, household, grid FROM qm.household ORDER BY grid, household;
INSERT INTO qm.resident (county, resident, household, grid, home, status, band, rev)
SELECT county, md5('r' || household)::uuid, household, grid, 1, 1, 2, 1 FROM qm.household;
INSERT INTO qm.resident_card (county, resident) SELECT county, resident FROM qm.resident;
ANALYZE qm.household, qm.household_card, qm.resident, qm.resident_card;
RESET enable_hashjoin;
RESET enable_mergejoin;
CREATE FUNCTION pg_temp.pages(p_list text, p_grid bigint) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
    v_plan json;
BEGIN
    EXECUTE format('EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) EXECUTE %s(1, ''admin'', '''', %L, %s)',
                   p_list, p_grid::text, CASE p_list WHEN 'residents' THEN 'NULL, NULL, NULL, 20, -1, -1, -1, 0, -1, 0'
                                                     ELSE 'NULL, NULL, 20, 0, 0, -1, -1, 0' END) INTO v_plan;
    RETURN (v_plan -> 0 -> 'Plan' ->> 'Shared Hit Blocks')::int + (v_plan -> 0 -> 'Plan' ->> 'Shared Read Blocks')::int;
END
$$;
SELECT cmp_ok(pg_temp.pages(p, 100000000000020), '<=', pg_temp.pages(p, 100000000000001) + 20, p || ': the last grid''s page reads as little as the first''s')
  FROM unnest(ARRAY['households', 'residents']) AS p;
SELECT matches(pg_temp.list(p), 'Merge Join\nMerge Cond: \(\(h.grid = h?c.grid\) AND \(h.household = h?c.household\)\)\n.*using household_grid on household h\n.*using household_card_grid on household_card h?c\n.*AND \(grid <= ',
    p || ': households and their cards are read side by side')
  FROM unnest(ARRAY['households', 'residents']) AS p;
SELECT doesnt_match(pg_temp.list('households'), 'Sort', 'still in their order');
SELECT matches(pg_temp.list('residents'), 'Presorted Key: h.grid, r.household', 'residents of a household at a time, so that a page ends early');

-- A freeze reads the records of its own period, however many lie before it, on whatever connection.
INSERT INTO qm.event (county, id, idx, line, kind, code, via, party, alerts, na, hold, flags, evidences, device, seq, at, recv, grid, household,
                      account, e)
SELECT 1, md5('e' || i)::uuid, i / 50, i % 50, 1, 1, 1, 0, 0, 0, 0, 0, 0, md5('d')::uuid, 1 + i, i, i, 100000000000001, md5('h' || i)::uuid, 'W1', '\x00'
  FROM generate_series(0, 39999) i;
SELECT cmp_ok(brin_summarize_new_values('qm.event_range'), '>', 0, 'ranges are summed up, as a vacuum does');
ANALYZE qm.event;
CREATE FUNCTION pg_temp.touched(p_from bigint, p_to bigint) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
    v_plan json;
BEGIN
    EXECUTE format('EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) SELECT * FROM qm.freeze_touched(1, %s, %s, 0)', p_from, p_to) INTO v_plan;
    RETURN (v_plan -> 0 -> 'Plan' ->> 'Shared Hit Blocks')::int + (v_plan -> 0 -> 'Plan' ->> 'Shared Read Blocks')::int;
END
$$;
SELECT pg_temp.touched(799, 800) > 0 AS warm \gset
SELECT cmp_ok(2 * pg_temp.touched(799, 800), '<', pg_relation_size('qm.event')::int / 8192, 'records of a period: by the blocks that they lie in');

SELECT * FROM finish();
ROLLBACK;
