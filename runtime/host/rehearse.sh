#!/bin/sh
# Loads the ruleset on standard input where nothing else is, and prints what the kernel makes of it.
# The caller has made a new network namespace, which ends with us.
set -eu
nft -f -
exec nft --json --stateless list ruleset
