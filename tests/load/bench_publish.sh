#!/usr/bin/env bash
# bench_publish - how long freezing and publishing a ranking takes, and what syncs lose meanwhile.
#
# Happy path: the site of the benchmarks and, beside the sample township, a made-up one; four weeks are
# frozen and published through the API: the first counts everything, before each later one phones bring as
# many records of the same homes, so that more and more lies before it; in the fourth a hundredth of the
# residents is away that was not.  Before each, what autovacuum would do is done, and autovacuum rests: its
# processor time would count as the freeze's.
# Then three measures of what syncs lose, freezing between two rounds without: what the machine does by
# itself from one minute to the next would count as the freeze's, and so would an autovacuum that comes in
# one round and not in the other; it rests until the end, and before each round its work is done.
#   a  phones send as fast as they are answered, freezes run one behind another without a pause
#   b  the same phones for a longer window (its seconds are printed) in which one freeze runs, as on the
#      day when a week is closed
#   c  phones offer a fixed rate, freezes as in a; latency counts from when a batch was due
# Failure: an answer that is not 200 ends it with exit 1; all it started is stopped.
#
#   bench_publish.sh BUILD [VILLAGES [RESIDENTS]]    default 170 100000; the long form: 1500 1000000
set -euo pipefail
villages=${2:-170} people=${3:-100000}
. "$(dirname "$0")/bench_site.sh"
scope=$county
[ "$villages" -gt 100 ] || scope=${county}900
phones=32 window_batches=200 rate=5000 rate_batches=60

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

# Processor time in ms that the server has taken, and the database's sessions that have ended (a freeze has
# two of its own); unlike seconds it says something on a busy machine too.
server_cpu() { awk -v hz="$(getconf CLK_TCK)" '{ print int(($14 + $15) * 1000 / hz) }' "/proc/$(cat "$dir/qiaomend.pid")/stat"; }
database_cpu() {
    awk -v hz="$(getconf CLK_TCK)" '{ print int(($16 + $17) * 1000 / hz) }' \
        "/proc/$(head -n 1 "$dir/pg/data/postmaster.pid")/stat"
}

no_autovacuum() {
    sql -c "DO \$\$ DECLARE t regclass; BEGIN
        FOR t IN SELECT oid FROM pg_class WHERE relnamespace = 'qm'::regnamespace AND relkind = 'r' LOOP
            EXECUTE format('ALTER TABLE %s SET (autovacuum_enabled = false)', t);
        END LOOP; END \$\$"
}

# some_leave: a hundredth of the residents is away; counted anew by the server's own functions.
some_leave() {
    sql -1 <<SQL >/dev/null
CREATE TEMP TABLE leaves AS SELECT resident FROM qm.resident
 WHERE county = $county AND get_byte(uuid_send(resident), 15) * 256 + get_byte(uuid_send(resident), 14) < 655;
SELECT qm.post($county, NULL, array_agg(qm.state_of(r, -1))) FROM qm.resident r JOIN leaves USING (resident);
UPDATE qm.resident r SET status = 2, rev = h.revision FROM leaves l, qm.log_head h
 WHERE h.county = $county AND r.county = $county AND r.resident = l.resident;
SELECT qm.post($county, NULL, array_agg(qm.state_of(r, 1))) FROM qm.resident r JOIN leaves USING (resident);
SQL
}

vacuum() {
    sql -c 'VACUUM ANALYZE qm.event, qm.household, qm.resident, qm.grid_counter, qm.village_counter, qm.batch, qm.log_entry, qm.device, qm.log_head'
}

# week PERIOD: freezes by one, publishes by another.
week() {
    local frozen published id server database
    vacuum
    sleep 1 # for this session to end, too
    server=$(server_cpu) database=$(database_cpu)
    frozen=$(ask "$one" POST /v1/bulletins "{\"scope\":\"$scope\",\"period\":\"$1\"}")
    id=$(grep -o '"id":"[^"]*"' "$dir/answer" | head -n 1 | cut -d'"' -f4)
    sleep 0.3 # for the sessions to end
    server=$(($(server_cpu) - server)) database=$(($(database_cpu) - database))
    published=$(ask "$two" POST "/v1/bulletins/$id/publish")
    printf '%s: freezing %s s (processor: server %s ms, database %s ms), publishing %s s\n' \
        "$1" "$frozen" "$server" "$database" "$published"
}

freeze() { ask "$one" POST /v1/bulletins "{\"scope\":\"$scope\",\"period\":\"$period\"}" >/dev/null; }

freezes_begin() {
    rm -f "$dir/enough" "$dir/freezes"
    while [ ! -f "$dir/enough" ]; do
        freeze
        echo x >>"$dir/freezes"
    done &
    job=$!
}

# freezes_end: lets the last one end; their number is in $freezes.
freezes_end() {
    touch "$dir/enough"
    wait "$job"
    freezes=$(wc -l <"$dir/freezes")
}

log_size() { sql -c "SELECT size FROM qm.log_head WHERE county = $county"; }

# freeze_within: one freeze, once the phones have begun to send.
freeze_within() {
    local before
    before=$(log_size)
    while [ "$(log_size)" -lt "$((before + phones * 2))" ]; do sleep 0.2; done
    freeze
}

# alone BATCHES: events per second of a round in which nothing is frozen.
alone() {
    local done_s rest
    vacuum
    read -r done_s rest < <(phones_once "$phones" "$1" 50)
    printf '%s' "$done_s"
}

# compare WHAT BEFORE BUSY AFTER
compare() {
    printf '%s: %s events/s, between %s and %s alone: %s %%\n' "$1" "$3" "$2" "$4" "$((200 * $3 / ($2 + $4)))"
}

saturating_round() {
    local before busy rest
    before=$(alone 40)
    vacuum
    freezes_begin
    read -r busy rest < <(phones_once "$phones" 40 50)
    freezes_end
    compare "a round $1: as fast as they are answered, $freezes freezes without a pause" "$before" "$busy" "$(alone 40)"
}

# window_round N PERIOD: what was sent before is published, so that the freeze in the window finds a week's
# records before it, and not those of all the rounds.
window_round() {
    local before busy rest
    week "$period" >/dev/null
    period=$2
    before=$(alone "$window_batches")
    vacuum
    freeze_within &
    job=$!
    read -r busy rest < <(phones_once "$phones" "$window_batches" 50)
    wait "$job"
    compare "b round $1: as fast as they are answered, one freeze in $((phones * window_batches * 50 / busy)) s" \
        "$before" "$busy" "$(alone "$window_batches")"
}

rate_round() {
    local done_s p50 p99 busy50 busy99
    vacuum
    read -r done_s p50 p99 < <(phones_once "$phones" "$rate_batches" 50 "$rate")
    freezes_begin
    read -r done_s busy50 busy99 < <(phones_once "$phones" "$rate_batches" 50 "$rate")
    freezes_end
    printf 'c round %d: %s events/s offered, %s taken: p50 %s ms, p99 %s ms alone; %s and %s while %s freezes ran without a pause\n' \
        "$1" "$rate" "$done_s" "$p50" "$p99" "$busy50" "$busy99" "$freezes"
}

site_up
# At once: the server's own recount must not find half of it.
psql -X -q -1 -d "$conninfo" -v villages="$villages" -v people="$people" -f "$root/tests/load/bench_publish.sql" >/dev/null
printf 'account,role,name,phone,areas\nT0001,township,one,10040000001,%s\nT0002,township,two,10040000002,%s\n' \
    "$county" "$county" >"$dir/township.csv"
admin accounts import "$dir/township.csv" --county "$county" --by C0001 >>"$dir/setup.log"
admin rule set "$root/deploy/sample/rule.json" --county "$county" --by C0001 >>"$dir/setup.log"
one=$(admin token new --county "$county" --account T0001 --role township --prefix "$county")
two=$(admin token new --county "$county" --account T0002 --role township --prefix "$county")
qm_server_reload "$dir"
printf 'scope %s: %s households, %s residents in %s villages\n' "$scope" "$(sql -c 'SELECT count(*) FROM qm.household')" \
    "$(sql -c 'SELECT count(*) FROM qm.resident')" "$(sql -c 'SELECT count(*) FROM qm.village_counter')"
no_autovacuum
week 2026-W40
phones_once "$phones" 40 50 >/dev/null
week 2026-W41
phones_once "$phones" 40 50 >/dev/null
week 2026-W42
phones_once "$phones" 40 50 >/dev/null
some_leave
week 2026-W43
period=2026-W44
for ((r = 1; r <= 3; r++)); do saturating_round "$r"; done
window_round 1 2026-W45
window_round 2 2026-W46
for ((r = 1; r <= 2; r++)); do rate_round "$r"; done
printf 'peak memory of the server: %s MiB\n' "$(peak_mib)"
