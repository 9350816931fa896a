# Prints three parts with a line of \035 between them: limits in force, those set at boot, and those of before (JSON).
# Arguments: the file for the boot, the file of before, then the names of limits.
boot=$1 before=$2
shift 2
for name in "$@"; do
    path=/proc/sys/$(echo "$name" | tr . /)
    [ ! -e "$path" ] || echo "$name = $(cat "$path")"
done
printf '\035\n'
[ ! -e "$boot" ] || cat "$boot"
printf '\035\n'
[ ! -e "$before" ] || cat "$before"
