#!/bin/bash
# Several sessions call the writing functions at once: overlapping households in opposite orders, the same
# batch twice, rolled back calls, the office in between.  Nothing may deadlock, the log stays gap-free and
# the counters true.  Prints TAP; exits non-zero if a check fails.  Needs PGHOST and PGDATABASE of a database
# with migrations and functions and nothing else; leaves its rows behind.
cd "$(dirname "$0")" || exit 2
. lib/tap.sh

sql >/dev/null <<'SETUP' || { echo "Bail out! the county cannot be set up"; exit 2; }
BEGIN;
\ir lib/world.psql
\ir lib/model.psql
-- A batch of visits to all homes of grid 2, in rising or falling order, with voids of others' and own.
CREATE FUNCTION t.storm(phone text, i int, rising boolean) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v_home text;
BEGIN
    PERFORM t.batch(phone, phone || ' storm ' || i, t.r0() + i);
    FOR v_home IN SELECT 'c' || n FROM generate_series(1, 30) n ORDER BY CASE WHEN rising THEN n ELSE -n END LOOP
        PERFORM t.ev(phone || i || v_home, 'visit', CASE WHEN i % 3 = 0 THEN 'met' ELSE 'absent' END, h => v_home, g => t.g(2));
    END LOOP;
    PERFORM t.ev(phone || i || 'void', 'void', target => phone || i - 1 || 'c5', g => t.g(2));
    PERFORM t.ev(phone || i || 'new', 'household', 'home', h => 'new' || i, g => t.g(2));
    RETURN t.go();
END
$$;
-- One batch whose bytes are the same from every session.
CREATE FUNCTION t.twin(i int) RETURNS text LANGUAGE sql AS $$
    SELECT t.batch('d3', 'twin ' || i), t.ev('twin ' || i, 'visit', 'met', h => 'h8', g => t.g(1001), at => t.r0() - 1000, seq => i);
    SELECT string_agg(status || ' ' || idx, ',') FROM t.send()
$$;
SELECT t.households(ARRAY(SELECT 'c' || n FROM generate_series(1, 30) n), ARRAY(SELECT t.g(2) FROM generate_series(1, 30)));
COMMIT;
SETUP

rounds=25
storm() { # phone, rising
    for i in $(seq 1 $rounds); do
        echo "SELECT t.storm('$1', $i, $2);"
        if [ $((i % 5)) = 0 ]; then # cut after the call: as if the connection had been lost before its commit
            echo "BEGIN; SELECT t.storm('$1', 1000 + $i, $2); SELECT pg_sleep(0.01); ROLLBACK;"
        fi
    done
}
twins() { for i in $(seq 1 $rounds); do echo "SELECT t.twin($i);"; done; }
office() {
    for i in $(seq 1 $rounds); do
        echo "SELECT t.move('c$i', t.g(2 + $i % 2));"
        echo "SELECT t.status('household', 'c$((31 - i))', 1 + $i % 3);"
        echo "SELECT moved FROM qm.birthdays(140522, date '2025-11-21' + $i);"
        echo "BEGIN; SELECT t.decide('out', id::text) FROM (SELECT id FROM qm.event WHERE county = 140522 AND kind = 1 ORDER BY id LIMIT 1) e; SELECT pg_sleep(0.01); COMMIT;"
    done
}
storm d1 true >"$work/d1.sql"
storm d1b false >"$work/d1b.sql"
storm d2 false >"$work/d2.sql"
twins >"$work/twin1.sql"
cp "$work/twin1.sql" "$work/twin2.sql"
office >"$work/office.sql"

pids=()
for f in "$work"/*.sql; do
    sql -f "$f" >"${f%.sql}.out" 2>"${f%.sql}.err" &
    pids+=($!)
done
bad=0
for p in "${pids[@]}"; do wait "$p" || bad=$((bad + 1)); done
check "six sessions at once: no deadlock, no error" "$bad $(cat "$work"/*.err)" "0 "

check "the log has no gap" \
    "$(sql -c "SELECT count(*) = h.size AND max(idx) + 1 = h.size FROM qm.log_entry e JOIN qm.log_head h USING (county) WHERE county = 140522 GROUP BY h.size")" t
check "each committed batch is in it, none of those rolled back" \
    "$(sql -c "SELECT count(*) FILTER (WHERE b.batch IN (SELECT t.u(p || ' storm ' || i) FROM unnest(ARRAY['d1', 'd1b', 'd2']) p, generate_series(1, $rounds) i)), count(*) FILTER (WHERE b.device = t.u('d3')), count(*), count(DISTINCT idx) FROM qm.batch b WHERE county = 140522")" \
    "$((3 * rounds))|$rounds|$((4 * rounds))|$((4 * rounds))"
check "the same batch of two sessions: one entry, the same index" \
    "$(cut -d' ' -f2 "$work/twin1.out" | sort | md5sum)" "$(cut -d' ' -f2 "$work/twin2.out" | sort | md5sum)"
check "one new and one known answer each" \
    "$(cut -d' ' -f1 "$work/twin1.out" "$work/twin2.out" | sort | uniq -c | tr -s ' ' | tr '\n' ',')" " $rounds 0, $rounds 1,"
check "the root is the frontier's, and the last checkpoint's" \
    "$(sql -c "SELECT qm.frontier_root(h.frontier) = h.root AND h.root = c.root FROM qm.log_head h JOIN qm.log_checkpoint c USING (county, size) WHERE county = 140522")" t
check "one checkpoint a commit, here of one entry each" \
    "$(sql -c "SELECT count(*) = max(size) FROM qm.log_checkpoint WHERE county = 140522")" t
check "counters equal their recount" "$(sql -c "SELECT t.recount()")" ""
# Voids and decisions that met each other: the model reads the log and knows nothing of sessions.
check "states are those of the model" "$(sql -c "SELECT string_agg(d::text, '; ') FROM t.model_differences() d")" ""

# A call that waits for the lock sees what the one before it committed, also if its statement began earlier.
sql -c "BEGIN; SELECT t.twin(1000); SELECT pg_sleep(1); COMMIT" >"$work/first" &
first=$!
sleep 0.3
second=$(sql -c "SELECT t.twin(1000)")
wait "$first"
check "a call that waited for the lock knows the batch" "$second" "1 $(head -1 "$work/first" | cut -d' ' -f2)"

checks_end
