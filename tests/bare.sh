#!/bin/bash
# Tries the two lines of the README on a machine that has nothing: Debian 12 with python3.11 and python3-venv, without a
# font, a locale, a PostgreSQL or git, as an ordinary user, from a fresh clone of what is committed.
#
#   sudo tests/bare.sh                     both lines
#   sudo tests/bare.sh demo                the first alone
#   sudo tests/bare.sh tests               the second alone
#   sudo tests/bare.sh tests tests/unit    the second, with these arguments of pytest
#
# The demo and the tests themselves run in a network of their own, where nothing is but a loopback: no server of this
# machine stands in for what the bare one lacks.
#
# It needs root, debootstrap, git, iproute2 and about 4 GB below TMPDIR. `DEBIAN_MIRROR` names another mirror. What pip of this
# machine is told (its files, PIP_*, proxies, local folders it names) holds inside as well. Everything is mounted in a
# namespace of this script's own and ends with it. The exit code is that of the first line that fails.
set -euo pipefail

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
which=${1:-both}
shift || true
root=$(mktemp -d "${TMPDIR:-/tmp}/syncer-bare.XXXXXX")
trap 'rm -rf --one-file-system "$root"' EXIT

debootstrap --variant=minbase --include=python3,python3-venv bookworm "$root" ${DEBIAN_MIRROR:+"$DEBIAN_MIRROR"} \
    >"$root.log" 2>&1 || { tail -20 "$root.log"; exit 1; }
rm -f "$root.log"
chmod 755 "$root"
chroot "$root" useradd --create-home --home-dir /somebody --shell /bin/bash somebody
git clone --quiet "$repository" "$root/somebody/syncer"

# The files and folders that pip needs from here: its own configuration, and what that and the environment name.
told=$(python3 -m pip config list 2>/dev/null; env | grep -E '^(PIP_|SSL_CERT_|REQUESTS_CA_)' || true)
named=$(grep -oE "(^|[=' ]|file://)/[^' ]+" <<<"$told" | sed -E "s#^([=' ]|file://)##" | sort -u || true)
for path in /etc/resolv.conf /etc/hosts /etc/pip.conf /etc/xdg/pip $named; do
    [[ $path != */simple ]] || path=${path%/*}  # an index in a folder has its files beside it
    if [ -e "$path" ] && [[ $path != /tmp/* ]]; then echo "$path"; fi
done | sort -u >"$root/needed"
if [ -e "$HOME/.config/pip/pip.conf" ]; then
    install -D -m 644 "$HOME/.config/pip/pip.conf" "$root/somebody/.config/pip/pip.conf"
fi
chroot "$root" chown -R somebody:somebody /somebody

variables=()
while IFS= read -r variable; do
    variables+=("$variable")
done < <(env | grep -iE '^(PIP_|SSL_CERT_|REQUESTS_CA_|(https?|no|all)_proxy=)' || true)

# README's own lines, so that what is tried is what it says.
mapfile -t lines < <(grep '^python3 -m venv \.venv' "$repository/README.md")

inside() {  # runs a command in the bare machine, with what else `unshare` shall take away
    export root line=$1
    unshare --mount --propagation private "${@:2}" bash -euc '
        [ ! -e /sys/class/net/lo ] || ip link set lo up
        mount -t proc proc "$root/proc"
        mount --rbind /dev "$root/dev"
        while IFS= read -r path; do
            if [ -d "$path" ]; then
                mkdir -p "$root$path"
            elif [ ! -e "$root$path" ]; then
                mkdir -p "$root${path%/*}"
                touch "$root$path"
            fi
            mount --bind -o ro "$path" "$root$path"
        done <"$root/needed"
        exec chroot --userspec=somebody:somebody "$root" /usr/bin/env -i HOME=/somebody USER=somebody \
            PATH=/usr/local/bin:/usr/bin:/bin "$@" /bin/bash -c "cd ~/syncer && $line"
    ' bash "${variables[@]}"
}

try() {  # a line of the README: it installs with the network of this machine, and works without
    echo "--- $1"
    inside "${1% && *}"
    inside "${1##* && }" --net
}

if [ "$which" != tests ]; then
    try "${lines[0]}"
fi
if [ "$which" != demo ]; then
    arguments=""
    [ $# -eq 0 ] || arguments=$(printf ' %q' "$@")
    try "${lines[1]}$arguments"
fi
