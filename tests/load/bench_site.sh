# bench_site.sh - a private PostgreSQL with fsync on, the sample township's register and a server, for
# the benchmarks.  Sourced by bench_*.sh; the first argument is the build folder.  What it starts is
# stopped at exit, and what it made is removed, but for a folder that the caller named.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
bin=$(cd "$1" && pwd)
county=140522
. "$root/deploy/lib/say.sh"
. "$root/deploy/lib/postgres.sh"
. "$root/deploy/lib/server.sh"

made=() kept=()
finish() {
    local one
    for one in "${made[@]}" "${kept[@]}"; do
        qm_server_stop "$one" >/dev/null 2>&1 || true
        qm_pg_stop "$one/pg" >/dev/null 2>&1 || true
    done
    [ "${#made[@]}" = 0 ] || rm -rf "${made[@]}"
}
trap finish EXIT

# site_new: a site of its own, from now on the one that everything here is about.
site_new() {
    dir=$(mktemp -d /tmp/qiaomen-bench.XXXXXX)
    made+=("$dir")
    chmod 755 "$dir"
    site_at "$dir" "$((20000 + ($$ + ${#made[@]}) % 20000))"
}

# site_at FOLDER [PORT]: the site of this folder, which keeps its port: its log is named by it.
site_at() {
    dir=$1
    [ -z "${2:-}" ] || printf '%s\n' "$2" >"$dir/port"
    port=$(cat "$dir/port")
    host=127.0.0.1:$port
}

qiaomend=$bin/server/qiaomend
admin() { "$qiaomend" --config "$dir/qiaomend.conf" admin "$@"; }
sql() { psql -X -q -A -t -v ON_ERROR_STOP=1 -d "$(qm_pg_conninfo "$dir/pg")" "$@"; }

site_new

# site_up: pages ($web) and further lines of the configuration ($settings), if set; register, homes file (grid, household, one resident), server; of a
# folder in which all that is, only PostgreSQL and the server are started.
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
request_timeout_ms = 110000
${web:+web_dir = $web}
${settings:-}
CONF
    "$qiaomend" --config "$dir/qiaomend.conf" migrate >>"$dir/setup.log"
    [ -s "$dir/homes" ] || site_filled
    qm_server_start "$dir" "$qiaomend" "$port"
    printf 'load average before: %s\n' "$(cut -d' ' -f1-3 /proc/loadavg)"
}

site_filled() {
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
}

# workers N: accounts W0001 to that of the N-th, each with one of the grids.
workers() {
    awk -F, -v n="$1" 'NR > 1 { grid[k++] = $1 }
        END {
            print "account,role,name,phone,areas"
            for (i = 1; i <= n; i++)
                printf "W%04d,worker,网格员%d,1%010d,%s\n", i, i, i, grid[i % k]
        }' "$dir/grids.csv" >"$dir/workers.csv"
    admin accounts import "$dir/workers.csv" --county "$county" --by C0001 >>"$dir/setup.log"
}

# codes N: enrolment codes of the first N workers, a line each, in $dir/codes.
codes() {
    local n
    for ((n = 1; n <= $1; n++)); do
        admin code new --county "$county" --account "$(printf 'W%04d' "$n")" --by A0001 | head -n 1
    done >"$dir/codes"
}

# phones_once PHONES BATCHES SIZE [RATE]: these phones send as fast as they are answered, or so many events
# per second; prints events per second, p50 and p99 in milliseconds.
phones_once() {
    codes "$1"
    "$bin/tests/load/load_sync" --port "$port" --host "$host" --codes "$dir/codes" --homes "$dir/homes" \
        --phones "$1" --batches "$2" --size "$3" --rate "${4:-0}" >"$dir/phones.json"
    sed 's/.*"events_per_second":\([0-9]*\),"p50_ms":\([0-9.]*\),"p99_ms":\([0-9.]*\).*/\1 \2 \3/' "$dir/phones.json"
}

median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

# The most memory that the server had, in MiB.
peak_mib() { echo "$(($(awk '/VmHWM/ { print $2 }' "/proc/$(cat "$dir/qiaomend.pid")/status") / 1024))"; }
