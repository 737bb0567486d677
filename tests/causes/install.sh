#!/bin/sh
# Installs what `cargo test --test causes` runs: Debian's of packages.txt (none is started), and
# into target/causes/venv the intercepting proxy, which is PyPI's.
set -eu
cd "$(dirname "$0")"
. ../packages.sh
debian $(cat packages.txt)
venv /usr/bin/python3 ../../target/causes/venv
