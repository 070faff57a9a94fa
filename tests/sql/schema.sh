#!/bin/bash
# schema.sh CONNINFO: prints the schema of a database in a normal form, for sql/schema.sql.
# Tables, types, constraints and indexes as pg_dump writes them, without owners, rights, settings and
# empty lines; functions by signature and result (their text is in sql/functions).
set -euo pipefail

database=${1:?"schema.sh CONNINFO"}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

pg_dump --schema-only --no-owner --no-privileges --schema=qm --format=custom --file="$work/dump" \
    --dbname="$database"
pg_restore --list "$work/dump" | grep -vE ' (FUNCTION|COMMENT) qm (FUNCTION )?[a-z_]+\(' >"$work/list"
pg_restore --use-list="$work/list" --no-owner --no-privileges --file=- "$work/dump" |
    sed -E '/^(--|SET |SELECT pg_catalog\.set_config|\\(un)?restrict)/d; /^[[:space:]]*$/d'

psql --dbname="$database" --no-psqlrc --quiet --tuples-only --no-align --set=ON_ERROR_STOP=1 <<'SQL'
SELECT '-- ' || p.oid::regprocedure || ' -> ' || pg_get_function_result(p.oid)
       || ' [' || l.lanname || ' ' || CASE p.provolatile WHEN 'i' THEN 'immutable' WHEN 's' THEN 'stable'
                                      ELSE 'volatile' END || ']'
  FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
 WHERE p.pronamespace = 'qm'::regnamespace
 ORDER BY p.proname COLLATE "C", p.oid::regprocedure::text COLLATE "C";
SQL
