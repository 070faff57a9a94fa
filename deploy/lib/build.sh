# build.sh - compiles with meson.  Sourced; needs say.sh.

# qm_build FOLDER LOG [MESON OPTION...]: sets FOLDER up if it is not, and compiles what changed.
qm_build() {
    local folder=$1 log=$2
    shift 2
    mkdir -p "$(dirname "$log")"
    if [ ! -f "$folder/build.ninja" ]; then
        qm_quietly "$log" "see $log; is everything of deploy/packages installed?" \
            meson setup "$folder" "$@"
    fi
    qm_quietly "$log" "see $log" ninja -C "$folder"
}
