#!/usr/bin/env bash
# bench_stored - what the events that are there already cost: accepted events per second of a server
# that holds STORED of them, in turn with a server of the same kind that holds next to none.
#
# Happy path: two sites, each with a PostgreSQL of its own; the phones of the first send until STORED
# events are there; then ROUNDS times 32 phones with batches of 50 at the one and at the other.  Of two
# rounds side by side the ratio is taken, and of these the median.
# Failure: whatever answers wrongly ends it with exit 1; all it started is stopped.
#
#   bench_stored.sh BUILD STORED [ROUNDS] [FOLDER]
#       FOLDER: the full site lies here and is kept; a later run goes on with what is in it
set -euo pipefail
. "$(dirname "$0")/bench_site.sh"
stored=$2
rounds=${3:-7}
phones=32 batches=40 size=50

few=$dir
site_up
if [ -n "${4:-}" ]; then
    mkdir -p "$4"
    chmod 755 "$4"
    full=$(cd "$4" && pwd)
    kept+=("$full")
    site_at "$full" "$([ -s "$full/port" ] && cat "$full/port" || echo $((port + 1)))"
else
    site_new
    full=$dir
fi
site_up

qm_step "storing $stored events"
held() { sql -c 'SELECT coalesce(sum(cardinality(ids)), 0) FROM qm.batch'; }
while have=$(held) && [ "$have" -lt "$stored" ]; do
    more=$(((stored - have + phones * size - 1) / (phones * size))) # batches a phone
    read -r rate _ _ <<<"$(phones_once "$phones" "$((more < 125 ? more : 125))" "$size")"
    printf '    %s of %s, %s events/s\n' "$have" "$stored" "$rate"
done
# What was put off while they came would be paid for by the rounds.
qm_pg_psql "$dir/pg" -d "$(qm_pg_conninfo "$dir/pg") user=postgres" -c 'VACUUM ANALYZE' -c 'CHECKPOINT'

: >"$few/ratio"
for ((r = 1; r <= rounds; r++)); do
    site_at "$few"
    read -r base p50 p99 <<<"$(phones_once "$phones" "$batches" "$size")"
    printf 'round %d: few stored %d events/s (p50 %s ms, p99 %s ms)' "$r" "$base" "$p50" "$p99"
    site_at "$full"
    read -r now p50 p99 <<<"$(phones_once "$phones" "$batches" "$size")"
    printf ', %d stored %d events/s (p50 %s ms, p99 %s ms)\n' "$(held)" "$now" "$p50" "$p99"
    awk -v a="$now" -v b="$base" 'BEGIN { printf "%.3f\n", a / b }' >>"$few/ratio"
done
printf 'ratio of %d stored to few: median %s, from %s to %s (aim 0.90 or more)\n' "$(held)" \
    "$(median <"$few/ratio")" "$(sort -n "$few/ratio" | head -n 1)" "$(sort -n "$few/ratio" | tail -n 1)"
printf 'peak memory of the server with them: %d MiB; its database: %s\n' "$(peak_mib)" \
    "$(sql -c 'SELECT pg_size_pretty(pg_database_size(current_database()))')"
