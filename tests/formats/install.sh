#!/bin/sh
# Installs what `cargo test --test formats` reads its output with: Debian's of packages.txt (nothing is
# started), and into target/formats those of PyPI (requirements.txt) and npm (package.json).
set -eu
cd "$(dirname "$0")"
. ../packages.sh
packages=$(cat packages.txt)
# Node.js may come from elsewhere.
command -v npm >/dev/null || packages="$packages nodejs npm"
debian $packages
target=../../target/formats
venv python3 "$target/venv"
if ! cmp -s package.json "$target/npm/package.json"; then
    rm -rf "$target/npm"
    mkdir -p "$target/npm"
    cp package.json "$target/npm/"
    if ! (cd "$target/npm" && npm install --silent --no-audit --no-fund --no-package-lock); then
        rm -r "$target/npm"
        exit 1
    fi
fi
