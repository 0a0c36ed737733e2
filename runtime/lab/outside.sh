#!/bin/sh
# Runs a command, or a shell, on a lab's client outside: outside [--] [COMMAND [ARGUMENT...]]
[ "${1-}" != -- ] || shift
if [ $# -eq 0 ]; then
  PS1='outside# '
  export PS1
  if command -v bash >/dev/null; then set -- bash --norc --noprofile; else set -- sh; fi
fi
exec nsenter --net=/run/netns/outside -- "$@"
