-- What is carried over from before the start counts, and is told as no gain.
BEGIN;
\ir lib/world.psql
SELECT plan(17);

CREATE FUNCTION pg_temp.place(what text) RETURNS int LANGUAGE sql AS $$ SELECT place FROM qm.counter_place WHERE name = what $$;
-- The village's counter, and how much of it was carried over since a day.
CREATE FUNCTION pg_temp.now(what text) RETURNS bigint LANGUAGE sql AS $$
    SELECT v[pg_temp.place(what)] FROM qm.village_counter WHERE county = 140522 AND village = 140522110204
$$;
CREATE FUNCTION pg_temp.carried(what text, code text DEFAULT '140522110204', since date DEFAULT '2025-11-20') RETURNS bigint LANGUAGE sql AS $$
    SELECT coalesce((qm.carried_since(140522, code, since))[pg_temp.place(what)], 0)
$$;
CREATE FUNCTION pg_temp.both(what text) RETURNS text LANGUAGE sql AS $$ SELECT pg_temp.now(what) || ' ' || pg_temp.carried(what) $$;

CREATE FUNCTION pg_temp.far() RETURNS text LANGUAGE sql AS $$
    SELECT v[pg_temp.place('visited')] || ' ' || pg_temp.carried('visited', '140522110205')
      FROM qm.village_counter WHERE county = 140522 AND village = 140522110205
$$;
CREATE FUNCTION pg_temp.decide(event text, way boolean) RETURNS smallint LANGUAGE sql AS $$
    SELECT status FROM qm.decide(140522, 'A0001', t.r0(), ARRAY[t.u(event)], ARRAY[way], ARRAY['seen'], '{}', '{}', '{}', '{}', '{}', '{}')
$$;

SELECT t.put('d1', 'v1', 'visit', 'met', h => 'h1');
SELECT is(pg_temp.both('visited'), '1 0', 'a visit at the door is a gain');
SELECT is(qm.carried_since(140522, '140522110204', '2025-11-20'), NULL, 'and nothing is kept beside it');

SELECT t.batch('d1');
SELECT t.ev('c1', 'visit', 'met', h => 'h1', via => 'carried');
SELECT t.ev('c2', 'visit', 'met', h => 'h2', via => 'carried');
SELECT t.ev('c3', 'pledge', 'signed', h => 'h2', r => 'r3', via => 'carried', sha => '{x}');
SELECT t.ev('c4', 'app', 'installed', h => 'h1', r => 'r1', via => 'carried', alerts => 1);
SELECT t.ev('c5', 'visit', 'met', h => 'h8', g => t.g(1001), via => 'carried');
SELECT is(t.go(), '4 hold scope', 'what is carried over is judged like all else');
SELECT is(pg_temp.both('visited'), '2 1', 'it counts once, and only what was not there before is kept as carried over');
SELECT is(pg_temp.both('pledge') || ' ' || pg_temp.both('app'), '1 1 1 1', 'pledges and residents likewise');
SELECT is(pg_temp.carried('visited', '140522110') || ' ' || pg_temp.carried('visited', '140522') || ' ' || pg_temp.carried('visited', '140522110205'), '1 1 0',
          'of the township and the county too, of no other village');
SELECT is(pg_temp.carried('visited', since => '2025-11-21'), 0::bigint, 'a day that is closed with it has it in its counters');

-- c5 waits for the office; h8 is in the village beside.
SELECT is(pg_temp.far(), '0 0', 'a held one counts nowhere');
SELECT pg_temp.decide('c5', true);
SELECT is(pg_temp.far(), '1 1', 'taken in later, it counts and is no gain of the day on which it was decided');
SELECT pg_temp.decide('c5', false);
SELECT is(pg_temp.far(), '0 0', 'and out again, it is neither');
SELECT is(pg_temp.both('pledge_evidenced'), '0 0', 'a carried pledge whose picture has not come is not proved');
SELECT t.blob('x', t.r0());
SELECT t.note(t.r0());
SELECT is(pg_temp.both('pledge_evidenced'), '1 1', 'the picture that proves it later is no gain either');

SELECT t.put('d1', 'x2', 'void', target => 'c2');
SELECT is(pg_temp.both('visited'), '1 0', 'taken back, it is neither');
SELECT t.put('d1', 'x1', 'void', target => 'c1');
SELECT is(pg_temp.both('visited'), '1 0', 'a record beside it goes without a trace in either');
SELECT t.batch('d1');
SELECT t.ev('c6', 'visit', 'met', h => 'h2', via => 'carried');
SELECT t.ev('x6', 'void', target => 'c6');
SELECT t.go();
SELECT is(pg_temp.both('visited'), '1 0', 'nor does one that is taken back in the same batch');

SELECT is(qm.packed_add(qm.pack('{5,0,-3}'), '{1,2,3}'), qm.pack('{6,2,0}'), 'a packed row and more, place by place');
SELECT is(qm.packed_add(qm.pack('{5,7}'), NULL), qm.pack('{5,7}'), 'nothing more');
SELECT * FROM finish();
ROLLBACK;
