#!/bin/sh
# What a login does inside a fresh session bus: unlocks the keyring, where the test has one, and goes on with "$@".
# The daemon must have its passphrase before it owns its name on the bus.
set -eu
if [ -n "$KEYRING_PASSPHRASE" ]; then
  printf '%s' "$KEYRING_PASSPHRASE" | gnome-keyring-daemon --unlock --components=secrets >/dev/null
fi
unset KEYRING_PASSPHRASE
exec "$@"
