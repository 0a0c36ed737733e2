#!/bin/sh
# Runs a command with a container's own files: enter.sh DIRECTORY COMMAND [ARGUMENT...]
# The caller has made new network, mount and UTS namespaces; what is mounted here is seen by nobody else.
set -eu
directory=$1
shift
if [ -n "$directory" ]; then
  for file in hosts resolv.conf hostname; do
    if [ -e "/etc/$file" ] && [ -e "$directory/$file" ]; then
      mount --bind "$directory/$file" "/etc/$file"
    fi
  done
  if [ -e "$directory/hostname" ]; then
    # The file is closed to the root of a user namespace, to whom the system call is not.
    { cat "$directory/hostname" >/proc/sys/kernel/hostname; } 2>/dev/null ||
      hostname -F "$directory/hostname" 2>/dev/null || true
  fi
fi
# The devices under /sys are those of the network namespace it was mounted in.
mount -t sysfs sysfs /sys 2>/dev/null || true
exec "$@"
