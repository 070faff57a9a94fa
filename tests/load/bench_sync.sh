#!/usr/bin/env bash
# bench_sync - accepted events per second of the whole server, beside plain inserts into the same
# PostgreSQL, in one run, in turn.
#
# Happy path: a private PostgreSQL with fsync on, a county from the sample township, a server; then
# ROUNDS times: 32 phones with batches of 50 (load_sync), (a) pgbench with 50-row inserts of fourteen
# columns with a primary key and two indexes on 8 connections, (b) pgbench with one such row a
# transaction.  Prints every round, the medians, their ratios, latencies and the server's peak memory.
# With a number of phones: so many at once, each on a connection of its own with two batches, and nothing
# beside them; what they sent and the server's peak memory.
# Failure: whatever answers wrongly ends it with exit 1; all it started is stopped.
#
#   bench_sync.sh BUILD [ROUNDS]
#   bench_sync.sh BUILD phones N       the long form: 2000
set -euo pipefail
. "$(dirname "$0")/bench_site.sh"
rounds=${2:-3}
phones=32 size=50 batches=40

if [ "$rounds" = phones ]; then
    phones=$3
    # All of them wait at once; none is told to come again.
    settings="connections_max = $((phones + 100))
group_wait_max = $phones"
    ulimit -n "$((phones * 2 + 1000))"
    site_up
    workers "$phones"
    read -r events p50 p99 <<<"$(phones_once "$phones" 2 "$size")"
    printf '%d phones at once: %d events/s, p50 %s ms, p99 %s ms\n' "$phones" "$events" "$p50" "$p99"
    printf 'of %d events %d are there\n' "$((phones * 2 * size))" "$(sql -c 'SELECT count(*) FROM qm.event')"
    printf 'peak memory of the server: %d MiB (aim under 200 with 2,000 phones)\n' "$(peak_mib)"
    exit
fi

# The table and the scripts of the plain inserts: the text column is as long as an event.
plain_up() {
    sql -c "CREATE TABLE plain (id uuid PRIMARY KEY, a uuid, b uuid, c bigint, d bigint, e bigint, f bigint,
                g int, h int, i smallint, j smallint, k smallint, l text, m bytea);
            CREATE INDEX ON plain (a); CREATE INDEX ON plain (b)"
    local e row i
    e=$(printf '78%.0s' {1..330})
    row="(gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 1, 2, 3, 4, 5, 6, 7, 8, 9, 'W0001', '\\x$e')"
    printf 'INSERT INTO plain VALUES %s;\n' "$row" >"$dir/one.sql"
    {
        printf 'INSERT INTO plain VALUES '
        for ((i = 1; i < 50; i++)); do printf '%s, ' "$row"; done
        printf '%s;\n' "$row"
    } >"$dir/fifty.sql"
}

# pgbench_once SCRIPT CLIENTS ROWS: rows per second.
pgbench_once() {
    "$pgbench" -n -M simple -f "$1" -c "$2" -j 2 -T 5 "$conninfo" 2>/dev/null |
        awk -v rows="$3" '/^tps/ { printf "%d\n", $3 * rows }'
}

pgbench=$(command -v pgbench || echo /usr/lib/postgresql/15/bin/pgbench)
site_up
plain_up
: >"$dir/a"; : >"$dir/b"; : >"$dir/s"; : >"$dir/s50"; : >"$dir/s99"
for ((r = 1; r <= rounds; r++)); do
    read -r events p50 p99 <<<"$(phones_once "$phones" "$batches" "$size")"
    fifty=$(pgbench_once "$dir/fifty.sql" 8 50)
    one=$(pgbench_once "$dir/one.sql" 8 1)
    printf 'round %d: sync %d events/s (p50 %s ms, p99 %s ms), 50-row inserts %d rows/s, one-row %d rows/s\n' \
        "$r" "$events" "$p50" "$p99" "$fifty" "$one"
    echo "$events" >>"$dir/s"; echo "$p50" >>"$dir/s50"; echo "$p99" >>"$dir/s99"
    echo "$fifty" >>"$dir/a"; echo "$one" >>"$dir/b"
    sql -c 'TRUNCATE plain'
done
s=$(median <"$dir/s") a=$(median <"$dir/a") b=$(median <"$dir/b")
awk -v s="$s" -v a="$a" -v b="$b" -v p50="$(median <"$dir/s50")" -v p99="$(median <"$dir/s99")" 'BEGIN {
    printf "median: sync %d events/s, p50 %s ms, p99 %s ms\n", s, p50, p99
    printf "ratio to 50-row inserts (a): %.2f (aim 0.50 or more)\n", s / a
    printf "ratio to one-row transactions (b): %.2f (aim above 1)\n", s / b }'
printf 'peak memory of the server: %d MiB (aim under 64)\n' "$(peak_mib)"
