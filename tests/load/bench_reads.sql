-- A made-up county for bench_reads: :villages villages of one township, :people residents, three a
-- household, 400 households a grid; every second household visited.  Facts first, in the order in which
-- an import puts them (qm.import_households); counters by the same functions that the server uses.
\set ON_ERROR_STOP 1
INSERT INTO qm.site VALUES (true, '127.0.0.1:8080') ON CONFLICT DO NOTHING;
INSERT INTO qm.division (code, name, level) VALUES ('999999', 'bench', 'county'),
    ('999999001', 'bench', 'township') ON CONFLICT DO NOTHING;
INSERT INTO qm.division (code, name, level)
SELECT '999999001' || lpad(v::text, 3, '0'), 'village ' || v, 'village' FROM generate_series(1, :villages) v;
SELECT status FROM qm.county_add(999999, 'bench', 'A0001', 1, 'vkey', '2026-11-21');
CREATE TEMP TABLE home AS
SELECT md5('h' || i)::uuid AS household, i / :villages % 2 = 0 AS visited,
       999999001000000 + (1 + i % :villages) * 1000 + 1 + i / :villages / 400 AS grid
  FROM generate_series(0, :people / 3 - 1) i;
SELECT f.status
  FROM (SELECT array_agg(DISTINCT grid) AS g FROM home) t,
       qm.import_grids(999999, 'A0001', 1, t.g, array_fill('grid'::text, ARRAY[cardinality(t.g)]),
                       array_fill(NULL::int, ARRAY[cardinality(t.g)]),
                       array_fill(NULL::text, ARRAY[cardinality(t.g)]),
                       array_fill(NULL::date, ARRAY[cardinality(t.g)])) f;
INSERT INTO qm.household (county, household, grid, place, status, worker, flags, door_key, rev)
SELECT 999999, household, grid, 1, 1, NULL, CASE WHEN visited THEN 3 ELSE 0 END,
       CASE WHEN visited THEN repeat('0', 64) || 'A' END, 1
  FROM home ORDER BY grid, household;
INSERT INTO qm.household_card (county, household, grid, village_group, lane, door, head)
SELECT 999999, household, grid, 'group', 'lane', 'door', sha256('head') FROM qm.household;
INSERT INTO qm.resident (county, resident, household, grid, home, status, born, band, rev)
SELECT 999999, md5('r' || h.household || n)::uuid, h.household, h.grid, 1, 1, '1980-01-01', 2, 1
  FROM qm.household h, generate_series(1, 3) n;
INSERT INTO qm.resident_card (county, resident, name) SELECT county, resident, sha256('name') FROM qm.resident;
-- A transaction for each grid, as when each is imported: in one for all, every village's row would leave as
-- many dead ones behind as it has grids, and boards of large counties would be read from scattered pages.
\o /dev/null
SELECT format('SELECT qm.post(999999,
         (SELECT array_agg(qm.state_of(h, 1)) FROM qm.household h WHERE county = 999999 AND grid = %1$s),
         (SELECT array_agg(qm.state_of(r, 1)) FROM qm.resident r WHERE county = 999999 AND grid = %1$s))', grid)
  FROM home GROUP BY grid ORDER BY grid \gexec
\o
-- What autovacuum does within minutes.
VACUUM (ANALYZE) qm.household, qm.household_card, qm.resident, qm.resident_card, qm.grid_counter, qm.village_counter;
