#!/bin/bash
# All SQL tests: makes a database, applies migrations and functions, runs pg_prove and the concurrent script.
#   run.sh [--long] [FILE...]     FILE: only these tests; --long: many more random histories
# With PGHOST: a server that is there; without: a private one in a temporary folder, removed at the end.
# PGDATABASE names the database to make (it must not exist); it is dropped at the end.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
seeds=()
files=()
for arg in "$@"; do
    case $arg in
    --long) seeds=(--set seeds=100) ;;
    -*) sed -n '2,5s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
    *) files+=("$(realpath "$arg")") ;;
    esac
done

folder=
database=${PGDATABASE:-qm_sql_tests_$$}
made=
as_postgres() { if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }
# pg_ctl, initdb and a server do not run as root.
stop() {
    if [ -n "$folder" ]; then
        as_postgres "$bin/pg_ctl" -D "$folder/data" -m immediate stop >/dev/null 2>&1 || true
        rm -rf "$folder"
    elif [ -n "$made" ]; then
        dropdb "$database" || true
    fi
}
trap stop EXIT

if [ -z "${PGHOST:-}" ]; then
    bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1)
    [ -n "$bin" ] || bin=$(dirname "$(command -v initdb)")
    folder=$(mktemp -d /tmp/qm-sql.XXXXXX)
    if [ "$(id -u)" = 0 ]; then chown postgres "$folder"; fi
    as_postgres "$bin/initdb" -D "$folder/data" -E UTF8 --locale=C.UTF-8 -A trust -U postgres >"$folder.log" 2>&1 || { cat "$folder.log" >&2; exit 2; }
    rm -f "$folder.log"
    as_postgres "$bin/pg_ctl" -D "$folder/data" -l "$folder/log" -w -s \
        -o "-c listen_addresses= -c unix_socket_directories=$folder -c fsync=off" start
    export PGHOST=$folder PGUSER=postgres
fi

createdb "$database"
made=yes
export PGDATABASE=$database
sql() { psql --no-psqlrc -q -v ON_ERROR_STOP=1 "$@"; }
# As in production: compiling short statements anew in each session takes minutes.
sql -c "ALTER DATABASE \"$database\" SET jit = off"
for tables in "$root"/sql/migrations/*.tables.sql; do
    for f in "$tables" "${tables%.tables.sql}.keys.sql" "${tables%.tables.sql}.data.sql"; do
        if [ -f "$f" ]; then sql -f "$f"; fi
    done
done
for f in "$root"/sql/functions/*.sql; do sql -f "$f"; done
# Once for all tests: each of them makes it otherwise.
sql -c 'SET client_min_messages = warning; CREATE EXTENSION IF NOT EXISTS pgtap'

# one FILE: its tests in a copy of the database: as many run at once as there are cores, and none sees
# another.
one() {
    copy=${database}_$(basename "$1" | tr -cd 'a-z0-9_')
    createdb -T "$database" "$copy"
    psql --no-psqlrc -q -d "$copy" -c "ALTER DATABASE \"$copy\" SET jit = off"
    code=0
    case $1 in
    *.sh) PGDATABASE=$copy prove --timer --exec bash "$1" || code=1 ;;
    *) PGDATABASE=$copy pg_prove --timer "${@:3}" "$1" || code=1 ;;
    esac >"$2/$(basename "$1").log" 2>&1
    dropdb "$copy"
    return $code
}
export -f one
export database

cd "$here"
# The long ones first: what is left at the end is short.
if [ ${#files[@]} = 0 ]; then
    files=(./*property.sql ./concurrent*.sh)
    for f in ./*.sql; do
        [[ " ${files[*]} " == *" $f "* ]] || files+=("$f")
    done
fi
logs=$(mktemp -d)
code=0
# shellcheck disable=SC2016
printf '%s\0' "${files[@]}" | xargs -0 -P "$(nproc)" -I '{}' bash -c 'one "$@"' - '{}' "$logs" "${seeds[@]}" || code=1
cat "$logs"/*.log
rm -rf "$logs"
exit $code
