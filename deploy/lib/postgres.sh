# postgres.sh - a private PostgreSQL 15 in a folder, without a port.  Sourced; needs nothing else.
#
#   qm_pg_init DIR      makes it: role and database `qiaomen`; again: nothing
#   qm_pg_start DIR     starts it and waits until it answers; again: nothing
#   qm_pg_stop DIR      stops it; again: nothing
#   qm_pg_conninfo DIR  prints the libpq conninfo of its database for the current user
#   qm_pg_psql DIR ...  psql as its superuser `postgres`, for extensions and the like
#   qm_pg_drop DIR      stops it and removes all of it, data too
#
# QM_PG_PASSING=1 makes one that nobody needs after a power cut, for a test: its first files are not synced.
#
# It lies in DIR. PostgreSQL refuses to run as root: then the user `postgres` runs it, and if that
# user cannot come to DIR (below /root, say), or DIR's path is too long for a unix socket, it lies
# in a folder with a name made from DIR's path, and DIR holds only a file `place` that says where.
# A cluster of the system is never touched: all commands name their data folder.
#
# Who may connect: the kernel tells the server who is at the other end of the socket (`peer`), and
# pg_ident.conf says which users of the system may be which role: root, `postgres`, `qiaomen` and
# the user who made it. No password lies around, and `trust` would let in whoever reaches the
# socket. The role `qiaomen` owns its database and is no superuser.

qm_pg_user=postgres

qm_pg_say() {
    printf '    %s\n' "$*" >&2
}

# qm_pg_error WHAT [LOG]
qm_pg_error() {
    printf 'postgres: %s\n' "$1" >&2
    [ -z "${2:-}" ] || tail -n 20 "$2" >&2
    return 1
}

qm_pg_is_root() {
    [ "$(id -u)" = 0 ]
}

# Runs a command as the user who runs PostgreSQL, in a folder that this user can be in.
qm_pg_as() {
    if qm_pg_is_root; then
        (cd / && exec runuser -u "$qm_pg_user" -- "$@")
    else
        (cd / && exec "$@")
    fi
}

# qm_pg_program NAME: its path.
qm_pg_program() {
    local path=/usr/lib/postgresql/15/bin/$1
    [ -x "$path" ] || path=$(command -v "$1") ||
        qm_pg_error "there is no $1; install postgresql-15" || return 1
    printf '%s\n' "$path"
}

# ---- where it lies ----

# A name for the path that stays the same.
qm_pg_hash() {
    printf '%s' "$1" | sha256sum | cut -c1-16
}

# Can the user who runs PostgreSQL make a socket in this folder, which exists?
qm_pg_reachable() {
    local socket=$1/.s.PGSQL.5432
    [ "${#socket}" -le 103 ] && qm_pg_as test -x "$(dirname "$1")"
}

# The folder to take if DIR cannot be used.
qm_pg_elsewhere() {
    if qm_pg_is_root; then
        printf '/var/lib/qiaomen/%s\n' "$(qm_pg_hash "$1")"
    else
        printf '%s/qiaomen-%s-%s\n' "${TMPDIR:-/var/tmp}" "$(id -u)" "$(qm_pg_hash "$1")"
    fi
}

# qm_pg_place DIR: the folder in which it lies or would lie.
qm_pg_place() {
    local dir
    dir=$(realpath -m "$1")
    if [ -f "$dir/place" ]; then
        cat "$dir/place"
    elif [ -d "$dir/data" ] || qm_pg_reachable "$dir"; then
        printf '%s\n' "$dir"
    else
        qm_pg_elsewhere "$dir"
    fi
}

# A folder that only its user enters.
qm_pg_folder() {
    local path=$1
    mkdir -p "$(dirname "$path")" || return 1
    [ -d "$path" ] || mkdir -m 700 "$path" || return 1
    if qm_pg_is_root; then
        chown "$qm_pg_user:" "$path" || return 1
    elif [ ! -O "$path" ]; then
        qm_pg_error "$path belongs to somebody else" || return 1
    fi
    chmod 700 "$path"
}

# Data whose DIR was removed and made again is not this DIR's: it is put aside, never deleted.
qm_pg_put_orphan_aside() {
    local place=$1 aside
    [ -d "$place/data" ] || return 0
    aside=$place.old-$(date +%Y%m%dT%H%M%S)
    qm_pg_halt "$place" || return 1
    mv "$place" "$aside" || return 1
    qm_pg_say "data of an earlier folder of the same name is now in $aside"
}

# ---- making it ----

qm_pg_settings() {
    cat <<'TEXT'
# Written when the data folder was made; for a machine with 2 cores and 24 GiB that does more than
# this.  Durability is PostgreSQL's default: a commit that was reported is on the disk.
listen_addresses = ''
max_connections = 60
shared_buffers = 512MB
effective_cache_size = 8GB
work_mem = 16MB
maintenance_work_mem = 256MB
random_page_cost = 1.1
# The statements are short: compiling them costs more than it gives.
jit = off
max_wal_size = 4GB
min_wal_size = 512MB
wal_compression = lz4
checkpoint_timeout = 15min
# Counters and states are updated in place all day.
autovacuum_naptime = 20s
autovacuum_vacuum_scale_factor = 0.05
autovacuum_vacuum_insert_scale_factor = 0.1
autovacuum_analyze_scale_factor = 0.05
autovacuum_vacuum_cost_limit = 1000
timezone = 'UTC'
log_timezone = 'UTC'
# Messages without DETAIL and without parameters: these would hold names and numbers of people.
log_error_verbosity = terse
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
log_line_prefix = '%m [%p] %a '
log_checkpoints = off
TEXT
}

qm_pg_ident() {
    local user role
    for user in $(printf '%s\n' root "$qm_pg_user" qiaomen "$(id -un)" | sort -u); do
        for role in postgres qiaomen; do
            printf 'qiaomen "%s" %s\n' "$user" "$role"
        done
    done
}

# Puts what it reads into a file of the data folder.
qm_pg_write() {
    qm_pg_as tee "$1" >/dev/null
}

qm_pg_make_data() {
    local place=$1 new=$1/data.new initdb passing=()
    initdb=$(qm_pg_program initdb) || return 1
    [ -z "${QM_PG_PASSING:-}" ] || passing=(--no-sync)
    qm_pg_as rm -rf "$new" # of an attempt that was cut off
    qm_pg_as "$initdb" -D "$new" -U postgres -E UTF8 --locale=C.UTF-8 -A peer --data-checksums \
        "${passing[@]}" 2>&1 | qm_pg_write "$place/log"
    [ "${PIPESTATUS[0]}" = 0 ] || qm_pg_error "initdb failed" "$place/log" || return 1
    {
        qm_pg_settings
        printf "unix_socket_directories = '%s'\n" "${place//\'/\'\'}"
    } | qm_pg_write "$new/qiaomen.conf" || return 1
    echo "include 'qiaomen.conf'" | qm_pg_as tee -a "$new/postgresql.conf" >/dev/null || return 1
    qm_pg_ident | qm_pg_write "$new/pg_ident.conf" || return 1
    printf 'local %s all peer map=qiaomen\n' all replication | qm_pg_write "$new/pg_hba.conf" ||
        return 1
    qm_pg_as mv "$new" "$place/data"
}

qm_pg_make_database() {
    qm_pg_psql "$1" -v ON_ERROR_STOP=1 >/dev/null <<'SQL'
SELECT 'CREATE ROLE qiaomen LOGIN CREATEROLE'
 WHERE NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'qiaomen') \gexec
SELECT 'CREATE DATABASE qiaomen OWNER qiaomen'
 WHERE NOT EXISTS (SELECT 1 FROM pg_database WHERE datname = 'qiaomen') \gexec
SQL
}

qm_pg_init() {
    local dir place
    dir=$(realpath -m "$1")
    mkdir -p "$dir" || return 1
    place=$(qm_pg_place "$dir") || return 1
    if [ "$place" != "$dir" ] && [ ! -f "$dir/place" ]; then
        qm_pg_put_orphan_aside "$place" || return 1
        printf '%s\n' "$place" >"$dir/place" || return 1
        qm_pg_say "PostgreSQL cannot use $dir: its data and socket are in $place"
    fi
    qm_pg_folder "$place" || return 1
    [ -d "$place/data" ] || qm_pg_make_data "$place" || return 1
    # The last thing made: without it an earlier init was cut off.
    [ -f "$place/made" ] && return 0
    qm_pg_start "$dir" && qm_pg_make_database "$dir" && qm_pg_stop "$dir" &&
        qm_pg_as touch "$place/made"
}

# ---- running it ----

# qm_pg_ctl PLACE COMMAND...
qm_pg_ctl() {
    local place=$1 ctl
    shift
    ctl=$(qm_pg_program pg_ctl) || return 1
    qm_pg_as "$ctl" -D "$place/data" -s "$@"
}

qm_pg_runs() {
    qm_pg_ctl "$1" status >/dev/null 2>&1 && ! qm_pg_is_zombie "$1"
}

# Is the server dead, but not yet taken note of by its parent? Where process 1 never does that (in
# many containers), PostgreSQL would think for ever that it still runs.
qm_pg_is_zombie() {
    local pid
    pid=$(qm_pg_as head -n 1 "$1/data/postmaster.pid" 2>/dev/null) || return 1
    grep -q '^State:.Z' "/proc/$pid/status" 2>/dev/null
}

# Does any process still work in this data folder? All of PostgreSQL's do, with it as theirs.
qm_pg_in_use() {
    local cwd
    for cwd in /proc/[0-9]*/cwd; do
        [ "$(readlink "$cwd" 2>/dev/null)" != "$1/data" ] || return 0
    done
    return 1
}

# Removes the locks that a zombie holds, once the processes it left behind have ended too.
qm_pg_bury() {
    local try
    qm_pg_is_zombie "$1" || return 0
    for try in 1 2 3 4 5 6 7 8 9 10; do
        if ! qm_pg_in_use "$1"; then
            qm_pg_as rm -f "$1/data/postmaster.pid" "$1/.s.PGSQL.5432.lock"
            return
        fi
        sleep "0.$try"
    done
    qm_pg_error "the server in $1 was killed, but processes of it still run"
}

qm_pg_start() {
    local place
    place=$(qm_pg_place "$1") || return 1
    [ -d "$place/data" ] || qm_pg_error "there is none in $1: qm_pg_init makes it" || return 1
    qm_pg_runs "$place" && return 0
    qm_pg_bury "$place" || return 1
    # Its descriptors are its own: a caller that pipes our output must not wait for the server.
    qm_pg_ctl "$place" -w -t 120 -l "$place/log" start </dev/null >/dev/null 2>&1 ||
        qm_pg_error "PostgreSQL did not start; see $place/log" "$place/log"
}

# Stops what runs in PLACE.
# qm_pg_halt PLACE [MODE]
qm_pg_halt() {
    [ -d "$1/data" ] && qm_pg_runs "$1" || return 0
    qm_pg_ctl "$1" -w -t 120 -m "${2:-fast}" stop >/dev/null ||
        qm_pg_error "PostgreSQL in $1 did not stop" "$1/log"
}

qm_pg_stop() {
    local place
    place=$(qm_pg_place "$1") || return 1
    qm_pg_halt "$place"
}

qm_pg_drop() {
    local dir place
    dir=$(realpath -m "$1")
    place=$(qm_pg_place "$dir") || return 1
    # What goes anyway needs not be written to the disk first.
    qm_pg_halt "$place" immediate || return 1
    rm -rf "$place/data" "$place/data.new"
    rm -f "$place/log" "$place/made" "$dir/place"
    rmdir "$place" "$dir" 2>/dev/null || true
}

# ---- reaching it ----

# qm_pg_quote TEXT: as a value of a conninfo.
qm_pg_quote() {
    local text=${1//\\/\\\\}
    printf "'%s'" "${text//\'/\\\'}"
}

qm_pg_conninfo() {
    local place host
    place=$(qm_pg_place "$1") || return 1
    host=$place
    [[ $host =~ ^[A-Za-z0-9/._-]+$ ]] || host=$(qm_pg_quote "$place")
    printf 'host=%s user=qiaomen dbname=qiaomen\n' "$host"
}

# qm_pg_psql DIR [ARGUMENT...]
qm_pg_psql() {
    local place psql
    place=$(qm_pg_place "$1") || return 1
    shift
    psql=$(qm_pg_program psql) || return 1
    "$psql" -X -q -d "host=$(qm_pg_quote "$place") user=postgres dbname=postgres" "$@"
}
