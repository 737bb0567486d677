#!/bin/sh
# Installs what `cargo test --test causes` runs: Debian's of packages.txt (none is started), and
# into target/causes/venv the intercepting proxy, which is PyPI's.
set -eu
cd "$(dirname "$0")"
missing=
for package in $(cat packages.txt); do
    dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || missing="$missing $package"
done
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
venv=../../target/causes/venv
if ! cmp -s requirements.txt "$venv/requirements.txt"; then
    /usr/bin/python3 -m venv --clear "$venv"
    "$venv/bin/python" -m pip install -q --disable-pip-version-check --no-warn-script-location -r requirements.txt
    cp requirements.txt "$venv/requirements.txt"
fi
