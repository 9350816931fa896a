#!/bin/sh
# Makes a host's files, while it does not run: a copy of the tree, and in it what makes it this host.
#   furnish.sh ROOT TREE KEYS_DIR USER UID NAME
# In the environment: HOSTS, NETWORK, NAME_SERVERS, contents of files; MACHINE_ID; MADE_FROM, what to note beside ROOT.
# One script rather than a dozen tasks for each host, which would take a minute.
set -eu
root=$1 tree=$2 keys=$3 user=$4 uid=$5 name=$6
umask 022

put() { # FILE CONTENT
    rm -f "$root$1"
    printf '%s\n' "$2" > "$root$1"
}

rm -f "$root.made-from"
# What came from another tree, or was not copied to its end, is made anew.
if [ ! -e "$root.tree" ] || [ "$(cat "$root.tree")" != "$tree" ]; then
    rm -rf "$root" "$root.tree"
    cp --archive --reflink=auto "$tree" "$root"
    echo "$tree" > "$root.tree"
fi
put /etc/hostname "$name"
put /etc/machine-id "$MACHINE_ID"
put /etc/hosts "$HOSTS"
put /etc/resolv.conf "$NAME_SERVERS"
put /etc/systemd/network/10-host0.network "$NETWORK"
# A mirror may be a snapshot, whose lists of testing and unstable expire after days.
put /etc/apt/apt.conf.d/90tripod-lab 'Acquire::Check-Valid-Until "false";'
install -m 0600 -o 0 -g 0 "$keys/$name.host_key" "$root/etc/ssh/ssh_host_ed25519_key"
install -m 0644 -o 0 -g 0 "$keys/$name.host_key.pub" "$root/etc/ssh/ssh_host_ed25519_key.pub"
install -m 0700 -o "$uid" -g "$uid" -d "$root/home/$user/.ssh"
install -m 0600 -o "$uid" -g "$uid" "$keys/id_ed25519.pub" "$root/home/$user/.ssh/authorized_keys"
echo "$MADE_FROM" > "$root.made-from"
