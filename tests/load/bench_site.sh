# bench_site.sh - a private PostgreSQL with fsync on, the sample township's register and a server, for
# the benchmarks.  Sourced by bench_*.sh; the first argument is the build folder.  What it starts is
# stopped at exit.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
bin=$(cd "$1" && pwd)
county=140522
. "$root/deploy/lib/say.sh"
. "$root/deploy/lib/postgres.sh"
. "$root/deploy/lib/server.sh"

dir=$(mktemp -d /tmp/qiaomen-bench.XXXXXX)
chmod 755 "$dir"
finish() {
    qm_server_stop "$dir" >/dev/null 2>&1 || true
    qm_pg_stop "$dir/pg" >/dev/null 2>&1 || true
    rm -rf "$dir"
}
trap finish EXIT

port=$((20000 + $$ % 20000))
host=127.0.0.1:$port
qiaomend=$bin/server/qiaomend
admin() { "$qiaomend" --config "$dir/qiaomend.conf" admin "$@"; }
sql() { psql -X -q -A -t -v ON_ERROR_STOP=1 -d "$conninfo" "$@"; }

# site_up: pages ($web, if set), register, homes file (grid, household, one resident), server.
site_up() {
    qm_pg_init "$dir/pg" >/dev/null
    qm_pg_start "$dir/pg" >/dev/null
    conninfo=$(qm_pg_conninfo "$dir/pg")
    mkdir -p "$dir/state"
    cat >"$dir/qiaomend.conf" <<CONF
listen = 127.0.0.1:$port
database = $conninfo
master = $dir/master
state_dir = $dir/state
sql_dir = $root/sql
address_per_minute = 1000000
device_syncs_per_minute = 100000
${web:+web_dir = $web}
CONF
    "$qiaomend" --config "$dir/qiaomend.conf" migrate >"$dir/setup.log"
    "$bin/tests/load/township" --divisions "$root/deploy/sample/divisions.csv" --out "$dir" >>"$dir/setup.log"
    admin init --host "$host" >>"$dir/setup.log"
    admin divisions import "$root/deploy/sample/divisions.csv" >>"$dir/setup.log"
    admin county add "$county" --by C0001 >>"$dir/setup.log"
    local what
    for what in grids accounts households residents; do
        admin "$what" import "$dir/$what.csv" --county "$county" --by C0001 >>"$dir/setup.log"
    done
    sql -c "SELECT h.grid || ' ' || qm.pseudonym(h.household) || ' ' || qm.pseudonym(min(r.resident::text)::uuid)
              FROM qm.household h JOIN qm.resident r USING (county, household)
             GROUP BY h.grid, h.household" >"$dir/homes"
    qm_server_start "$dir" "$qiaomend" "$port"
    printf 'load average before: %s\n' "$(cut -d' ' -f1-3 /proc/loadavg)"
}

# codes N: enrolment codes of the first N workers, a line each, in $dir/codes.
codes() {
    local n
    for ((n = 1; n <= $1; n++)); do
        admin code new --county "$county" --account "$(printf 'W%04d' "$n")" --by A0001 | head -n 1
    done >"$dir/codes"
}
