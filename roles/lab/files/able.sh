#!/bin/sh
# Says what keeps this machine from carrying the lab, a line for each; says nothing where all is well.
#   able.sh kernel    rights and kernel, before anything is installed
#   able.sh nspawn    a bridge, and a container that runs `true` on this machine's own /usr, and is gone again
set -eu

may() { # CAPABILITY BIT
    capabilities=$(awk '/^CapEff:/ {print $2}' /proc/self/status)
    [ $((0x$capabilities >> $2 & 1)) -eq 1 ] || echo "the capability $1"
}

kernel() {
    may CAP_SYS_ADMIN 21
    may CAP_NET_ADMIN 12
    may CAP_MKNOD 27
    [ -w /proc/sys/net/ipv4/ip_forward ] || echo 'a writable /proc/sys/net/ipv4/ip_forward'
    tops=$(awk '$3 == "cgroup2" || ($3 == "cgroup" && $4 ~ /name=systemd/) {print $2}' /proc/mounts)
    [ -n "$tops" ] || echo 'control groups of version 2, or the hierarchy name=systemd of version 1'
    for top in $tops; do
        if mkdir "$top/tripod-probe" 2>/dev/null; then
            rmdir "$top/tripod-probe"
        else
            echo "the right to make control groups in $top"
        fi
    done
}

nspawn() {
    if said=$(ip link add name tripodprobe type bridge 2>&1); then
        ip link delete tripodprobe
    else
        echo "a kernel that makes bridges (ip link add said: $said)"
    fi
    # Half the machine's memory as a file system is nspawn's default for --volatile; it stays empty.
    said=$(systemd-nspawn --quiet --machine=tripod-probe --directory=/ --volatile=yes --register=no --keep-unit \
        --network-veth --resolv-conf=off --settings=no --console=pipe true </dev/null 2>&1) ||
        echo "a systemd-nspawn that works (it said: $(echo "$said" | head -n 1))"
    [ ! -d /run/systemd/nspawn/propagate/tripod-probe ] || rmdir /run/systemd/nspawn/propagate/tripod-probe
}

case ${1-} in
kernel) kernel ;;
nspawn) nspawn ;;
*) echo "able.sh: unknown action '${1-}'; known: kernel, nspawn" >&2 && exit 2 ;;
esac
