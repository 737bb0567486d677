#!/bin/sh
# Installs what `cargo test --test recipes` runs recipes with: Debian's of packages.txt (nothing is started), and into
# target/recipes/venv those of PyPI (requirements.txt).
set -eu
cd "$(dirname "$0")"
# shellcheck source=/dev/null
. ../packages.sh
# shellcheck disable=SC2046 # a list of words
debian $(cat packages.txt)
# Debian's Python, which has its python3-yaml.
venv /usr/bin/python3 ../../target/recipes/venv --system-site-packages
