#!/bin/sh
# Installs the tools and clients that `cargo test --test fix` and `--test explain` run: Debian's of
# packages.txt (none is started), and into target/fix/venv those of PyPI.
set -eu
cd "$(dirname "$0")"
. ../packages.sh
packages=$(cat packages.txt)
# Node.js and Java may come from elsewhere.
command -v node >/dev/null || packages="$packages nodejs"
command -v java >/dev/null && packages=$(echo "$packages" | grep -vx default-jdk-headless)
debian $packages
venv python3 ../../target/fix/venv
