# packages.sh - installs what is missing from Debian 12, and nothing else.  Sourced; needs say.sh.

# qm_as_root COMMAND...: as root, or with sudo.
qm_as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    else
        command -v sudo >/dev/null ||
            qm_fail "packages are missing and there is no sudo" "run this once as root"
        sudo -- "$@"
    fi
}

qm_is_installed() {
    local package=$1 command=${2:-}
    if [ -n "$command" ] && command -v "$command" >/dev/null; then
        return 0
    fi
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ]
}

# qm_missing_packages LIST...: names on stdout.
qm_missing_packages() {
    local package command
    while read -r package command; do
        case $package in '' | '#'*) continue ;; esac
        qm_is_installed "$package" "$command" || printf '%s\n' "$package"
    done < <(cat "$@")
}

qm_apt() {
    qm_as_root env DEBIAN_FRONTEND=noninteractive apt-get -y -q -o DPkg::Lock::Timeout=300 \
        -o Dpkg::Use-Pty=0 "$@" </dev/null
}

# The package of PostgreSQL starts a server of its own unless it is told not to.  Only told where
# no PostgreSQL server has been installed yet: an existing one is left alone.
qm_no_default_cluster() {
    local conf=/etc/postgresql-common/createcluster.d/qiaomen.conf
    if dpkg-query -W -f='${db:Status-Status} ${Package}\n' 'postgresql-[0-9]*' 2>/dev/null |
        grep -Eq '^installed postgresql-[0-9]+$'; then
        return 0
    fi
    qm_say "PostgreSQL is to start no server of its own: $conf"
    qm_apt install --no-install-recommends postgresql-common
    qm_as_root mkdir -p "$(dirname "$conf")"
    printf 'create_main_cluster = false\n' | qm_as_root tee "$conf" >/dev/null
}

# qm_install_packages LOG LIST...
qm_install_packages() {
    local log=$1 missing
    shift
    mapfile -t missing < <(qm_missing_packages "$@")
    if [ "${#missing[@]}" = 0 ]; then
        qm_say "all packages are there"
        return 0
    fi
    command -v apt-get >/dev/null ||
        qm_fail "these packages are missing and this is no Debian: ${missing[*]}" \
            "install them, or use Debian 12"
    qm_say "missing: ${missing[*]}"
    qm_quietly "$log" "is there a network, and another apt running?" qm_apt update
    case " ${missing[*]} " in
    *" postgresql-15 "*) qm_quietly "$log" "see $log" qm_no_default_cluster ;;
    esac
    qm_quietly "$log" "see $log; the list is in deploy/packages" \
        qm_apt install --no-install-recommends "${missing[@]}"
    qm_say "installed ${#missing[@]} packages"
}
