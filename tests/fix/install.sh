#!/bin/sh
# Installs the tools and clients that `cargo test --test fix` and `--test explain` run: Debian's of
# packages.txt (none is started), and into target/fix/venv those of PyPI.
set -eu
cd "$(dirname "$0")"
missing=
for package in $(cat packages.txt); do
    dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || missing="$missing $package"
done
# Node.js may come from elsewhere.
command -v node >/dev/null || missing="$missing nodejs"
command -v java >/dev/null && missing=$(echo "$missing" | sed 's/ default-jdk-headless//')
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
venv=../../target/fix/venv
if ! cmp -s requirements.txt "$venv/requirements.txt"; then
    python3 -c 'import ensurepip' 2>/dev/null || apt-get install -y -qq --no-install-recommends python3-venv
    python3 -m venv --clear "$venv"
    "$venv/bin/python" -m pip install -q --disable-pip-version-check -r requirements.txt
    cp requirements.txt "$venv/requirements.txt"
fi
