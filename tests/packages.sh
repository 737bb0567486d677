# What the install.sh of each stage has in common; read in, not run.

# Debian's packages, as far as they are missing. What is a server is not started.
debian() {
    missing=
    for package; do
        dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || missing="$missing $package"
    done
    [ -n "$missing" ] || return 0
    policy=/usr/sbin/policy-rc.d
    if [ ! -e "$policy" ]; then
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod 755 "$policy"
        trap 'rm -f "$policy"' EXIT
    fi
    apt-get update -qq
    # shellcheck disable=SC2086 # a list of words
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing
}

# PyPI's packages of requirements.txt in a folder of their own: venv PYTHON FOLDER [OPTION].
venv() {
    python=$1 folder=$2
    shift 2
    cmp -s requirements.txt "$folder/requirements.txt" && return 0
    "$python" -c 'import ensurepip' 2>/dev/null || debian python3-venv
    "$python" -m venv --clear "$@" "$folder"
    "$folder/bin/python" -m pip install -q --disable-pip-version-check --no-warn-script-location -r requirements.txt
    cp requirements.txt "$folder/requirements.txt"
}
