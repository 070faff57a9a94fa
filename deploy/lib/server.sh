# server.sh - starts and stops a qiaomend of one's own.  Sourced; needs say.sh.
# All functions take DIR, where this lies: qiaomend.conf, qiaomend.pid, log/qiaomend.log.

# qm_alive PIDFILE: is the process of this file alive, and is it a qiaomend?
qm_alive() {
    local pid
    [ -s "$1" ] || return 1
    pid=$(cat "$1")
    [ -r "/proc/$pid/cmdline" ] && tr '\0' ' ' <"/proc/$pid/cmdline" | grep -q qiaomend
}

# qm_port_taken PORT
qm_port_taken() {
    (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# qm_http_status PORT PATH: the status of an answer, 000 if there is none.
qm_http_status() {
    local line=''
    if exec 3<>"/dev/tcp/127.0.0.1/$1"; then
        printf 'GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n' "$2" >&3
        IFS= read -r -t 5 line <&3 || true
        exec 3>&-
    fi 2>/dev/null
    line=${line#HTTP/1.1 }
    printf '%s' "${line:0:3}"
}

# qm_server_start DIR QIAOMEND PORT: returns when the server is ready.
qm_server_start() {
    local dir=$1 qiaomend=$2 port=$3 i
    if qm_alive "$dir/qiaomend.pid"; then
        qm_say "the server runs already (process $(cat "$dir/qiaomend.pid"))"
        return 0
    fi
    if qm_port_taken "$port"; then
        qm_fail "port $port is taken by another program" "choose another one: --port N"
    fi
    mkdir -p "$dir/log"
    nohup "$qiaomend" --config "$dir/qiaomend.conf" serve >>"$dir/log/qiaomend.log" 2>&1 </dev/null &
    printf '%s\n' "$!" >"$dir/qiaomend.pid"
    for ((i = 0; i < 150; i++)); do
        if [ "$(qm_http_status "$port" /readyz)" = 200 ]; then
            return 0
        fi
        qm_alive "$dir/qiaomend.pid" || break
        sleep 0.2
    done
    qm_tail "$dir/log/qiaomend.log"
    qm_fail "the server did not become ready" "its log is above and in $dir/log/qiaomend.log"
}

# qm_server_stop DIR: asks it to finish what is open, and waits.
qm_server_stop() {
    local dir=$1 pid i
    if qm_alive "$dir/qiaomend.pid"; then
        pid=$(cat "$dir/qiaomend.pid")
        kill -TERM "$pid"
        for ((i = 0; i < 150; i++)); do
            kill -0 "$pid" 2>/dev/null || break
            sleep 0.2
        done
        if kill -0 "$pid" 2>/dev/null; then
            qm_say "the server did not stop within 30 s; killing process $pid"
            kill -KILL "$pid"
        fi
    fi
    rm -f "$dir/qiaomend.pid"
}

# qm_server_reload DIR: it reads its settings again.
qm_server_reload() {
    qm_alive "$1/qiaomend.pid" && kill -HUP "$(cat "$1/qiaomend.pid")"
}
