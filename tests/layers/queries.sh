#!/bin/sh
# Each prepared statement is one that the server asks for: a file of sql/queries whose name stands in
# no C file of the server is dead.  queries.sh ROOT: names each dead one, exits 1 if there is one.
set -eu
root=${1:?usage: queries.sh ROOT}
cd "$root"
count=0
dead=0
for file in sql/queries/*.sql; do
    name=$(basename "$file" .sql)
    count=$((count + 1))
    if ! grep -rqF --include='*.c' --exclude-dir=web "\"$name\"" server; then
        echo "$file: nothing in server/ asks for \"$name\""
        dead=1
    fi
done
# A folder in which nothing was found must not pass for one without dead files.
if [ "$count" -lt 10 ]; then
    echo "only $count statements under $root/sql/queries"
    exit 1
fi
[ "$dead" = 0 ] || exit 1
echo "$count statements are all asked for"
