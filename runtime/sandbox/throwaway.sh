#!/bin/sh
# Runs a command on a throwaway host: throwaway.sh COMMAND [ARGUMENT...]
# The caller has made new network, mount and process namespaces; what is mounted and set up here ends with them.
set -eu
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
TSNET_STATE=/run/tsnet
export PATH TSNET_STATE
mount -t tmpfs tmpfs /run
mount -t sysfs sysfs /sys 2>/dev/null || true
ip link set lo up
exec "$@"
