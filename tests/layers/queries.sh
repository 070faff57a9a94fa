#!/bin/sh
# Statements live in sql/queries, one a file, and the server asks for them by name.
#   - a file whose name stands in no C file of the server is dead;
#   - a statement's text in a C file of the server is in the wrong place.  BEGIN, COMMIT, SET and LOCK
#     are no statements in this sense, and drivers/pg_blocking.c alone writes what makes a cursor of one.
# queries.sh ROOT: names each fault, exits 1 if there is one.
set -eu
root=${1:?usage: queries.sh ROOT}
cd "$root"
count=0
faults=0
for file in sql/queries/*.sql; do
    name=$(basename "$file" .sql)
    count=$((count + 1))
    if ! grep -rqF --include='*.c' --exclude-dir=web "\"$name\"" server; then
        echo "$file: nothing in server/ asks for \"$name\""
        faults=1
    fi
done
# A folder in which nothing was found must not pass for one without dead files.
if [ "$count" -lt 10 ]; then
    echo "only $count statements under $root/sql/queries"
    exit 1
fi
statement='"[[:space:]]*(SELECT|INSERT|UPDATE|DELETE|WITH|MERGE|COPY|DECLARE|FETCH|CALL|TRUNCATE|ANALYZE|VACUUM|CREATE|ALTER|DROP|GRANT|REVOKE)[[:space:]]'
if grep -rnE --include='*.[ch]' --exclude-dir=web "$statement" server |
    grep -vE '^server/drivers/pg_blocking\.c:[0-9]+:.*"(DECLARE %s NO SCROLL CURSOR FOR|FETCH %d FROM %s)'; then
    echo "the text of a statement belongs into sql/queries"
    faults=1
fi
[ "$faults" = 0 ] || exit 1
echo "$count statements are all asked for, and no other stands in server/"
