#!/usr/bin/env bash
# bench_publish - how long freezing and publishing a ranking takes, and what syncs lose meanwhile.
#
# Happy path: the site of the benchmarks and, beside the sample township, a made-up one; two weeks are
# frozen and published through the API (the first folds everything, the second who changed since);
# then the phones' rate alone and while freezes run one behind another, in turn.
# Failure: an answer that is not 200 ends it with exit 1; all it started is stopped.
#
#   bench_publish.sh BUILD [VILLAGES [RESIDENTS]]    default 170 100000; the long form: 1500 1000000
set -euo pipefail
villages=${2:-170} people=${3:-100000}
. "$(dirname "$0")/bench_site.sh"
scope=$county
[ "$villages" -gt 100 ] || scope=${county}900
phones=32

# ask TOKEN METHOD PATH [BODY]: the answer in $dir/answer; prints the seconds it took.
ask() {
    local out
    out=$(curl --silent --output "$dir/answer" --write-out '%{http_code} %{time_total}' --max-time 120 \
        --header "Authorization: Bearer $1" ${4:+--header 'Content-Type: application/json' --data-binary "$4"} \
        --request "$2" "http://127.0.0.1:$port$3")
    if [ "${out% *}" != 200 ]; then
        cat "$dir/answer" >&2
        exit 1
    fi
    printf '%s' "${out#* }"
}

sync_once() {
    codes "$phones"
    "$bin/tests/load/load_sync" --port "$port" --host "$host" --codes "$dir/codes" --homes "$dir/homes" \
        --phones "$phones" --batches 40 --size 50 >"$dir/phones.json"
    sed 's/.*"events_per_second":\([0-9]*\),.*/\1/' "$dir/phones.json"
}

# week PERIOD: freezes by one, publishes by another.
week() {
    local frozen published id
    frozen=$(ask "$one" POST /v1/bulletins "{\"scope\":\"$scope\",\"period\":\"$1\"}")
    id=$(grep -o '"id":"[^"]*"' "$dir/answer" | head -n 1 | cut -d'"' -f4)
    published=$(ask "$two" POST "/v1/bulletins/$id/publish")
    printf '%s: freezing %s s, publishing %s s\n' "$1" "$frozen" "$published"
}

freeze_on() {
    while [ ! -f "$dir/enough" ]; do
        ask "$one" POST /v1/bulletins "{\"scope\":\"$scope\",\"period\":\"$1\"}" >/dev/null
        echo x >>"$dir/freezes"
    done
}

site_up
psql -X -q -d "$conninfo" -v villages="$villages" -v people="$people" -f "$root/tests/load/bench_publish.sql" >/dev/null
printf 'account,role,name,phone,areas\nT0001,township,one,10040000001,%s\nT0002,township,two,10040000002,%s\n' \
    "$county" "$county" >"$dir/township.csv"
admin accounts import "$dir/township.csv" --county "$county" --by C0001 >>"$dir/setup.log"
admin rule set "$root/deploy/sample/rule.json" --county "$county" --by C0001 >>"$dir/setup.log"
one=$(admin token new --county "$county" --account T0001 --role township --prefix "$county")
two=$(admin token new --county "$county" --account T0002 --role township --prefix "$county")
qm_server_reload "$dir"
printf 'scope %s: %s households, %s residents in %s villages\n' "$scope" "$(sql -c 'SELECT count(*) FROM qm.household')" \
    "$(sql -c 'SELECT count(*) FROM qm.resident')" "$(sql -c 'SELECT count(*) FROM qm.village_counter')"
week 2026-W40
sync_once >/dev/null
week 2026-W41
for ((r = 1; r <= 3; r++)); do
    alone=$(sync_once)
    rm -f "$dir/enough" "$dir/freezes"
    freeze_on 2026-W42 &
    job=$!
    busy=$(sync_once)
    touch "$dir/enough"
    wait "$job"
    printf 'round %d: %s events/s alone, %s while %s freezes ran: %s %%\n' "$r" "$alone" "$busy" \
        "$(wc -l <"$dir/freezes")" "$((100 * busy / alone))"
done
printf 'peak memory of the server: %d MiB\n' \
    "$(($(awk '/VmHWM/ { print $2 }' "/proc/$(cat "$dir/qiaomend.pid")/status") / 1024))"
