-- Random histories, each from a seed: at several points of each the sums and the roster that are frozen are
-- those of a slow model that reads the log (lib/freeze.psql), for ranges with voids, decisions, pictures,
-- merges, late and carried events on both sides of `from`, for first bulletins, later ones and corrections;
-- and so they are where what stood at `from` is taken as known.
-- `seeds` raises the number of histories.
BEGIN;
\ir lib/world.psql
\ir lib/model.psql
\ir lib/history.psql
\ir lib/freeze.psql
\if :{?seeds}
\else
\set seeds 6
\endif
SELECT plan(:seeds + 3);

CREATE TABLE t.tally (what text, n bigint);

CREATE FUNCTION t.freeze_history(seed int, steps int) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v_recv bigint;
    v_from t.mark;
    v_to t.mark;
    v_bad text := '';
    v_scope text;
    v_tally jsonb := '{}';
BEGIN
    PERFORM setseed(seed / 1000000.0);
    FOR i IN 1 .. steps LOOP
        v_recv := t.r0() + i * 400000;
        CASE
            WHEN t.rnd(100) < 50 THEN PERFORM t.step_sync(v_recv);
            WHEN t.rnd(100) < 35 THEN
                PERFORM qm.decide(140522, 'A0001', v_recv, q.ids, ARRAY(SELECT t.rnd(2) = 0 FROM unnest(q.ids)),
                                  array_fill('seen'::text, ARRAY[cardinality(q.ids)]), '{}', '{}', '{}', '{}', '{}', '{}')
                   FROM (SELECT array_agg(x.id) AS ids FROM (SELECT e.id FROM qm.event e WHERE county = 140522
                          ORDER BY (e.hold = 0)::int * t.rnd(2), random() LIMIT 3) x) q WHERE q.ids IS NOT NULL;
            WHEN t.rnd(100) < 40 THEN
                PERFORM t.blob('sha' || t.rnd(7), v_recv);
                PERFORM t.note(v_recv);
            ELSE PERFORM t.step_office(v_recv);
        END CASE;
        PERFORM t.mark();
        IF i % 10 = 5 THEN
            PERFORM t.stand(date '2025-11-21' + t.rnd(900));
        END IF;
        IF i % 10 = 0 THEN
            -- From nothing or an earlier mark, to now or, as a correction does, to an earlier mark.
            SELECT * INTO v_from FROM t.mark WHERE t.rnd(4) > 0 ORDER BY random() LIMIT 1;
            SELECT * INTO v_to FROM t.mark m WHERE m.size > coalesce(v_from.size, 0) AND m.revision > coalesce(v_from.revision, 0)
             ORDER BY CASE WHEN i % 20 = 0 THEN random() ELSE -m.n END LIMIT 1;
            CONTINUE WHEN v_to IS NULL;
            v_scope := t.one('140522', '140522110', '140522110204');
            v_bad := t.freeze_differences(v_scope, date '2025-11-21' + t.rnd(900), coalesce(v_from.size, 0), coalesce(v_from.revision, 0),
                                          v_to.size, v_to.revision, t.r0() - 3600000 * t.rnd(30) + i * 200000);
            -- How often the folds told something of each other.
            INSERT INTO t.tally
            SELECT u.what, count(*) FROM t.f_count c,
                   LATERAL (VALUES ('new', 2, 1), ('late', 2, 3), ('carried', 4, 2), ('first', 1, 4)) AS u (what, x, y)
             WHERE c.fold = u.x AND EXISTS (SELECT FROM t.f_count d WHERE d.fold = u.y AND (d.grid, d.name) = (c.grid, c.name) AND d.n <> c.n)
             GROUP BY 1;
            INSERT INTO t.tally
            SELECT 'less', count(*) FROM t.f_count c JOIN t.f_count d ON d.fold = 2 AND (d.grid, d.name) = (c.grid, c.name) AND d.n > c.n
             WHERE c.fold = 1;
            IF v_bad = '' THEN
                v_bad := coalesce((SELECT t.known_differences(v_scope, date '2025-11-21' + t.rnd(900), q.size, t.r0() - 3600000 * t.rnd(30) + i * 200000)
                                     FROM (SELECT size FROM t.stood_sum GROUP BY size ORDER BY random() LIMIT 1) q), '');
            END IF;
            INSERT INTO t.tally SELECT 'correction', 1 WHERE v_to.revision < (SELECT revision FROM qm.log_head WHERE county = 140522);
            IF v_bad <> '' THEN
                v_bad := format('step %s scope %s from %s to %s: %s', i, v_scope, v_from, v_to, v_bad);
                EXIT;
            END IF;
        END IF;
    END LOOP;
    v_tally := (SELECT jsonb_object_agg(q.what, q.n) FROM (SELECT what, sum(n) AS n FROM t.tally GROUP BY 1) q);
    RAISE EXCEPTION 'undo' USING ERRCODE = 'QM999';
EXCEPTION WHEN SQLSTATE 'QM999' THEN
    DELETE FROM t.tally;
    INSERT INTO t.tally SELECT k, v::bigint FROM jsonb_each_text(v_tally) AS u (k, v);
    RETURN v_bad;
END
$$;

SELECT is(t.freeze_history(s, 60), '', 'history of seed ' || s) FROM generate_series(1, :seeds) s;
SELECT is_empty($$ SELECT w FROM unnest(ARRAY['new', 'late', 'carried', 'first', 'less', 'correction', 'known', 'moved']) w
     WHERE coalesce((SELECT sum(n) FROM t.tally WHERE what = w), 0) = 0 $$, 'the histories met with everything that there is');

-- Ages by two birthdays are those by full years, around every day that matters.
SELECT is_empty($$
    SELECT d, b FROM generate_series(date '2024-02-26', '2024-03-03', '1 day') d,
           generate_series(date '1960-01-01', '2012-12-31', '1 day') b
     WHERE qm.band_between(b::date, qm.years_before(d::date, 16), qm.years_before(d::date, 61)) <> qm.age_band(b::date, d::date)
    UNION ALL
    SELECT d, b FROM generate_series(date '2025-02-26', '2025-03-03', '1 day') d,
           generate_series(date '1963-06-01', '2010-06-01', '1 day') b
     WHERE qm.band_between(b::date, qm.years_before(d::date, 16), qm.years_before(d::date, 61)) <> qm.age_band(b::date, d::date) $$,
    'ages on a day by two birthdays are those by full years');

-- The comparison itself notices a state that is wrong by one.
SELECT t.put('d1', 'x1', 'visit', 'met', h => 'h1');
UPDATE qm.grid_counter SET v[3] = v[3] + 1 WHERE grid = t.g(1);
SELECT is(t.freeze_differences('140522', '2025-11-23', 0, 0, h.size, h.revision, 0),
          format('1 %s visited have 2 want 1; 11 %s visited have 2 want 1', t.g(1), t.g(1)), 'a wrong counter is seen')
  FROM qm.log_head h;
SELECT * FROM finish();
ROLLBACK;
