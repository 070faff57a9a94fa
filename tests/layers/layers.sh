#!/bin/sh
# Holds the includes of the source against the map of the house: floors, one direction; each library
# in its owner's files.  layers.sh ROOT: prints each breach, exits 1 if there is one.
set -eu
root=${1:?usage: layers.sh ROOT}
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
cd "$root"

c_files() {
    find client-sdk server -name node_modules -prune -o -type f \( -name '*.c' -o -name '*.h' \) -print
}
web_files() {
    [ -d "$1" ] || return 0
    find "$1" -name node_modules -prune -o -name build -prune -o -name schema.d.ts -prune -o \
        -type f \( -name '*.ts' -o -name '*.vue' -o -name '*.js' \) -print
}

breaches=$(
    c_files | sort | xargs awk -f "$here/includes.awk"
    web_files server/web | sort | while read -r file; do
        awk -v file="$file" -f "$here/web.awk" "$file"
    done
)
if [ -n "$breaches" ]; then
    printf '%s\n' "$breaches"
    exit 1
fi
# A tree in which nothing was found must not pass for a tree without breaches.
count=$(c_files | wc -l)
if [ "$count" -lt 10 ]; then
    echo "only $count source files under $root"
    exit 1
fi
echo "$count source files keep to the map"
