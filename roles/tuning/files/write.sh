# Writes values into sysfs, each that can be, and fails if one could not. Arguments: path and value of each. What is
# there no longer is left out, and so is a switch that had no value.
bad=0
while [ $# -gt 1 ]; do
    if [ -e "$1" ] && [ -n "$2" ]; then
        printf '%s\n' "$2" >"$1" || bad=1
    fi
    shift 2
done
exit $bad
