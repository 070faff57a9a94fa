-- A made-up township (or several) for bench_publish in the county that is there: :villages villages of
-- 100 a township, :people residents, three a household, 400 households a grid; every second household
-- visited, with the event that says so.  Facts first, counters by the server's own functions.
\set ON_ERROR_STOP 1
CREATE TEMP TABLE village AS
SELECT 140522900000 + (v / 100) * 1000 + v % 100 + 1 AS code FROM generate_series(0, :villages - 1) v;
INSERT INTO qm.division (code, name, level)
SELECT DISTINCT (code / 1000)::text, 'bench', 'township' FROM village;
INSERT INTO qm.division (code, name, parent, level)
SELECT code::text, 'village ' || code % 1000, (code / 1000)::text, 'village' FROM village;
CREATE TEMP TABLE home AS
SELECT md5('h' || i)::uuid AS household, i / :villages % 2 = 0 AS visited,
       v.code * 1000 + 1 + i / :villages / 400 AS grid, i
  FROM generate_series(0, :people / 3 - 1) i
  JOIN (SELECT code, row_number() OVER (ORDER BY code) - 1 AS n FROM village) v ON v.n = i % :villages;
INSERT INTO qm.grid (county, grid, name) SELECT DISTINCT 140522, grid, 'bench' FROM home;
INSERT INTO qm.event (county, id, idx, line, kind, code, via, party, alerts, na, hold, flags, evidences, device, seq,
                      at, recv, grid, household, resident, account, e)
SELECT 140522, md5('e' || i)::uuid, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0, md5('device')::uuid, 1 + i, 1795000000000 + i,
       1795000000000 + i, grid, household, NULL, 'W0001', convert_to(repeat('x', 300), 'UTF8')
  FROM home WHERE visited;
INSERT INTO qm.household (county, household, grid, place, status, worker, flags, visits, door_key, rev)
SELECT 140522, h.household, h.grid, 1, 1, NULL, CASE WHEN visited THEN 3 ELSE 0 END, visited::int,
       CASE WHEN visited THEN qm.order_key(1795000000000 + i, 1795000000000 + i, md5('e' || i)::uuid) || 'A' END, 1
  FROM home h;
INSERT INTO qm.household_card (county, household, grid) SELECT 140522, household, grid FROM home;
INSERT INTO qm.resident (county, resident, household, grid, home, status, born, band, rev)
SELECT 140522, md5('r' || h.household || n)::uuid, h.household, h.grid, 1, 1, '1980-01-01', 2, 1
  FROM home h, generate_series(1, 3) n;
INSERT INTO qm.resident_card (county, resident)
SELECT 140522, md5('r' || h.household || n)::uuid FROM home h, generate_series(1, 3) n;
SELECT count(*) FROM (SELECT qm.post(140522, array_agg(qm.state_of(h, 1)), NULL)
                        FROM qm.household h WHERE h.grid >= 140522900000000 GROUP BY h.grid) t;
SELECT count(*) FROM (SELECT qm.post(140522, NULL, array_agg(qm.state_of(r, 1)))
                        FROM qm.resident r WHERE r.grid >= 140522900000000 GROUP BY r.grid) t;
ANALYZE qm.event, qm.household, qm.household_card, qm.resident, qm.resident_card, qm.grid_counter, qm.village_counter;
