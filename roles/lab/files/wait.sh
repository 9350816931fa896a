#!/bin/sh
# Waits until systemd, asked over SSH, says that a host has booted.
#   wait.sh SECONDS SSH_COMMAND...
# Prints `running`, or `degraded` (a unit failed; it still serves). After SECONDS: exit 1, with what was said last.
set -eu
seconds=$1
shift
end=$(($(date +%s) + seconds))
while left=$((end - $(date +%s))) && [ "$left" -gt 0 ]; do
    # Before the user may log in ssh fails, and after that systemctl waits; a host that hangs is cut off.
    code=0
    said=$(timeout "$left" "$@" systemctl is-system-running --wait 2>&1) || code=$?
    case $said in running | degraded) echo "$said" && exit 0 ;; esac
    sleep 0.3
done
echo "${said:-nothing} (exit code ${code:-none})" >&2
exit 1
