# say.sh - what the scripts tell: steps before they begin, results, and errors with what to do.
# Sourced.  QM_LOG_ON_FAILURE may name a log whose end is shown when a script fails.

qm_bold='' qm_plain=''
if [ -t 1 ]; then
    qm_bold=$'\033[1m' qm_plain=$'\033[0m'
fi

# qm_step TEXT: said before something is done.
qm_step() {
    printf '%s==> %s%s\n' "$qm_bold" "$*" "$qm_plain"
}

qm_say() {
    printf '    %s\n' "$*"
}

# qm_tail FILE [LINES]: the end of a log, if there is one.
qm_tail() {
    [ -s "$1" ] || return 0
    printf -- '--- end of %s ---\n' "$1" >&2
    tail -n "${2:-25}" "$1" >&2
    printf -- '---\n' >&2
}

# qm_fail WHAT [WHAT TO DO]
qm_fail() {
    printf '%s: %s\n' "$(basename "$0")" "$1" >&2
    if [ -n "${2:-}" ]; then
        printf '    %s\n' "$2" >&2
    fi
    exit 1
}

# For `trap qm_on_error ERR`: an error that no line expected.
qm_on_error() {
    local code=$? line=${BASH_LINENO[0]:-?}
    printf '%s: stopped at line %s of %s (exit code %s)\n' "$(basename "$0")" "$line" \
        "${BASH_SOURCE[1]:-?}" "$code" >&2
    if [ -n "${QM_LOG_ON_FAILURE:-}" ]; then
        qm_tail "$QM_LOG_ON_FAILURE"
    fi
}

# qm_quietly LOG WHAT-TO-DO COMMAND...: output goes to a log, whose end is shown on failure.
qm_quietly() {
    local log=$1 todo=$2
    shift 2
    if ! "$@" >"$log" 2>&1; then
        qm_tail "$log"
        qm_fail "this failed: $*" "$todo"
    fi
}
