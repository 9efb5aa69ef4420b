#!/bin/sh
# Sets the processor for measuring: highest fixed frequency, no turbo, one thread a core, no pages
# made large behind one's back. Install as /usr/local/sbin/perfleet-tuning. What a host does not have
# is left out; `collector doctor` says what came of it. A restart of the host undoes it.
set -eu

# Another root than / is for trying it out.
root=${1:-}
cpu=$root/sys/devices/system/cpu

set_to() {
    [ -e "$2" ] || return 0
    if printf '%s\n' "$1" >"$2" 2>/dev/null; then
        echo "$2 = $1"
    else
        echo "warning: $2 cannot be set to $1" >&2
    fi
}

for governor in "$cpu"/cpu[0-9]*/cpufreq/scaling_governor; do
    set_to performance "$governor"
done
set_to 1 "$cpu/intel_pstate/no_turbo"
set_to 0 "$cpu/cpufreq/boost"
set_to off "$cpu/smt/control"
set_to madvise "$root/sys/kernel/mm/transparent_hugepage/enabled"
