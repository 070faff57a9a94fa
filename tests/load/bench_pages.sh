#!/usr/bin/env bash
# bench_pages - how quick the pages of office and phone are in a real browser, against their aims.
#
# Happy path: the site of the benchmarks with the built pages, a made-up county of 170 villages and
# 100,000 residents beside the sample township, a grid of 500 households and 1,500 people; then
# tests/load/pages measures and prints.  Failure: a page that does not come ends it with exit 1; all it
# started is stopped.
#
#   bench_pages.sh BUILD [office|phone]…    QM_WEB: pages that are built already
set -euo pipefail
. "$(dirname "$0")/bench_site.sh"
. "$root/deploy/lib/web.sh"
shift
grid=140522110204099
tools=$root/server/web/node_modules/.bin

# A grid as the aims have it: 500 households, 1,500 people, one worker.
grid_add() {
    printf 'grid,name,population,population_source,population_date\n%s,bench,1500,bench,2026-06-30\n' "$grid" >"$dir/g.csv"
    printf 'account,role,name,phone,areas\nW9001,worker,bench,10049000001,%s\n' "$grid" >"$dir/a.csv"
    awk -v grid="$grid" -v h="$dir/h.csv" -v r="$dir/r.csv" 'BEGIN {
        print "household,grid,place,status,group,lane,door,head,phone,worker" > h
        print "resident,household,name,born,phone,status,groups" > r
        for (i = 0; i < 500; i++) {
            code = sprintf("BenchHousehold%07dA", i)
            printf "%s,%s,home,counted,%d组,东街,%d号,王户主,10040000%03d,W9001\n", code, grid, i / 50 + 1, i + 1, i > h
            for (n = 0; n < 3; n++)
                printf "BenchResident%d%07dA,%s,王小%d,19%d-03-01,,counted,\n", n, i, code, n, 60 + n * 15 > r
        }
    }'
    admin grids import "$dir/g.csv" --county "$county" --by C0001
    admin accounts import "$dir/a.csv" --county "$county" --by C0001
    admin households import "$dir/h.csv" --county "$county" --by C0001
    admin residents import "$dir/r.csv" --county "$county" --by C0001
}

settings_add() {
    local kind
    for kind in texts targets; do
        admin "$kind" set "$root/deploy/sample/$kind.json" --county "$county" --by C0001
    done
    printf 'account,role,name,phone,areas\nT0001,township,one,10040000001,%s\n' "$county" >"$dir/township.csv"
    admin accounts import "$dir/township.csv" --county "$county" --by C0001
}

# A phone has its processors to itself: what PostgreSQL and the server would do by themselves a minute after
# their start, at the cost of frames, is done before anything is measured.
machine_quiet() {
    local i
    sql -c 'SET client_min_messages = error' -c 'VACUUM ANALYZE'
    for i in {1..300}; do
        [ "$(sql -c 'SELECT count(*) FROM qm.recount')" = 0 ] || return 0
        sleep 1
    done
    echo "the server's nightly round did not end within five minutes of its start" >&2
    return 1
}

if [ -n "${QM_WEB:-}" ]; then
    web=$QM_WEB
else
    web=$dir/web
    node "$root/server/web/build/build.js" "$web" >"$dir/build.log"
fi
NODE_PATH=$root/server/web/node_modules "$tools/tsc" -p "$root/tests/load/pages/tsconfig.json" --outDir "$dir/js"
"$tools/rolldown" "$root/client-sdk/ts/src/index.ts" -d "$dir/sdk" --format esm >>"$dir/build.log"
site_up
psql -X -q -d "$conninfo" -v villages=170 -v people=100000 -f "$root/tests/load/bench_publish.sql" >/dev/null
{
    grid_add
    settings_add
} >>"$dir/setup.log"
admin code new --county "$county" --account W9001 --by A0001 | head -n 1 >"$dir/codes"
admin login code --county "$county" --account T0001 --by A0001 | head -n 1 >"$dir/sign_in"
sql -c 'SELECT count(*) FROM qm.village_counter' >"$dir/villages"
qm_server_reload "$dir"
machine_quiet
QM_ROOT=$root QM_BUILD=$bin QM_WEB=$web NODE_PATH=$root/server/web/node_modules \
    node "$dir/js/tests/load/pages/pages.js" "$port" "$dir" "$@"
