#!/bin/sh
# What a login does inside a fresh session bus: unlocks the keyring, or starts one that hangs, where the test has one,
# and goes on with "$@".
# The daemon must have its passphrase before it owns its name on the bus.
set -eu
if [ -n "$KEYRING_PASSPHRASE" ]; then
  printf '%s' "$KEYRING_PASSPHRASE" | gnome-keyring-daemon --unlock --components=secrets >/dev/null
fi
unset KEYRING_PASSPHRASE
if [ -n "$STUCK_KEYRING" ]; then
  said=$(mktemp)
  # Its standard input never ends; it goes with the bus.
  sleep infinity | "$STUCK_KEYRING" >"$said" &
  until grep -q ready "$said"; do sleep 0.05; done
  rm "$said"
fi
unset STUCK_KEYRING
exec "$@"
