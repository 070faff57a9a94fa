# tap.sh - what the scripts of several sessions share: a folder for their work, psql, checks that print TAP.
# Sourced from tests/sql; a script ends with checks_end.
set -u
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
sql() { psql --no-psqlrc -qAt -v ON_ERROR_STOP=1 "$@"; }

checks=0
failed=0
check() { # what, have, want
    checks=$((checks + 1))
    if [ "$2" = "$3" ]; then
        echo "ok $checks - $1"
    else
        failed=$((failed + 1))
        echo "not ok $checks - $1"
        printf '%s\n' "have: $2" "want: $3" | sed 's/^/#   /'
    fi
}

checks_end() {
    echo "1..$checks"
    exit "$((failed > 0))"
}
