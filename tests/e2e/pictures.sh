#!/usr/bin/env bash
# Makes the pictures in tests/e2e/pictures again: of a made-up bulletin, and, if SHOTS is given, of board, week,
# register and list as the tests in a browser left them there (build-test/shots after deploy/test --only e2e).
# Usage: pictures.sh BUILD [SHOTS]   (BUILD: a meson folder in which tests/unit/bulletin_write is built)
set -Eeuo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
write=${1:?usage: pictures.sh BUILD [SHOTS]}/tests/unit/bulletin_write
pictures=$root/tests/e2e/pictures
largest_bytes=200000

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# browse OPTION...: the browser has no sandbox for root.
browse() {
    local sandbox=()
    if [ "$(id -u)" = 0 ]; then
        sandbox=(--no-sandbox)
    fi
    timeout 120 "${QM_CHROMIUM:-chromium}" --headless --disable-gpu --hide-scrollbars \
        "--user-data-dir=$work/browser" "${sandbox[@]}" "$@" 2>/dev/null
}

mkdir -p "$pictures" "$work/sample" "$work/few"
"$write" sample "$work/sample"
"$write" few "$work/few"

browse --no-pdf-header-footer "--print-to-pdf=$work/page.pdf" "file://$work/sample/page.html"
pdftoppm -f 1 -l 1 -singlefile -r 84 -png "$work/page.pdf" "$pictures/bulletin-page"
pdftoppm -f 3 -l 3 -singlefile -r 84 -png "$work/page.pdf" "$pictures/bulletin-table"

height=$(sed -n '1s/^<svg [^>]* height="\([0-9]*\)".*/\1/p' "$work/few/picture.svg")
browse "--window-size=750,$height" "--screenshot=$pictures/bulletin-picture.png" \
    "file://$work/few/picture.svg"

if [ -n "${2:-}" ]; then
    cp "$2/board.png" "$2/list.png" "$2/week.png" "$2/register.png" "$pictures/"
fi

for picture in "$pictures"/*.png; do
    bytes=$(stat -c %s "$picture")
    echo "$picture: $bytes bytes"
    [ "$bytes" -lt "$largest_bytes" ]
done
