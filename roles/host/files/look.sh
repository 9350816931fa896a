# What a host is, before anything is known of it: it may have no Python yet. Prints lines "key value".
# Arguments: Tripod's directory, the users and the systemd units that it needs, in one word each, then the Pythons
# to look for.
root=$1 users=$2 units=$3
shift 3
if [ -r /etc/os-release ]; then
    . /etc/os-release
else
    ID=$(uname -s) VERSION_ID=$(sw_vers -productVersion) PRETTY_NAME="$ID $VERSION_ID"
fi
echo "system $ID"
echo "version $VERSION_ID"
echo "name $PRETTY_NAME"
for python in "$@"; do
    if path=$(command -v "$python"); then
        # Its version and whether it can make environments; nothing where it does not run.
        echo "python $("$path" -c '
import sys
sys.stdout.write("%d.%d.%d " % sys.version_info[:3])
try:
    import ensurepip, venv
    sys.stdout.write("venv")
except ImportError:
    sys.stdout.write("bare")' || echo none none) $path"
    else
        echo "missing $python"
    fi
done
if [ -e /etc/ssl/certs/ca-certificates.crt ]; then
    echo "certificates yes"
fi
if [ -e "$root/README.tripod" ] || [ -e "$root/envs/uv" ]; then
    echo "root tripod"
elif [ -e "$root" ] && [ -n "$(ls -A "$root")" ]; then
    echo "root foreign"
fi
case $(ls -ld "$root/cache" 2>/dev/null) in
drwx------*) echo "cache closed" ;;
esac
# What does not lie there with the mark of this Tripod is a module's to judge.
unmarked=
for unit in $units; do
    grep -qsxF "Root=$root" "/etc/systemd/system/$unit" || unmarked=yes
done
[ -n "$unmarked" ] || echo "units ours"
for user in $users; do
    if entry=$(getent passwd "$user" 2>/dev/null); then
        echo "user $user $(echo "$entry" | cut -d: -f6)"
    elif getent group "$user" >/dev/null 2>&1; then
        echo "group $user"
    fi
done
# Whom Tripod made: by what provision notes of them, and where they are at home.
getent passwd 2>/dev/null | while IFS=: read -r user _ _ _ note home _; do
    if [ "$home" = "$root" ]; then
        echo "resident $user $note"
    fi
done
