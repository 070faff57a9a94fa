#!/usr/bin/env bash
# bench_import - residents from a file at the console, while a server runs: new ones, and the same file again.
#
# Happy path: the site of bench_site.sh; a file with ROWS people who are not in the register, each with
# name, birthday and telephone number, is imported twice; prints the seconds of both.
# Failure: an import that is refused ends it with exit 1; all it started is stopped.
#
#   bench_import.sh BUILD [ROWS]
set -euo pipefail
. "$(dirname "$0")/bench_site.sh"
rows=${2:-50000}

site_up
{
    echo resident,household,name,born,phone,status,groups
    sql -F, -c "SELECT qm.pseudonym(md5('new' || i)::uuid), h.name, '王' || i, date '1950-01-01' + i % 20000,
                       10000000000 + i, 'counted', ''
                  FROM (SELECT qm.pseudonym(household) AS name, row_number() OVER () AS n, count(*) OVER () AS homes
                          FROM qm.household WHERE county = $county AND status = 1) h
                  JOIN generate_series(1, $rows) AS i ON h.n = 1 + i % h.homes"
} >"$dir/more.csv"

# import WHAT: imports the file and prints how long it took.
import() {
    local began ms
    began=$(date +%s%3N)
    admin residents import "$dir/more.csv" --county "$county" --by A0001 >>"$dir/setup.log"
    ms=$(($(date +%s%3N) - began))
    printf '%d residents, %s: %d.%d s (aim 30)\n' "$rows" "$1" "$((ms / 1000))" "$((ms % 1000 / 100))"
}

before=$(sql -c 'SELECT count(*) FROM qm.resident')
import new
import 'the same again'
test "$(sql -c 'SELECT count(*) FROM qm.resident')" = "$((before + rows))"
