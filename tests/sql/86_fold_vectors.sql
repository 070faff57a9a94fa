-- The database's fold against the cases that all folds are held to (tests/vectors/fold.json): each case's
-- register and log go in through the functions of the server, then roster and figures are frozen.
BEGIN;
\set vectors `cat ../vectors/fold.json`
\ir lib/world.psql
CREATE TABLE t.vectors AS SELECT c.body, c.o AS n FROM jsonb_array_elements(:'vectors'::jsonb -> 'cases') WITH ORDINALITY AS c (body, o);
SELECT plan((SELECT count(*)::int FROM t.vectors) + 2);

CREATE TABLE t.place (size bigint PRIMARY KEY, revision bigint); -- revision of the head at each size
CREATE FUNCTION t.at() RETURNS void LANGUAGE sql AS $$
    INSERT INTO t.place AS p SELECT size, revision FROM qm.log_head WHERE county = 140522
    ON CONFLICT (size) DO UPDATE SET revision = excluded.revision
$$;
CREATE FUNCTION t.id(name text) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
    SELECT encode(decode(translate(name, '-_', '+/') || '==', 'base64'), 'hex')::uuid
$$;
CREATE FUNCTION t.bits(of jsonb, VARIADIC words text[]) RETURNS smallint LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(sum(1 << (o - 1)::int), 0)::smallint FROM unnest(words) WITH ORDINALITY AS w (word, o)
     WHERE coalesce(of, '[]') ? w.word
$$;

-- An empty log, and the county of a case: its divisions, grids, accounts and phones.
CREATE FUNCTION t.county(c jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_grid bigint[];
BEGIN
    SELECT array_agg(DISTINCT m[1]::bigint) INTO v_grid
      FROM regexp_matches(c::text, '\D(140522\d{9})\D', 'g') m;
    INSERT INTO qm.division SELECT DISTINCT left(g::text, 9), 'town', '140522', 'township' FROM unnest(v_grid) g ON CONFLICT DO NOTHING;
    INSERT INTO qm.division SELECT DISTINCT left(g::text, 12), 'village', left(g::text, 9), 'village' FROM unnest(v_grid) g ON CONFLICT DO NOTHING;
    PERFORM qm.import_grids(140522, 'A0001', 1, v_grid, array_fill('g'::text, ARRAY[cardinality(v_grid)]), array_fill(NULL::int, ARRAY[cardinality(v_grid)]),
                            array_fill(NULL::text, ARRAY[cardinality(v_grid)]), array_fill(NULL::date, ARRAY[cardinality(v_grid)]));
    DELETE FROM qm.log_entry;
    DELETE FROM qm.log_node;
    DELETE FROM qm.log_checkpoint;
    DELETE FROM qm.resident_card;
    DELETE FROM qm.resident;
    DELETE FROM qm.household_card;
    DELETE FROM qm.household;
    UPDATE qm.grid_counter SET v = array_fill(0::bigint, ARRAY[68]);
    UPDATE qm.village_counter SET v = array_fill(0::bigint, ARRAY[68]), packed = qm.pack(array_fill(0::bigint, ARRAY[68]));
    UPDATE qm.log_head SET size = 0, frontier = '{}', root = sha256('');
    INSERT INTO qm.account (county, account) SELECT DISTINCT 140522, d ->> 'account' FROM jsonb_array_elements(c -> 'devices') d ON CONFLICT DO NOTHING;
    INSERT INTO qm.device (county, device, account, key, hard, enrolled_idx)
    SELECT 140522, t.u('vector ' || (d ->> 'device')), d ->> 'account', t.sha(d ->> 'device'), true, 0 FROM jsonb_array_elements(c -> 'devices') d;
    INSERT INTO qm.account_grid SELECT DISTINCT 140522, d ->> 'account', g, true FROM jsonb_array_elements(c -> 'devices') d, unnest(v_grid) g
    ON CONFLICT (county, account, grid) DO UPDATE SET now = true;
END
$$;

CREATE FUNCTION t.register(c jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    r jsonb;
BEGIN
    FOR r IN SELECT jsonb_array_elements(c -> 'register' -> 'households') LOOP
        INSERT INTO qm.household (county, household, grid, place, status, rev)
        VALUES (140522, t.id(r ->> 'household'), (r ->> 'grid')::bigint, t.number(5, r ->> 'place'),
                coalesce(array_position(ARRAY['counted', 'away', 'vacant', 'gone', '', 'other'], r ->> 'status'), 1), 1);
        INSERT INTO qm.household_card (county, household, grid) VALUES (140522, t.id(r ->> 'household'), (r ->> 'grid')::bigint);
        PERFORM qm.post(140522, (SELECT ARRAY[qm.state_of(h, 1)] FROM qm.household h WHERE h.household = t.id(r ->> 'household')), NULL);
    END LOOP;
    FOR r IN SELECT jsonb_array_elements(c -> 'register' -> 'residents') LOOP
        INSERT INTO qm.resident (county, resident, household, grid, home, status, born, band, rev)
        SELECT 140522, t.id(r ->> 'resident'), h.household, h.grid, qm.home_of(h.place, h.status),
               array_position(ARRAY['counted', 'away', 'gone', 'dead', 'unknown_age'], r ->> 'status'), (r ->> 'born')::date,
               qm.age_band((r ->> 'born')::date, (SELECT age_day FROM qm.log_head)), 1
          FROM qm.household h WHERE h.household = t.id(r ->> 'household');
        INSERT INTO qm.resident_card (county, resident) VALUES (140522, t.id(r ->> 'resident'));
        PERFORM qm.post(140522, NULL, (SELECT ARRAY[qm.state_of(p, 1)] FROM qm.resident p WHERE p.resident = t.id(r ->> 'resident')));
    END LOOP;
    -- Whoever was merged stands for nobody any more, so that chains are merged from their far end.
    WHILE EXISTS (SELECT FROM jsonb_array_elements(c -> 'register' -> 'households') h JOIN qm.household k ON k.household = t.id(h ->> 'household')
                   WHERE h ? 'merged' AND k.status <> 5) LOOP
        PERFORM qm.merge_household(140522, 'A0001', 1, t.id(h ->> 'household'), t.id(h ->> 'merged'))
           FROM jsonb_array_elements(c -> 'register' -> 'households') h
           JOIN qm.household k ON k.household = t.id(h ->> 'household') AND k.status <> 5
           JOIN qm.household i ON i.household = t.id(h ->> 'merged') AND i.status <> 5
          WHERE h ? 'merged' AND NOT EXISTS (SELECT FROM jsonb_array_elements(c -> 'register' -> 'households') o
                 JOIN qm.household w ON w.household = t.id(o ->> 'household') AND w.status <> 5 WHERE o ->> 'merged' = h ->> 'household')
          LIMIT 1;
    END LOOP;
END
$$;

-- One batch; accounts lose grids, and phones are revoked, as far as its verdicts need it.
CREATE FUNCTION t.entry_batch(e jsonb, i int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_device uuid := t.u('vector ' || (e ->> 'device'));
    v_account text := (SELECT account FROM qm.device WHERE device = v_device);
    v_grids bigint[] := ARRAY(SELECT grid FROM qm.account_grid WHERE account = v_account AND now);
    v_hold text := (SELECT max(l ->> 'verdict') FROM jsonb_array_elements(e -> 'lines') l WHERE l ->> 'verdict' LIKE 'hold %');
BEGIN
    UPDATE qm.account_grid SET now = false WHERE v_hold = 'hold moved' AND account = v_account;
    DELETE FROM qm.account_grid WHERE v_hold = 'hold scope' AND account = v_account;
    UPDATE qm.device SET revoked_idx = 0, revoked_recv = (e ->> 'recv')::bigint WHERE v_hold = 'hold revoked' AND device = v_device;
    PERFORM s.status FROM (
        SELECT array_agg(1 ORDER BY o) AS b, array_agg((o - 1)::smallint ORDER BY o) AS line,
               array_agg(CASE WHEN l ->> 'verdict' LIKE 'reject %' THEN 1 ELSE 0 END::smallint ORDER BY o) AS fault,
               array_agg(sha256('\x00'::bytea || (l ->> 'e')::bytea) ORDER BY o) AS leaf,
               array_agg((j ->> 'id')::uuid ORDER BY o) AS id, array_agg(k::smallint ORDER BY o) AS kind,
               array_agg((j ->> 'seq')::bigint ORDER BY o) AS seq, array_agg((j ->> 'at')::bigint ORDER BY o) AS at,
               array_agg((j ->> 'grid')::bigint ORDER BY o) AS grid, array_agg(t.id(j ->> 'household') ORDER BY o) AS household,
               array_agg(t.id(j ->> 'resident') ORDER BY o) AS resident, array_agg((j ->> 'target')::uuid ORDER BY o) AS target,
               array_agg(coalesce(t.number(k, CASE k WHEN 1 THEN j ->> 'outcome' WHEN 2 THEN coalesce(j ->> 'state', 'signed')
                   WHEN 3 THEN coalesce(j ->> 'state', 'signed') WHEN 4 THEN j ->> 'state' WHEN 5 THEN j ->> 'place' WHEN 6 THEN j ->> 'why' END), 0::smallint) ORDER BY o) AS code,
               array_agg(0::smallint ORDER BY o) AS why,
               array_agg(array_position(ARRAY['door', 'phone', 'video', 'paper', 'carried'], coalesce(j ->> 'via', 'door'))::smallint ORDER BY o) AS via,
               array_agg(t.bits(j -> 'with', 'police') ORDER BY o) AS party,
               array_agg((coalesce((j ->> 'real_name')::boolean, false)::int + 2 * coalesce((j ->> 'call_alert')::boolean, false)::int
                          + 4 * coalesce((j ->> 'sms_alert')::boolean, false)::int)::smallint ORDER BY o) AS alerts,
               array_agg(t.bits(j -> 'na', '', 'call_alert', 'sms_alert') ORDER BY o) AS na,
               array_agg((l ->> 'e')::bytea ORDER BY o) AS bytes, array_agg('\x00'::bytea ORDER BY o) AS p,
               sha256(string_agg(l ->> 'e', ',' ORDER BY o)::bytea) AS root
          FROM (SELECT l, (l ->> 'e')::jsonb AS j, o,
                       array_position(ARRAY['visit', 'notice', 'pledge', 'app', 'household', 'resident', 'void'], (l ->> 'e')::jsonb ->> 'kind') AS k
                  FROM jsonb_array_elements(e -> 'lines') WITH ORDINALITY AS u (l, o)) q) a,
        (SELECT coalesce(array_agg(o::int), '{}') AS line, coalesce(array_agg(decode(x, 'hex')), '{}') AS sha
           FROM jsonb_array_elements(e -> 'lines') WITH ORDINALITY AS u (l, o),
                jsonb_array_elements_text(coalesce((l ->> 'e')::jsonb -> 'evidence', '[]')) x WHERE l ->> 'verdict' NOT LIKE 'reject %') x,
        qm.sync(140522, ARRAY[v_device], ARRAY[t.sha(e ->> 'device')], ARRAY[t.u('batch ' || i)], ARRAY[a.root], ARRAY[(e ->> 'recv')::bigint],
                ARRAY['note'::bytea], ARRAY[cardinality(a.line)], a.b, a.line, a.fault, a.leaf, a.id, a.kind, a.seq, a.at, a.grid, a.household, a.resident,
                a.target, a.code, a.why, a.via, a.party, a.alerts, a.na, a.bytes, a.p, x.line, x.sha,
                '{}', '{}', '{}', '{}', '{}', '{}') s;
    UPDATE qm.device SET revoked_idx = NULL, revoked_recv = NULL WHERE device = v_device;
    INSERT INTO qm.account_grid SELECT 140522, v_account, g, true FROM unnest(v_grids) g
    ON CONFLICT (county, account, grid) DO UPDATE SET now = true;
END
$$;

-- Pictures are listed whether or not an event names them yet.
CREATE FUNCTION t.entry_blob(e jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    h qm.log_head;
BEGIN
    SELECT * INTO h FROM qm.log_head;
    INSERT INTO qm.blob (county, sha256, bytes, media, received, listed_idx, sealed)
    SELECT 140522, decode(l, 'hex'), 1, 1, 1, h.size, '\x00' FROM jsonb_array_elements_text(e -> 'lines') l ON CONFLICT DO NOTHING;
    PERFORM qm.refold_events(140522, h.revision + 1, ARRAY(SELECT DISTINCT x.event FROM qm.evidence x JOIN qm.blob b USING (sha256) WHERE b.listed_idx = h.size));
    PERFORM qm.log_commit(h, ARRAY[4::smallint], ARRAY[1::bigint], ARRAY['blob'::bytea]);
END
$$;
CREATE FUNCTION t.entry_decide(e jsonb) RETURNS void LANGUAGE sql AS $$
    SELECT status FROM (SELECT array_agg(split_part(l, ' ', 2)::uuid) AS id, array_agg(split_part(l, ' ', 1) = 'in') AS way, array_agg(split_part(l, ' ', 3)) AS code
                          FROM jsonb_array_elements_text(e -> 'lines') l) q,
           qm.decide(140522, 'A0001', 1, q.id, q.way, q.code, '{}', '{}', '{}', '{}', '{}', '{}')
$$;

-- What is frozen of a case, by grid.
CREATE FUNCTION t.sums(c jsonb) RETURNS TABLE (grid bigint, v bigint[], a bigint[], b bigint[]) LANGUAGE sql AS $$
    SELECT s.grid, s.v, s.a, s.b
      FROM qm.freeze_sums(140522, c ->> 'scope', (c ->> 'day')::date, (c ->> 'from')::bigint,
               CASE WHEN (c ->> 'from')::bigint = 0 THEN 0 ELSE (SELECT revision FROM t.place WHERE size = (c ->> 'from')::bigint) END,
               (c ->> 'to')::bigint, (SELECT revision FROM t.place WHERE size = (c ->> 'to')::bigint), 0) s
$$;

-- The same as its result has it: a line a division, with [num,den,new,refused] of the metrics of coverage
-- in the rule's order.
CREATE FUNCTION t.cells(c jsonb) RETURNS TABLE (code text, cells text) LANGUAGE sql AS $$
    WITH rule AS (
        SELECT (c ->> 'rule')::jsonb AS r
    ), grids AS (
        SELECT left(s.grid::text, CASE r ->> 'level' WHEN 'grid' THEN 15 WHEN 'village' THEN 12 ELSE 9 END) AS code, s.*
          FROM rule, t.sums(c) s
    ), metric AS (
        SELECT k, o, 2 * k - 1 + CASE r ->> 'assurance' WHEN 'evidenced' THEN 1 ELSE 0 END AS i,
               CASE WHEN k > 5 THEN 46 WHEN k = 2 THEN 2 ELSE 1 END AS den,
               CASE WHEN k > 5 THEN 57 ELSE (ARRAY[13, 14, 15, 15, 16])[k] END AS refused
          FROM rule, jsonb_array_elements(r -> 'metrics') WITH ORDINALITY AS u (m, o),
               LATERAL (SELECT array_position(ARRAY['visited', 'reached', 'notice_delivered', 'notice_signed', 'pledge', 'app', 'app_real_name',
                                                    'app_call_alert', 'app_sms_alert', 'app_all'], m ->> 'name') AS k) n
         WHERE k IS NOT NULL
    )
    SELECT q.code, string_agg(format('[%s,%s,%s,%s]', q.num, q.den, q.fresh, q.refused), ',' ORDER BY q.o)
      FROM (SELECT g.code, m.o, sum(g.a[m.i]) AS num, sum(g.v[m.den]) AS den, sum(g.a[m.i] - g.b[m.i]) AS fresh, sum(g.v[m.refused]) AS refused
              FROM grids g, metric m GROUP BY 1, 2) q
     GROUP BY q.code
$$;
CREATE FUNCTION t.wanted(c jsonb) RETURNS TABLE (code text, cells text) LANGUAGE sql AS $$
    SELECT w ->> 'code', (SELECT replace(string_agg(m::text, ',' ORDER BY o), ' ', '')
                            FROM jsonb_array_elements(w -> 'm') WITH ORDINALITY AS u (m, o)
                           WHERE (SELECT r -> 'metrics' ->> (o - 1)::int FROM (SELECT (c -> 'expect' ->> 'result')::jsonb AS r) x)
                                 ~ '^(visited|reached|notice_delivered|notice_signed|pledge|app|app_real_name|app_call_alert|app_sms_alert|app_all)$')
      FROM jsonb_array_elements((c -> 'expect' ->> 'result')::jsonb -> 'rows') w
    UNION ALL
    SELECT w ->> 'code', NULL FROM jsonb_array_elements((c -> 'expect' ->> 'result')::jsonb -> 'out') w -- figures are not shown
$$;

-- Both levels of every metric, whatever the rule's is: how many are frozen, and of how many states it holds
-- whose roster line is in the denominator.
CREATE FUNCTION t.levels(c jsonb) RETURNS text LANGUAGE sql AS $$
    WITH metric AS (
        SELECT name, k::int FROM unnest(ARRAY['visited', 'reached', 'notice_delivered', 'notice_signed', 'pledge', 'app', 'app_real_name',
                                              'app_call_alert', 'app_sms_alert', 'app_all']) WITH ORDINALITY AS u (name, k)
    ), line AS (
        SELECT split_part(l, ' ', 1) AS kind, split_part(l, ' ', 4) AS word, c -> 'expect' -> 'states' -> split_part(l, ' ', 2) AS state
          FROM unnest(string_to_array(c -> 'expect' ->> 'roster', E'\n')) AS l
    ), want AS (
        SELECT m.name, m.k, count(*) FILTER (WHERE (l.state ->> m.name)::boolean) AS reported,
               count(*) FILTER (WHERE l.state -> 'evidenced' ? m.name) AS proved
          FROM metric m
          LEFT JOIN line l ON l.kind = CASE WHEN m.k > 5 THEN 'resident' ELSE 'household' END
                          AND (l.word = 'counted' OR m.k = 2 AND l.word = 'away')
         GROUP BY 1, 2
    ), have AS (
        SELECT m.k, coalesce(sum(s.a[2 * m.k - 1]), 0) AS reported, coalesce(sum(s.a[2 * m.k]), 0) AS proved
          FROM metric m LEFT JOIN t.sums(c) s ON true GROUP BY 1
    )
    SELECT string_agg(format('%s: reported %s want %s, evidenced %s want %s', w.name, h.reported, w.reported, h.proved, w.proved), '; ' ORDER BY w.k)
      FROM want w JOIN have h USING (k)
     WHERE h.reported <> w.reported OR h.proved <> w.proved
$$;

-- What is wrong with one case; everything it did is undone.
CREATE FUNCTION t.judge(c jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    e jsonb;
    i int := 0;
    v_bad text;
    v_roster text;
BEGIN
    TRUNCATE t.place;
    PERFORM t.county(c);
    PERFORM t.register(c);
    PERFORM t.at();
    FOR e IN SELECT jsonb_array_elements(c -> 'log') LOOP
        CASE e ->> 'type'
            WHEN 'batch' THEN PERFORM t.entry_batch(e, i);
            WHEN 'decide' THEN PERFORM t.entry_decide(e);
            WHEN 'blob' THEN PERFORM t.entry_blob(e);
            ELSE PERFORM qm.log_commit(h, ARRAY[7::smallint], ARRAY[1::bigint], ARRAY['other'::bytea]) FROM qm.log_head h WHERE county = 140522;
        END CASE;
        PERFORM t.at();
        i := i + 1;
    END LOOP;
    SELECT string_agg(lines, '') INTO v_roster FROM qm.freeze_roster(140522, c ->> 'scope', (c ->> 'day')::date);
    IF i <> (SELECT size FROM qm.log_head WHERE county = 140522) THEN
        v_bad := 'the log has another size';
    ELSIF coalesce(v_roster, '') <> c -> 'expect' ->> 'roster' THEN
        v_bad := 'roster ' || v_roster;
    ELSE
        SELECT string_agg(format('%s have %s want %s', coalesce(h.code, w.code), h.cells, w.cells), '; ') INTO v_bad
          FROM t.cells(c) h FULL JOIN t.wanted(c) w ON w.code = h.code
         WHERE h.code IS NULL OR w.code IS NULL OR h.cells <> w.cells;
        v_bad := coalesce(v_bad, t.levels(c), t.recount());
    END IF;
    RAISE EXCEPTION 'undo' USING ERRCODE = 'QM999';
EXCEPTION WHEN SQLSTATE 'QM999' THEN
    RETURN coalesce(v_bad, '');
END
$$;

SELECT is(t.judge(body), '', body ->> 'name') FROM t.vectors ORDER BY n;
SELECT cmp_ok((SELECT count(*) FROM t.vectors), '>', 100::bigint, 'there are cases');
SELECT matches(t.judge(jsonb_set(body, '{log,0,lines,0,verdict}', '"hold scope"')), '^140522110204 have ', 'one verdict changed is seen')
  FROM t.vectors WHERE body ->> 'name' = '5.1 accepted counts';
SELECT * FROM finish();
ROLLBACK;
