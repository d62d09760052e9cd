#!/bin/sh
# guard.sh PID: when that process has ended, however it did, ends what was started in the folder $GUARDED.
trap '' HUP INT TERM
tail --pid="$1" -f /dev/null
for path in $(grep -lsF "$GUARDED" /proc/[0-9]*/cmdline); do
    pid=${path#/proc/}
    pid=${pid%/cmdline}
    kill -9 "$pid" 2>/dev/null && tail --pid="$pid" -f /dev/null
done
rm -rf "$GUARDED"
