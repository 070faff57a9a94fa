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

cd "$here"
code=0
if [ ${#files[@]} -gt 0 ]; then
    pg_prove "${seeds[@]}" "${files[@]}" || code=1
else
    pg_prove "${seeds[@]}" ./*.sql || code=1
    # Each in a copy of its own: they commit.
    for f in ./concurrent*.sh; do
        createdb -T "$database" "${database}_c"
        PGDATABASE=${database}_c PGOPTIONS='-c jit=off' prove --exec bash "$f" || code=1
        dropdb "${database}_c"
    done
fi
exit $code
