# Writes values into sysfs. Arguments: path and value of each. What is there no longer is left out.
while [ $# -gt 1 ]; do
    [ ! -e "$1" ] || echo "$2" >"$1"
    shift 2
done
