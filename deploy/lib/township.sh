# township.sh - the sample township: loads it, sends 45 phones out for a week, shows and checks the
# figures.  Sourced; needs say.sh, server.sh and the variables of deploy/up: root, var, bin,
# qiaomend, fieldweek, host, port, county, township.

qm_admin() {
    "$qiaomend" --config "$var/qiaomend.conf" admin "$@"
}

# qm_admin_logged WHAT...: output to the log; a failure shows it.
qm_admin_logged() {
    qm_quietly "$var/log/admin.log" "the answer of 'qiaomend admin $1 $2' is above" qm_admin "$@"
}

# Divisions, county, register and settings.  Each step may be repeated.
qm_township_load() {
    local sample=$root/deploy/sample made=$var/sample what
    mkdir -p "$made"
    qm_quietly "$var/log/sample.log" "see $var/log/sample.log" \
        "$bin/tests/load/township" --divisions "$sample/divisions.csv" --out "$made"
    qm_say "made up: $(cat "$var/log/sample.log")"
    qm_admin_logged divisions import "$sample/divisions.csv"
    if [ ! -f "$var/done/county" ]; then
        qm_admin_logged county add "$county" --by C0001
        touch "$var/done/county"
    fi
    for what in grids accounts households residents; do
        qm_admin_logged "$what" import "$made/$what.csv" --county "$county" --by C0001
        qm_say "$what: $(($(wc -l <"$made/$what.csv") - 1))"
    done
    for what in topics texts rule; do
        qm_admin_logged "$what" set "$sample/$what.json" --county "$county" --by C0001
    done
    qm_admin_logged targets set "$sample/targets.json" --county "$county" --by A0001
    qm_say "settings: topics, texts and rule by the county, targets by the township"
}

# One enrolment code for each worker.
qm_codes_make() {
    local out=$1 account code
    : >"$out"
    chmod 600 "$out"
    while IFS=, read -r account _; do
        case $account in W*) ;; *) continue ;; esac
        code=$(qm_admin code new --county "$county" --account "$account" --by A0001 | head -n 1)
        printf '%s %s\n' "$account" "$code" >>"$out"
    done <"$var/sample/accounts.csv"
}

# qm_week_run: the phones' outboxes and receipts go to var/week.  A broken-off week is begun anew
# with new phones; what the old ones sent stays, and counts once.
qm_week_run() {
    rm -rf "$var/week"
    mkdir -p "$var/week"
    qm_codes_make "$var/week/codes"
    if ! "$fieldweek" --json --server "http://127.0.0.1:$port" --host "$host" \
        --codes "$var/week/codes" --households "$var/sample/households.csv" \
        --folder "$var/week" >"$var/week/summary.json"; then
        [ ! -s "$var/week/summary.json" ] || cat "$var/week/summary.json" >&2
        qm_tail "$var/log/qiaomend.log"
        qm_fail "the week in the field did not hold" "what broke is said above"
    fi
    qm_week_summary
}

# qm_number NAME FILE: a whole number from a flat JSON text.
qm_number() {
    grep -o "\"$1\":-\?[0-9]*" "$2" | head -n 1 | cut -d: -f2
}

qm_week_summary() {
    local s=$var/week/summary.json
    n() { qm_number "$1" "$s"; }
    qm_say "$(n phones) phones at $(n doors) doors: $(n records) records (visits $(n visits)," \
        "notices $(n notices), pledges $(n pledges), app $(n apps), taken back $(n voids))"
    qm_say "confirmed $(n confirmed) (with a flag: $(n flagged)), held $(n held)," \
        "rejected $(n rejected), waiting $(n waiting), photos $(n photos)"
    qm_say "network: $(n exchanges) exchanges; lost before the server $(n lost_before)," \
        "answers lost $(n lost_after), cut $(n cut), sent twice $(n repeated)"
    qm_say "receipts verified by the phones: $(n receipts) of batches, $(n events_verified) of events"
    qm_say "the week took $(($(n took_ms) / 1000)) s"
}

# Some receipts once more, with the command that anybody may use.
qm_receipts_verify() {
    local batch base n=0
    for batch in "$var"/week/*.batch; do
        base=${batch%.batch}
        "$bin/client-sdk/qiaomen" verify --key "$(cat "$base.log-key")" "$batch" >/dev/null ||
            qm_fail "the receipt $batch does not hold" "qiaomen verify --key KEY $batch"
        "$bin/client-sdk/qiaomen" verify --key "$(cat "$base.device-key")" "$base.event" >/dev/null ||
            qm_fail "the receipt $base.event does not hold" "qiaomen verify --key KEY $base.event"
        n=$((n + 2))
    done
    [ "$n" -gt 0 ] || qm_fail "the week left no receipts in $var/week" "run again with --fresh"
    # The check itself is checked: one letter changed must not pass.
    sed 's/^index /index 1/' "$batch" >"$var/week/altered"
    if "$bin/client-sdk/qiaomen" verify --key "$(cat "$base.log-key")" "$var/week/altered" \
        >/dev/null 2>&1; then
        qm_fail "an altered receipt was taken for good" "this is a defect of qiaomen verify"
    fi
    qm_say "$n receipts hold by 'qiaomen verify', an altered one does not"
}

qm_recount() {
    qm_admin_logged recount --county "$county"
    qm_say "recount from the events: equal to the last digit"
}

# qm_coverage_table LEVEL PREFIX: the command's table, with all of a division's targets in one line.
qm_coverage_table() {
    qm_admin coverage --county "$county" --level "$1" --prefix "$2" | awk '
        function flush() { if (need != "") print "    still needed for the targets: " need; need = "" }
        / target of / {
            metric = $0; sub(/.* target of /, "", metric); sub(/:.*/, "", metric)
            gap = $0
            if (sub(/.*still needed: /, "", gap)) need = need (need == "" ? "" : ", ") metric " " gap
            else need = need (need == "" ? "" : ", ") metric " met"
            next
        }
        { flush(); print }
        END { flush() }'
}

# What the server counts for the township against what the phones know that they did.
qm_figures_compare() {
    local metric want got figures=$var/week/figures.json s=$var/week/summary.json
    qm_admin coverage --county "$county" --level township --prefix "$township" --json >"$figures"
    for metric in visited reached notice_delivered notice_signed pledge app; do
        # On another day than that of the week, birthdays have moved people in and out.
        if [ "$metric" = app ] &&
            ! grep -q "\"day\":\"$(qm_number day "$s" | sed 's/\(....\)\(..\)\(..\)/\1-\2-\3/')\"" "$figures"; then
            continue
        fi
        got=$(grep -o "\"$metric\":{\"state\":\"ok\",\"num\":[0-9]*" "$figures" | grep -o '[0-9]*$')
        want=$(qm_number "$metric" "$s")
        [ "$got" = "$want" ] ||
            qm_fail "$metric: the server counts $got, the phones know of $want" "this is a defect"
    done
    qm_say "the township's figures are what the phones say they did"
}
