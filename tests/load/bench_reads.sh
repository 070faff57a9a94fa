#!/usr/bin/env bash
# bench_reads - the board of 14 and of 170 villages and one grid's list at growing numbers of
# residents, beside a select by primary key; see bench_reads.c.
#
#   bench_reads.sh BUILD [RESIDENTS ...]       default 10000 100000; the long form adds 1000000
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
bin=$(cd "$1" && pwd)
shift
[ $# -gt 0 ] || set -- 10000 100000
. "$root/deploy/lib/say.sh"
. "$root/deploy/lib/postgres.sh"

dir=$(mktemp -d /tmp/qiaomen-bench.XXXXXX)
chmod 755 "$dir"
finish() {
    qm_pg_stop "$dir/pg" >/dev/null 2>&1 || true
    rm -rf "$dir"
}
trap finish EXIT
qm_pg_init "$dir/pg" >/dev/null
qm_pg_start "$dir/pg" >/dev/null
conninfo=$(qm_pg_conninfo "$dir/pg")

databases=()
for people in "$@"; do
    for villages in 14 170; do
        name=bench_${villages}_${people}
        qm_pg_psql "$dir/pg" -c "CREATE DATABASE $name OWNER qiaomen"
        here="$conninfo dbname=$name"
        for file in "$root"/sql/migrations/*.tables.sql "$root"/sql/migrations/*.keys.sql \
            "$root"/sql/migrations/*.data.sql "$root"/sql/functions/*.sql; do
            PGOPTIONS='-c client_min_messages=warning' psql -X -q -v ON_ERROR_STOP=1 -d "$here" -f "$file"
        done
        psql -X -q -d "$here" -v villages="$villages" -v people="$people" \
            -f "$root/tests/load/bench_reads.sql" >/dev/null
        databases+=("$villages villages, $people people" "$here")
    done
done
printf 'load average before: %s\n' "$(cut -d' ' -f1-3 /proc/loadavg)"
# As the server's connections are (server/drivers/pg_private.h).
export PGOPTIONS='-c jit=off -c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c enable_bitmapscan=off'
"$bin/tests/load/bench_reads" 10000 "$root/sql/queries" "${databases[@]}"
