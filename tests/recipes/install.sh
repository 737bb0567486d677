#!/bin/sh
# Installs what `cargo test --test recipes` runs recipes with: Debian's of packages.txt (nothing is started), and into
# target/recipes/venv those of PyPI (requirements.txt).
set -eu
cd "$(dirname "$0")"
missing=
while read -r package; do
    dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || missing="$missing $package"
done <packages.txt
if [ -n "$missing" ]; then
    policy=/usr/sbin/policy-rc.d
    if [ ! -e "$policy" ]; then
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod 755 "$policy"
        trap 'rm -f "$policy"' EXIT
    fi
    apt-get update -qq
    # shellcheck disable=SC2086 # a list of words
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing
fi
venv=../../target/recipes/venv
if ! cmp -s requirements.txt "$venv/requirements.txt"; then
    # Debian's Python, which has its python3-yaml.
    /usr/bin/python3 -m venv --clear --system-site-packages "$venv"
    "$venv/bin/python" -m pip install -q --disable-pip-version-check -r requirements.txt
    cp requirements.txt "$venv/requirements.txt"
fi
