#!/bin/bash
# Rankings are frozen and published, some of them twice at once, while phones send visits and new homes
# and the night takes away parts that were left.
# Each frozen roster and its sums must belong to one size of the log, and each period is published once.
# Prints TAP; exits non-zero if a check fails.  Needs PGHOST and PGDATABASE of a database with migrations
# and functions and nothing else; leaves its rows behind.
cd "$(dirname "$0")" || exit 2
. lib/tap.sh

sql >/dev/null <<'SETUP' || { echo "Bail out! the county cannot be set up"; exit 2; }
BEGIN;
\ir lib/world.psql
\ir lib/bulletin.psql
CREATE TABLE t.over (x int);
-- A new home, visited at once, and one of the earlier visits taken back.
CREATE FUNCTION t.stream(phone text, i int, g bigint) RETURNS text LANGUAGE sql AS $$
    SELECT t.batch(phone, phone || ' stream ' || i, t.r0() + i), t.ev(phone || i || 'made', 'household', 'home', h => phone || i, g => g),
           t.ev(phone || i || 'seen', 'visit', 'met', h => phone || i, g => g);
    SELECT t.ev(phone || i || 'back', 'void', target => phone || i - 2 || 'seen', g => g) WHERE i % 3 = 0;
    SELECT t.go()
$$;
COMMIT;
SETUP

rounds=60
stream() { for i in $(seq 1 $rounds); do echo "SELECT t.stream('$1', $i, t.g($2));"; done; }
# Weeks 1 to 6 of 2026, each frozen three times, the last draft published.
office() {
    for w in 1 2 3 4 5 6; do
        for n in 1 2 3; do
            echo "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;"
            echo "SELECT t.read('2026-W0$w', pause => 0.05) AS f \\gset"
            echo "COMMIT;"
            # Between parts and commit the night comes, more than once.
            echo "SELECT t.put_parts(:'f') > 0, pg_sleep(0.05);"
            echo "SELECT 'froze ' || t.keep(:'f', 'w$w.$n');"
        done
        echo "SELECT 'published ' || t.publish('w$w.3');"
    done
    echo "INSERT INTO t.over VALUES (1);"
}
# Sweeps what was put before today until the office goes home.
night() {
    cat <<'SQL'
DO $$ BEGIN WHILE NOT EXISTS (SELECT FROM t.over) LOOP
    PERFORM qm.parts_sweep(140522, t.r0()); COMMIT; PERFORM pg_sleep(0.01); END LOOP; END $$;
SQL
}
# Asks for the same until each is published, or the office has gone without it.
second() {
    for w in 1 2 3 4 5 6; do
        cat <<SQL
DO \$\$ BEGIN WHILE coalesce((SELECT state FROM qm.bulletin WHERE draft = t.u('w$w.3')), 2) = 2 AND NOT EXISTS (SELECT FROM t.over) LOOP PERFORM pg_sleep(0.005); END LOOP; END \$\$;
SELECT 'published ' || t.publish('w$w.3', 'T0003');
SQL
    done
}
stream d1 1 >"$work/d1.sql"
stream d2 3 >"$work/d2.sql"
stream d3 1001 >"$work/d3.sql"
office >"$work/office.sql"
second >"$work/second.sql"
night >"$work/night.sql"
sql -c "INSERT INTO qm.object_part SELECT 140522, sha256('left'), i, 'x', t.r0() - 1 FROM generate_series(0, 4) i"

pids=()
for f in "$work"/*.sql; do
    sql -f "$f" >"${f%.sql}.out" 2>"${f%.sql}.err" &
    pids+=($!)
done
bad=0
for p in "${pids[@]}"; do wait "$p" || bad=$((bad + 1)); done
check "six sessions at once: no deadlock, no error" "$bad $(cat "$work"/*.err)" "0 "
check "every freeze was kept" "$(grep froze "$work/office.out" | sort | uniq -c | tr -s ' ')" " 18 froze 0"
check "what was left is gone" "$(sql -c "SELECT count(*) FROM qm.object_part WHERE sha256 = sha256('left')")" 0
check "both who published were told the same" "$(grep published "$work/office.out")" "$(grep published "$work/second.out")"
check "six bulletins, one entry each, at the index that was told" \
    "$(sql -c "SELECT count(*), count(DISTINCT b.idx), bool_and(e.type = 10 AND convert_from(e.body, 'UTF8') LIKE '%' || b.period || E'\nfrom ' || b.from_idx || E'\nto ' || b.to_size || E'\n%'), (SELECT count(*) FROM qm.log_entry WHERE type = 10) FROM qm.bulletin b JOIN qm.log_entry e USING (county, idx) WHERE state = 1")" "6|6|t|6"
check "each begins where the one before ended" \
    "$(sql -c "SELECT bool_and(from_idx = coalesce(lag, 0)) FROM (SELECT from_idx, lag(to_size) OVER (ORDER BY period) FROM qm.bulletin WHERE state = 1) q")" t
check "the other drafts are dropped" "$(sql -c "SELECT count(*) FROM qm.bulletin WHERE state = 2")" 12
check "syncs came while it was read: a size between those of two freezes" \
    "$(sql -c "SELECT count(*) > 5 FROM qm.bulletin b WHERE EXISTS (SELECT FROM qm.event e WHERE e.idx >= b.to_size AND e.idx < b.roster_idx)")" t

# What a roster and sums must hold, from the events below the size alone.
sql >"$work/model" <<'MODEL'
CREATE TABLE t.roster AS
SELECT b.draft, b.to_size, split_part(l, ' ', 2) AS name, split_part(l, ' ', 4) AS word
  FROM qm.bulletin b
  JOIN LATERAL (SELECT convert_from(string_agg(p.body, '' ORDER BY p.part), 'UTF8') AS text FROM qm.object_part p WHERE p.sha256 = b.roster_sha) r ON true,
       unnest(string_to_array(r.text, E'\n')) AS l WHERE l LIKE 'household %';
CREATE TABLE t.made AS
SELECT b.draft, qm.pseudonym(h.household) AS name, h.household, b.to_size
  FROM qm.bulletin b, qm.household h
 WHERE NOT EXISTS (SELECT FROM qm.event e WHERE e.kind = 5 AND e.household = h.household)
    OR EXISTS (SELECT FROM qm.event e WHERE e.kind = 5 AND e.household = h.household AND e.idx < b.to_size);
SELECT 'rosters', count(*) FROM ((SELECT draft, name FROM t.roster EXCEPT SELECT draft, name FROM t.made) UNION ALL
                                 (SELECT draft, name FROM t.made EXCEPT SELECT draft, name FROM t.roster)) q;
SELECT 'sums', count(*) FROM (
    SELECT b.draft, sum(r.v[1]) AS homes, sum(r.v[3]) AS visited, sum(r.m[3]) AS fresh FROM qm.bulletin b JOIN qm.bulletin_row r USING (county, draft) GROUP BY 1
    EXCEPT
    SELECT b.draft, (SELECT count(*) FROM t.roster o WHERE o.draft = b.draft AND o.word = 'counted'), s.visited, s.visited - s.before
      FROM qm.bulletin b, LATERAL (
          SELECT count(DISTINCT e.household) FILTER (WHERE e.idx < b.to_size AND v.idx IS NULL) AS visited,
                 count(DISTINCT e.household) FILTER (WHERE e.idx < b.from_idx AND coalesce(v.idx, b.from_idx) >= b.from_idx) AS before
            FROM qm.event e LEFT JOIN qm.void_mark v ON v.target = e.id AND v.idx < b.to_size WHERE e.kind = 1) s) q;
SELECT 'homes grew', count(DISTINCT homes) > 6 FROM (SELECT draft, sum(v[1]) AS homes FROM qm.bulletin_row GROUP BY 1) q;
MODEL
check "rosters and sums are those of one size each" "$(cat "$work/model")" "rosters|0
sums|0
homes grew|t"

checks_end
