#!/bin/sh
# Starts, stops and looks at the lab's hosts.
#   host.sh LAB_DIR STOP_SECONDS running NAME...           prints the names of those that run
#   host.sh LAB_DIR STOP_SECONDS start NAME BRIDGE CPUS
#   host.sh LAB_DIR STOP_SECONDS stop NAME...              side by side; prints "NAME stopped" for those that ran
#   host.sh LAB_DIR STOP_SECONDS known                     prints the names of all that were started and not stopped
set -eu
lab=$1 seconds=$2 action=$3
shift 3

# The nspawn process of a host and no other: the pattern is anchored and ends with the tree's whole path, and a lab inside a
# container of this machine, whose processes are visible here, is in another PID namespace.
nspawn() { pgrep --ns $$ --nslist pid -f "^systemd-nspawn --quiet --machine=$1 --directory=$lab/$1 "; }

# Where systemd keeps its control groups: version 2, and the named hierarchy beside version 1.
hierarchies() { awk '$3 == "cgroup2" || ($3 == "cgroup" && $4 ~ /name=systemd/) {print $2}' /proc/mounts; }

fail() { echo "host.sh: $1" >&2 && exit 1; }

running() {
    for name; do
        code=0
        nspawn "$name" >/dev/null || code=$?
        case $code in
        0) echo "$name" ;;
        1) ;; # no such process
        *) fail "pgrep failed with $code" ;;
        esac
    done
}

known() {
    for top in $(hierarchies); do
        [ ! -d "$top/tripod-lab" ] || find "$top/tripod-lab" -mindepth 1 -maxdepth 1 -type d -printf '%f\n'
    done | sort -u
}

start() {
    name=$1 bridge=$2 cpus=$3
    clear_away "$name" # a host whose nspawn was killed goes on without it, and would hold the interface
    # Without a group of its own each host would use the caller's, and hosts started from one place would share
    # theirs: units of one name (ssh.service) in one group, counted together and killed together.
    for top in $(hierarchies); do
        mkdir -p "$top/tripod-lab/$name"
        echo $$ > "$top/tripod-lab/$name/cgroup.procs"
    done
    # Control groups of version 2, as such hosts have them elsewhere: newer systemd knows no others. This machine may
    # have both, and would hand down both.
    version=0
    ! grep -q ' cgroup2 ' /proc/mounts || version=1
    # A session of its own and no inherited streams: the host outlives the playbook. The environment is emptied,
    # since nspawn would hand this machine's settings down.
    cd /
    exec setsid --fork env -i PATH="$PATH" TERM=dumb "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=$version" \
        systemd-nspawn --quiet "--machine=$name" "--directory=$lab/$name" \
        --boot --register=no --keep-unit "--network-bridge=$bridge" --resolv-conf=off --link-journal=no \
        --settings=no --console=pipe "--cpu-affinity=$cpus" </dev/null >"$lab/$name.console" 2>&1
}

stop() {
    pids=
    for name; do
        stop_one "$name" &
        pids="$pids $!"
    done
    for pid in $pids; do wait "$pid" || fail 'a host could not be stopped; see above'; done
    for top in $(hierarchies); do
        [ ! -d "$top/tripod-lab" ] || [ -n "$(known)" ] || rmdir "$top/tripod-lab"
    done
}

stop_one() {
    if pid=$(nspawn "$1"); then
        kill -TERM "$pid" # nspawn turns it into an orderly shutdown
        tenths=$((seconds * 10))
        while [ -d "/proc/$pid" ] && [ "$tenths" -gt 0 ]; do
            sleep 0.1
            tenths=$((tenths - 1))
        done
        [ ! -d "/proc/$pid" ] || echo "$1 did not stop within $seconds s and is killed" >&2
        echo "$1 stopped"
    fi
    clear_away "$1"
}

# Kills what is left of a host (its control groups hold nothing else) and removes its groups, interface and folder.
clear_away() {
    for top in $(hierarchies); do
        group=$top/tripod-lab/$1
        rounds=0
        while [ -d "$group" ]; do # a killed process leaves its group a little later
            [ "$rounds" -lt 25 ] || fail "processes of $1 are still in $group"
            rounds=$((rounds + 1))
            # What kill, find and rmdir cannot do in one round, since processes come and go, the next round does.
            # shellcheck disable=SC2046  # one word per process is meant; 0 would be a process of another namespace
            kill -KILL $(find "$group" -name cgroup.procs -exec cat {} + | grep -vx 0) 2>/dev/null || sleep 0.05
            find "$group" -depth -type d -exec rmdir {} + 2>/dev/null || sleep 0.2
        done
    done
    # The interface goes with the host's network namespace, but after its last process.
    rounds=0
    while [ -e "/sys/class/net/vb-$1" ]; do
        [ "$rounds" -lt 25 ] || fail "the interface vb-$1 cannot be removed"
        rounds=$((rounds + 1))
        ip link delete "vb-$1" 2>/dev/null || sleep 0.2
    done
    [ ! -d "/run/systemd/nspawn/propagate/$1" ] || rmdir "/run/systemd/nspawn/propagate/$1"
}

case $action in
running) running "$@" ;;
known) known ;;
start) start "$1" "$2" "$3" ;;
stop) stop "$@" ;;
*) fail "unknown action '$action'; known: running, start, stop, known" ;;
esac
