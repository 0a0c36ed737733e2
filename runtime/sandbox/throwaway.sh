#!/bin/sh
# Runs a command on a throwaway host: throwaway.sh COMMAND [ARGUMENT...]
# The caller has made new network, mount and process namespaces; what is mounted and set up here ends with them.
set -eu
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
TSNET_STATE=/run/tsnet
export PATH TSNET_STATE
# Where systemd-resolved is, /etc/resolv.conf is a link into /run.
resolv=$(readlink -f /etc/resolv.conf || true)
text=$(cat "$resolv" 2>/dev/null || true)
mount -t tmpfs tmpfs /run
case $resolv in
  /run/*)
    mkdir -p "${resolv%/*}"
    printf '%s\n' "$text" >"$resolv"
    ;;
esac
mount -t sysfs sysfs /sys 2>/dev/null || true
ip link set lo up
exec "$@"
