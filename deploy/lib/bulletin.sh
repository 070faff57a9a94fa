# bulletin.sh - the sample week's end: villages sign off, one account freezes, another publishes, the
# ranking is printed, the log is audited from outside, and a change in the database is caught.
# Sourced; needs say.sh, township.sh, postgres.sh and the variables of deploy/up: var, bin, port,
# county, township.

# qm_token ACCOUNT ROLE PREFIX: a token's file, made once.
qm_token() {
    local file=$var/week/token.$1
    if [ ! -s "$file" ]; then
        (umask 077 && qm_admin token new --county "$county" --account "$1" --role "$2" --prefix "$3" >"$file")
    fi
    printf '%s' "$file"
}

# qm_ask TOKENFILE METHOD PATH [BODY]: the answer's body; a refusal ends the script with its reason.
qm_ask() {
    local out=$var/log/answer code
    code=$(curl --silent --show-error --output "$out" --write-out '%{http_code}' --max-time 60 \
        --header "Authorization: Bearer $(cat "$1")" --header 'Accept-Language: en' \
        ${4:+--header 'Content-Type: application/json' --data-binary "$4"} \
        --request "$2" "http://127.0.0.1:$port$3") || qm_fail "$2 $3: no answer"
    if [ "$code" != 200 ]; then
        cat "$out" >&2
        qm_fail "$2 $3: $code" "the reason is above"
    fi
    cat "$out"
}

# qm_member NAME: the first member of that name in a JSON text on stdin; texts without their quotes.
qm_member() {
    grep -o "\"$1\":\(\"[^\"]*\"\|-\?[0-9]*\)" | head -n 1 | sed 's/^[^:]*://; s/^"//; s/"$//'
}

# Deputies prepare, secretaries confirm; the last two villages are late, as some always are.
qm_signoffs() {
    local period=$1 village deputy secretary prepared n=0 all
    all=$(awk -F, '$2 == "secretary" { print $5 "," $1 }' "$var/sample/accounts.csv" | sort | head -n -2)
    while IFS=, read -r village secretary; do
        deputy=$(awk -F, -v v="$village" '$2 == "deputy" && $5 == v { print $1 }' "$var/sample/accounts.csv")
        prepared=$(qm_ask "$(qm_token "$deputy" deputy "$village")" POST /v1/signoffs \
            "{\"village\":\"$village\",\"period\":\"$period\",\"step\":\"prepare\"}")
        qm_ask "$(qm_token "$secretary" secretary "$village")" POST /v1/signoffs \
            "{\"village\":\"$village\",\"period\":\"$period\",\"step\":\"confirm\",\"to\":$(qm_member to <<<"$prepared"),\"roster\":\"$(qm_member roster <<<"$prepared")\"}" >/dev/null
        n=$((n + 1))
    done <<<"$all"
    qm_say "$n villages have confirmed their rosters for $period"
}

# The week before this one, by one account; published by another.  This week stays open: whoever looks at
# the sample can close it by hand.
qm_week_close() {
    local period draft id one two
    period=$(date -u -d '+8 hours -7 days' +%G-W%V)
    one=$(qm_token A0001 township "$township")
    two=$(qm_token A0002 township "$township")
    if [ ! -f "$var/done/signoffs.$period" ]; then
        qm_signoffs "$period"
        touch "$var/done/signoffs.$period"
    fi
    draft=$(qm_ask "$one" POST /v1/bulletins "{\"scope\":\"$township\",\"period\":\"$period\"}")
    id=$(qm_member id <<<"$draft")
    qm_say "A0001 froze $period: log entries $(qm_member from <<<"$draft") to $(qm_member to <<<"$draft")"
    qm_ask "$two" POST "/v1/bulletins/$id/publish" | qm_member index >"$var/week/bulletin.index"
    printf '%s\n' "$id" >"$var/week/bulletin"
    qm_say "A0002 published it"
}

# The ranking as it goes into the chat group, and the files that the office gets.
qm_bulletin_show() {
    local id out=$var/week one what
    id=$(cat "$out/bulletin")
    one=$(qm_token A0001 township "$township")
    qm_ask "$one" GET "/v1/bulletins/$id/words"
    for what in page:html sheet:xlsx picture:svg; do
        qm_ask "$one" GET "/v1/bulletins/$id/${what%:*}" >"$out/bulletin.${what#*:}"
    done
    qm_ask "$one" GET "/v1/bulletins/$id/table?bom=1" >"$out/bulletin.csv"
    qm_say "document, workbook, table and picture: $out/bulletin.{html,xlsx,csv,svg}"
}

# qm_audit NAME [SEEN...]: from outside, with the log's public key and an auditor's token only.
qm_audit() {
    local name=$1
    shift
    rm -rf "$var/week/$name"
    "$bin/client-sdk/qiaomen" audit --server "http://127.0.0.1:$port" --token "$(qm_token U0001 auditor "$county")" \
        --key "$(cat "$var/week/log-key")" --keep "$var/week/$name" --out "$var/week/$name.note" ${1:+--seen "$@"} \
        >"$var/log/$name.txt" 2>"$var/log/$name.err"
}

# qm_change_event EVENT FROM TO: one signed record straight in the database, as its administrator could;
# false if it did not hold FROM.
qm_change_event() {
    "$(qm_pg_program psql)" -X -q -At -v ON_ERROR_STOP=1 -d "$(qm_pg_conninfo "$var/pg")" -c \
        "UPDATE qm.event SET e = convert_to(replace(convert_from(e, 'UTF8'), '$2', '$3'), 'UTF8')
          WHERE county = $county AND id = '$1' AND position('$2' IN convert_from(e, 'UTF8')) > 0 RETURNING id" |
        grep -qx "$1"
}

# What a run that was killed in the middle left changed is put right by the next one.
qm_change_take_back() {
    [ -s "$var/week/changed" ] || return 0
    local event from to
    read -r event from to <"$var/week/changed"
    qm_change_event "$event" "$to" "$from" || qm_say "the record $event was not changed"
    rm "$var/week/changed"
}

# A phone keeps the receipt of the record that is changed, as a household does: so the audit can say
# which record it is, and what was signed.
qm_audit_catches() {
    local receipt=$1 event at
    event=$(sed -n 's/^extra //p' "$receipt" | base64 -d | qm_member id)
    at=$(sed -n 's/^extra //p' "$receipt" | base64 -d | qm_member at)
    qm_say "now the database's administrator moves record $event to another minute"
    printf '%s "at":%s "at":%s\n' "$event" "$at" "$((at + 60000))" >"$var/week/changed"
    qm_change_event "$event" "\"at\":$at" "\"at\":$((at + 60000))" || qm_fail "the record $event was not changed"
    if qm_audit tampered "$receipt"; then
        qm_fail "the audit did not see the change" "this is a defect of qiaomen audit"
    fi
    grep "$event" "$var/log/tampered.txt" | grep -v batch-suspect >"$var/log/named.txt" || {
        cat "$var/log/tampered.txt" >&2
        qm_fail "the audit does not name the record" "this is a defect of qiaomen audit"
    }
    grep 'batch-root' "$var/log/tampered.txt"
    cat "$var/log/named.txt"
    qm_change_take_back
}

qm_audits() {
    local batch receipt
    batch=$(ls "$var"/week/*.batch | head -n 1)
    receipt=${batch%.batch}.event
    qm_change_take_back
    cat "${batch%.batch}.log-key" >"$var/week/log-key"
    if ! qm_audit audit "$batch"; then
        cat "$var/log/audit.txt" "$var/log/audit.err" >&2
        qm_fail "the audit does not hold" "what does not is named above"
    fi
    cat "$var/log/audit.txt"
    qm_audit_catches "$receipt"
    qm_audit audit "$batch" || qm_fail "the audit does not hold after the change was taken back" "see $var/log/audit.txt"
    qm_say "the audit named it; taken back, everything holds again"
}
