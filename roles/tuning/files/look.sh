# Prints two parts with a line of \035 between them: the switches of the processors' clock that this kernel has, each
# with `yes` or `no` (whether it can be set here) and its value; and what was there before (JSON).
# Arguments: where sysfs is mounted, the file of before.
cpus=$1/devices/system/cpu before=$2
for path in "$cpus"/cpu[0-9]*/cpufreq/scaling_governor "$cpus"/intel_pstate/no_turbo "$cpus"/cpufreq/boost; do
    [ -e "$path" ] || continue
    can=no
    [ ! -w "$path" ] || can=yes
    case $path in
    *_governor) grep -qsw performance "${path%/*}/scaling_available_governors" || can=no ;;
    esac
    echo "$path $can $(cat "$path")"
done
printf '\035\n'
[ ! -e "$before" ] || cat "$before"
