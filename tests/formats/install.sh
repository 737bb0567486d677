#!/bin/sh
# Installs what `cargo test --test formats` reads its output with: Debian's of packages.txt (nothing is
# started), and into target/formats those of PyPI (requirements.txt) and npm (package.json).
set -eu
cd "$(dirname "$0")"
missing=
for package in $(cat packages.txt); do
    dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || missing="$missing $package"
done
# Node.js may come from elsewhere.
command -v npm >/dev/null || missing="$missing nodejs npm"
if [ -n "$missing" ]; then
    policy=/usr/sbin/policy-rc.d
    if [ ! -e "$policy" ]; then
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod 755 "$policy"
        trap 'rm -f "$policy"' EXIT
    fi
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing
fi
target=../../target/formats
venv=$target/venv
if ! cmp -s requirements.txt "$venv/requirements.txt"; then
    python3 -c 'import ensurepip' 2>/dev/null || apt-get install -y -qq --no-install-recommends python3-venv
    python3 -m venv --clear "$venv"
    "$venv/bin/python" -m pip install -q --disable-pip-version-check -r requirements.txt
    cp requirements.txt "$venv/requirements.txt"
fi
if ! cmp -s package.json "$target/npm/package.json"; then
    rm -rf "$target/npm"
    mkdir -p "$target/npm"
    cp package.json "$target/npm/"
    if ! (cd "$target/npm" && npm install --silent --no-audit --no-fund --no-package-lock); then
        rm -r "$target/npm"
        exit 1
    fi
fi
