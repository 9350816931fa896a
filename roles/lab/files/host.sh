#!/bin/sh
# Starts, stops and looks at one host of the lab.
#   host.sh LAB_DIR STOP_SECONDS NAME status             exit 0 if it runs, 3 if not
#   host.sh LAB_DIR STOP_SECONDS NAME start BRIDGE CPUS
#   host.sh LAB_DIR STOP_SECONDS NAME stop
set -eu
lab=$1 seconds=$2 name=$3 action=$4
root=$lab/$name

# The nspawn process of this host and no other: the pattern is anchored and ends with the tree's whole path, and a lab inside a
# container of this machine, whose processes are visible here, is in another PID namespace.
nspawn() { pgrep --ns $$ --nslist pid -f "^systemd-nspawn --quiet --machine=$name --directory=$root "; }

# Where systemd keeps its control groups: version 2, and the named hierarchy beside version 1.
hierarchies() { awk '$3 == "cgroup2" || ($3 == "cgroup" && $4 ~ /name=systemd/) {print $2}' /proc/mounts; }

start() {
    clear_away # a host whose nspawn was killed goes on without it, and would hold the interface
    # Without a group of its own each host would use the caller's, and hosts started from one place would share
    # theirs: units of one name (ssh.service) in one group, counted together and killed together.
    for top in $(hierarchies); do
        mkdir -p "$top/tripod-lab/$name"
        echo $$ > "$top/tripod-lab/$name/cgroup.procs"
    done
    # A session of its own and no inherited streams: the host outlives the playbook. The environment is emptied,
    # since nspawn would hand this machine's settings down.
    cd /
    exec setsid --fork env -i PATH="$PATH" TERM=dumb systemd-nspawn --quiet "--machine=$name" "--directory=$root" \
        --boot --register=no --keep-unit "--network-bridge=$1" --resolv-conf=off --link-journal=no \
        --settings=no --console=pipe "--cpu-affinity=$2" </dev/null >"$root.console" 2>&1
}

stop() {
    if pid=$(nspawn); then
        kill -TERM "$pid" # nspawn turns it into an orderly shutdown
        tenths=$((seconds * 10))
        while kill -0 "$pid" 2>/dev/null && [ "$tenths" -gt 0 ]; do
            sleep 0.1
            tenths=$((tenths - 1))
        done
        ! kill -0 "$pid" 2>/dev/null || echo "$name did not stop within $seconds s and is killed" >&2
        echo "$name stopped"
    fi
    clear_away
    for top in $(hierarchies); do
        [ ! -d "$top/tripod-lab" ] || rmdir "$top/tripod-lab" 2>/dev/null || : # other hosts may still be in it
    done
}

# Kills what is left of the host (its control groups hold nothing else) and removes its groups, interface and folder.
clear_away() {
    for top in $(hierarchies); do
        group=$top/tripod-lab/$name
        rounds=0
        while [ -d "$group" ] && [ "$rounds" -lt 25 ]; do # a killed process leaves its group a little later
            # shellcheck disable=SC2046  # one word per process is meant; 0 would be a process of another namespace
            kill -KILL $(find "$group" -name cgroup.procs -exec cat {} + | grep -vx 0) 2>/dev/null || :
            find "$group" -depth -type d -exec rmdir {} + 2>/dev/null || sleep 0.2
            rounds=$((rounds + 1))
        done
        [ ! -d "$group" ] || { echo "processes of $name are still in $group" >&2 && exit 1; }
    done
    [ ! -e "/sys/class/net/vb-$name" ] || ip link delete "vb-$name" 2>/dev/null || :
    [ ! -d "/run/systemd/nspawn/propagate/$name" ] || rmdir "/run/systemd/nspawn/propagate/$name" 2>/dev/null || :
}

case $action in
status) nspawn >/dev/null || exit 3 ;;
start) start "$5" "$6" ;;
stop) stop ;;
*) echo "host.sh: unknown action '$action'; known: status, start, stop" >&2 && exit 2 ;;
esac
