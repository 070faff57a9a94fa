#!/bin/sh
# A guard that cannot bark guards nothing: plants one breach after the other in a copy of the source
# and expects each to be found, and by its own rule.  selftest.sh ROOT
set -eu
root=${1:?usage: selftest.sh ROOT}
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
# Only the C sources; what the pages may break is planted below.
(cd "$root" && find client-sdk server -name node_modules -prune -o -type f \
    \( -name '*.c' -o -name '*.h' \) -print | tar -cf - -T -) | tar -xf - -C "$copy"

"$here/layers.sh" "$copy" >/dev/null || { echo "the copy itself is not clean"; exit 1; }

# plant FILE LINE WANTED
plant() {
    mkdir -p "$copy/$(dirname "$1")"
    printf '%s\n' "$2" >"$copy/$1"
    if found=$("$here/layers.sh" "$copy"); then
        echo "not found: $2 in $1"
        exit 1
    fi
    case $found in
    "$1:1: "*"$3"*) ;;
    *)
        echo "found something else for $2 in $1: $found"
        exit 1
        ;;
    esac
    rm "$copy/$1"
}

# The text of a statement in C is found, and so is a statement that nobody asks for.
mkdir -p "$copy/sql"
cp -R "$root/sql/queries" "$copy/sql/queries"
"$here/queries.sh" "$copy" >/dev/null || { echo "the copy's statements are not clean"; exit 1; }
printf 'static const char *t = "SELECT 1";\n' >"$copy/server/edge/planted.c"
printf 'SELECT 1\n' >"$copy/sql/queries/planted.sql"
found=$("$here/queries.sh" "$copy") && { echo "planted statements were not found"; exit 1; }
case $found in
*'nothing in server/ asks for "planted"'*server/edge/planted.c:1:*) ;;
*) echo "found something else: $found"; exit 1 ;;
esac
rm "$copy/server/edge/planted.c" "$copy/sql/queries/planted.sql"

plant client-sdk/wire/planted.c '#include "base/log.h"' 'wire may not include'
plant client-sdk/outbox_planted.c '#include "sync.h"' 'outbox may not include'
plant client-sdk/sync_planted.c '#include "outbox.h"' 'sync may not include'
plant client-sdk/audit/planted.c '#include "keys.h"' 'audit may not include'
plant client-sdk/cli/planted.c '#include "drivers/pg.h"' 'cli may not include'
plant client-sdk/planted.c '#include "wire/buf.h"' 'no room'
plant server/base/planted.c '#include "drivers/pg.h"' 'base may not include'
plant server/drivers/planted.c '#include "domain/tlog.h"' 'drivers may not include'
plant server/drivers/planted.h '#include "sync.h"' 'drivers may not include'
plant server/domain/planted.c '#include "edge/call.h"' 'domain may not include'
plant server/domain/planted.c '#include "drivers/http.h"' 'domain knows pg, pool and seal'
plant server/domain/coverage_planted.c '#include "domain/ingest.h"' 'sideways from coverage'
plant server/domain/tlog_planted.c '  #  include "domain/ingest.h"' 'sideways from tlog'
plant server/edge/planted.c '#include "wiring/app.h"' 'edge may not include'
plant server/wiring/planted.c '#include "outbox.h"' 'wiring may not include'
plant server/wiring/planted.c '#include "../edge/call.h"' 'not written from a root'
plant server/drivers/http_planted.c '#include <microhttpd.h>' 'belongs to another'
plant server/edge/planted.c '#include <libpq-fe.h>' 'belongs to another'
plant server/domain/planted.c '#include <jansson.h>' 'belongs to another'
plant server/edge/planted.c '#include <sodium.h>' 'belongs to another'
plant client-sdk/sync_planted.c '#include <sqlite3.h>' 'belongs to another'
plant client-sdk/cli/planted.c '#include <curl/curl.h>' 'belongs to another'
plant client-sdk/sync_planted.c '#include <uv.h>' 'belongs to another'
plant server/web/phone/src/planted.ts "import { x } from '../../office/src/x'" 'imports the office'
plant server/web/phone/src/planted.vue 'const x = await import("@office/x")' 'imports the office'
plant server/web/office/pages/planted.ts "send('/v1/coverage')" 'knows addresses'
plant server/web/public/planted.ts 'send(`/v1/log/${log}/checkpoint`)' 'knows addresses'
plant server/web/phone/planted.vue 'const a = await fetch(place)' 'asks the server'
plant server/web/shared/planted.ts 'window.fetch(place)' 'asks the server'
plant server/web/office/planted.ts 'new EventSource(place)' 'asks the server'

mkdir "$copy/empty" "$copy/empty/client-sdk" "$copy/empty/server"
if "$here/layers.sh" "$copy/empty" >/dev/null 2>&1; then
    echo "an empty tree passed"
    exit 1
fi
echo "every planted breach was found"
