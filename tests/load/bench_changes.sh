#!/usr/bin/env bash
# bench_changes - a phone's first snapshot of its grids and a difference of ten rows, over HTTP.
#
# Happy path: the site of bench_site.sh; worker W0001 enrols, asks for everything, ten households get
# another worker, then whole and difference are asked for in turn (load_changes).
#
#   bench_changes.sh BUILD [ROUNDS]
set -euo pipefail
. "$(dirname "$0")/bench_site.sh"

site_up
codes 1
grid=$(sql -c "SELECT grid FROM qm.account_grid WHERE county = $county AND account = 'W0001' AND now LIMIT 1")
{
    echo household,account
    sql -c "SELECT qm.pseudonym(household) || ',W0001' FROM qm.household
             WHERE county = $county AND grid = $grid AND status = 1 LIMIT 10"
} >"$dir/claims.csv"
"$bin/tests/load/load_changes" --port "$port" --host "$host" --code "$(cat "$dir/codes")" --rounds "${2:-100}" \
    --between "'$qiaomend' --config '$dir/qiaomend.conf' admin claim import '$dir/claims.csv' --county $county --by A0001 >/dev/null"
